"""The typed layers: one schema a layer, the validator, and what a set of layers is."""

from __future__ import annotations

from parkgeo.layers.changes import ADDS_TO, Action, Change, Scenario
from parkgeo.layers.layers import RASTERS, Layers, RasterSource
from parkgeo.layers.schema import Field, LayerSchema, schema, schemas
from parkgeo.layers.sentence import Sentence, sentence
from parkgeo.layers.validate import FARTHEST_M, Fault, Reject, Validated, validate
from parkgeo.layers.validity import are_valid

__all__ = [
    "ADDS_TO", "FARTHEST_M", "RASTERS",
    "Action", "Change", "Fault", "Field", "LayerSchema", "Layers", "RasterSource", "Reject", "Scenario", "Sentence", "Validated", "are_valid", "schema", "schemas",
    "sentence", "validate",
]  # fmt: skip
