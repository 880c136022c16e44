"""The road network: graph, travel times, and where places meet it. Pure arrays; no file, no pack."""
