"""The addresses of the service; each module holds one family of them and says what the OpenAPI document tells of it."""
