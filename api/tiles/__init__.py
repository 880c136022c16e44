"""Vector tiles: rows of collections drawn on the squares of a web map, encoded as Mapbox Vector Tiles 2.1."""
