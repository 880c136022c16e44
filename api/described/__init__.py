"""The service described: for programs in OpenAPI, for people in pages."""
