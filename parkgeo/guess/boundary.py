"""What must not become the parcels on a mere guess: boundaries, single outlines, and what is named otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parkgeo.guess.words import words_in
from parkgeo.layers import schema, sentence

if TYPE_CHECKING:
    from parkgeo.guess.look import Table
    from parkgeo.guess.score import Likelihood
    from parkgeo.layers import Sentence

__all__ = ["could_be_ids", "no_parcels"]

_MOST_PARKS = 12
_SHOWN = 5


def no_parcels(table: Table, parcels: Likelihood) -> Sentence | None:
    """Why a table is not taken for the parcels although nothing better is there; None where it may be.

    Parameters
    ----------
    table
        The table.
    parcels
        How much it looks like the parcels.

    Returns
    -------
    Sentence or None
        None for a table of which a column is plainly the parcels' number, and for OpenStreetMap's areas.
    """
    by_id = next((guess for guess in parcels.columns if guess.field.name == "parcel_id" and guess.live), None)
    if table.known or (by_id is not None and by_id.confidence != "guess"):
        return None
    told = (*words_in(table.path.stem), *words_in(table.name))
    named_parcels = any(word.layer == "parcels" for word in told)
    other = next((word for word in told if word.weight >= 1), None)
    if other is not None and not named_parcels:
        return sentence(
            "its name says “{word}” and no column is plainly the parcels' number", word=other.text
        )
    if len(table.shapes) == 1:
        return sentence("one single polygon, and no column is plainly the parcels' number")
    column = None if named_parcels else _names_of_parks(table)
    if column is not None:
        return sentence("its column “{column}” names parks, row by row", column=column)
    return None


def _names_of_parks(table: Table) -> str | None:
    """A column with a park's name or number of its own in every row; parcels repeat theirs."""
    if len(table.shapes) > _MOST_PARKS:
        return None
    parks, parcels = schema("parks"), schema("parcels")
    return next(
        (
            column
            for column in table.columns
            if parks.field_for(column) is not None
            and parcels.field_for(column) is None
            and table.content(column).unique
        ),
        None,
    )


def could_be_ids(table: Table) -> tuple[str, ...]:
    """Columns that a person may choose as the id: of their own in every row first, else those with most values."""
    contents = {column: table.content(column) for column in table.columns}
    unique = [column for column, content in contents.items() if content.unique]
    ids = sorted(
        (column for column, content in contents.items() if len(content.ids) > 1),
        key=lambda column: -len(contents[column].ids),
    )
    return tuple(unique[:_SHOWN] or ids[:1])
