"""How much a table looks like a layer, each sign with its weight and its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from parkgeo.guess.columns import ColumnGuess, guess_columns
from parkgeo.guess.confidence import LIKELY
from parkgeo.guess.content import fit
from parkgeo.guess.words import words_in
from parkgeo.ingest.tables import TABLE_ENDINGS
from parkgeo.layers import schema, schemas, sentence

if TYPE_CHECKING:
    from pathlib import Path

    from parkgeo.guess.look import Table
    from parkgeo.guess.relations import Relation
    from parkgeo.layers import LayerSchema, Sentence

__all__ = ["Likelihood", "base_score", "beside_parcels", "possible_layers"]

_FAMILIES = {
    "parks": ("polygon",), "parcels": ("polygon",), "buildings": ("polygon",), "constraints": ("polygon",),
    "plan": ("polygon",), "roads": ("line",), "utilities": ("line", "point"), "facilities": ("point", "polygon"), "gates": ("point",),
    "supply": ("none",), "delays": ("none",), "enterprises": ("none",), "occupancy": ("none",), "performance": ("none",),
    "supply_links": ("none",),
}  # fmt: skip
_TABLE_NAME, _FILE_NAME, _FOLDER_NAME = 3.0, 2.5, 1.5
_COLUMNS, _HALF_COLUMNS, _COVERED = 4.0, 1.5, 1.0
_KNOWN = 5.0
_CODES, _NO_REQUIRED = 2.0, 3.0
_WORDS_OF_CODES = 0.8
_FEW_PARKS, _MANY_PARKS = 5, 12
_MOSTLY, _HARDLY = 0.6, 0.05
_SMALLER, _LARGER = 0.6, 3.0


@dataclass(frozen=True)
class Likelihood:
    """A table taken for a layer.

    Attributes
    ----------
    layer
        The layer.
    score
        Sum of the signs' weights.
    reasons
        The signs, the weightiest first.
    columns
        Its columns as fields.
    """

    layer: LayerSchema
    score: float
    reasons: tuple[Sentence, ...]
    columns: tuple[ColumnGuess, ...]

    @property
    def lacking(self) -> tuple[str, ...]:
        """Required fields without a column."""
        there = {guess.field.name for guess in self.columns if guess.live}
        return tuple(
            name for name, field in self.layer.fields.items() if field.required and name not in there
        )

    def plus(self, weight: float, reason: Sentence) -> Likelihood:
        """The same with one sign more."""
        reasons = (reason, *self.reasons) if weight > _FOLDER_NAME else (*self.reasons, reason)
        return Likelihood(self.layer, self.score + weight, reasons, self.columns)


def possible_layers(table: Table) -> tuple[str, ...]:
    """The layers that have geometry of the table's family; a table within a map file is not read as one."""
    if table.known:
        return (table.known,)
    if table.family == "none" and table.path.suffix.lower() not in TABLE_ENDINGS:
        return ()
    return tuple(layer for layer, families in _FAMILIES.items() if table.family in families)


def base_score(
    table: Table, layer: str, root: Path, *, parcel_ids: frozenset[str] = frozenset()
) -> Likelihood:
    """What names, columns and cells say of a table being a layer.

    Parameters
    ----------
    table
        The table.
    layer
        The layer.
    root
        The folder that is looked through; what it is called itself says nothing.
    parcel_ids
        Ids of the parcels, as far as they are known.
    """
    told = schema(layer)
    columns = guess_columns(table, told, parcel_ids=parcel_ids, with_ledger=layer == "parcels")
    signs = [
        *([(_KNOWN, sentence("the layer of this name in OpenStreetMap"))] if table.known else []),
        *_names(table, layer, root),
        *_fields(table, told, columns),
        *_codes(table, columns),
    ]
    found = Likelihood(told, 0.0, (), columns)
    if found.lacking and layer != "parcels":
        fields = tuple(told.fields[name] for name in found.lacking)
        signs.append((-_NO_REQUIRED, sentence("no column for {fields}", fields=fields)))
    signs.sort(key=lambda sign: -sign[0])
    return Likelihood(told, sum(weight for weight, _ in signs), tuple(reason for _, reason in signs), columns)


def _names(table: Table, layer: str, root: Path) -> list[tuple[float, Sentence]]:
    """Signs in the names of table, file and folders; of each only the weightiest word."""
    try:
        folders = table.path.relative_to(root).parent.parts
    except ValueError:
        folders = ()
    places = [
        (_TABLE_NAME, table.name, "the table's name says “{word}”"),
        (_FILE_NAME, table.path.stem, "the file's name says “{word}”"),
        *((_FOLDER_NAME, name, "the folder's name says “{word}”") for name in folders[-2:]),
    ]
    signs = []
    for weight, name, pattern in places:
        words = words_in(name)
        own = [word for word in words if word.layer == layer]
        if own:
            best = max(own, key=lambda word: word.weight)
            # A name that speaks of several layers says less of each.
            shared = len({word.layer for word in words if word.weight >= best.weight})
            signs.append((weight * best.weight / shared, sentence(pattern, word=best.text)))
    return signs


def _fields(
    table: Table, layer: LayerSchema, columns: tuple[ColumnGuess, ...]
) -> list[tuple[float, Sentence]]:
    """Signs in the columns: those that only this layer has say most."""
    recognised = [guess for guess in columns if guess.score >= LIKELY]
    if not recognised:
        return []
    rivals = [other for other in possible_layers(table) if other != layer.name]
    matched = sum(guess.score / (1 + _also_in(guess.column, rivals)) for guess in recognised)
    share = len(recognised) / max(len(table.columns), 1)
    weight = _COLUMNS * matched / (matched + _HALF_COLUMNS) + _COVERED * share
    reason = sentence(
        "{recognised} of its {columns} columns are fields of this layer",
        recognised=len(recognised), columns=len(table.columns),
    )  # fmt: skip
    return [(weight, reason)]


def _also_in(column: str, layers: list[str]) -> int:
    return sum(schemas()[layer].field_for(column) is not None for layer in layers)


def _codes(table: Table, columns: tuple[ColumnGuess, ...]) -> list[tuple[float, Sentence]]:
    """Signs in the cells: words that only one field knows."""
    signs = []
    for guess in columns:
        content = table.content(guess.column)
        if guess.field.kind == "code" and (fit(content, guess.field) or 0) >= _WORDS_OF_CODES:
            words = tuple(dict.fromkeys(str(cell) for cell in content.cells))[:3]
            signs.append((_CODES, sentence("cells such as {words} are this layer's words", words=words)))
    return signs


def beside_parcels(
    found: Likelihood, table: Table, relation: Relation, sizes: tuple[float, float]
) -> Likelihood:
    """A likelihood with what the place says, once it is known which table holds the parcels.

    Parameters
    ----------
    found
        What names, columns and cells say.
    table
        The table.
    relation
        How it lies to the parcels.
    sizes
        Middle area of its polygons and of the parcels, m².
    """
    if table.known:
        return found
    signs = {"parks": _as_park, "buildings": _as_buildings}
    sign = signs[found.layer.name](len(table.shapes), relation, *sizes) if found.layer.name in signs else None
    return found if sign is None else found.plus(*sign)


def _as_park(count: int, relation: Relation, own: float, parcels: float) -> tuple[float, Sentence] | None:
    del own, parcels
    if relation.holds >= _MOSTLY and count <= _FEW_PARKS:
        return 3.0, sentence("most of the parcels lie within its few polygons")
    if count > _MANY_PARKS:
        return -2.5, sentence("too many polygons for boundaries of parks")
    if relation.holds < _HARDLY:
        return -2.0, sentence("its polygons hold no parcels")
    return None


def _as_buildings(
    count: int, relation: Relation, own: float, parcels: float
) -> tuple[float, Sentence] | None:
    del count
    if relation.within >= _MOSTLY and own < _SMALLER * parcels:
        return 2.0, sentence("small polygons that lie within the parcels")
    if own > _LARGER * parcels:
        return -2.0, sentence("its polygons are larger than the parcels")
    return None
