"""The typed layers: one schema a layer, the validator, and what a set of layers is."""

from __future__ import annotations

from parkgeo.layers.layers import Layers, RasterSource
from parkgeo.layers.schema import Field, LayerSchema, schema, schemas
from parkgeo.layers.validate import Validated, validate

__all__ = ["Field", "LayerSchema", "Layers", "RasterSource", "Validated", "schema", "schemas", "validate"]
