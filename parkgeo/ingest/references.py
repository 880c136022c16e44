"""What layers say of each other: a contract for a parcel that is not there, two figures for one month."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parkgeo.layers import schema, sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from parkgeo.layers import Sentence

    _Found = tuple[str, str, Sentence, Sentence, NDArray[np.int64]]

__all__ = ["check_references"]

_REFERENCES = (
    ("supply", "parcel_id", "parcels"),
    ("delays", "parcel_id", "parcels"),
    ("occupancy", "parcel_id", "parcels"),
    ("occupancy", "enterprise_id", "enterprises"),
    ("performance", "enterprise_id", "enterprises"),
    ("gates", "parcel_id", "parcels"),
)
_PERIOD = ("enterprise_id", "year", "month")


def check_references(frames: dict[str, Any]) -> Iterator[_Found]:
    """Rows that refer to nothing, parcels with several contracts, companies with several figures for one period.

    Parameters
    ----------
    frames
        Layer → validated frame.

    Yields
    ------
    tuple
        File, layer, what is wrong, how to mend it, rows in the file. The rows stay in their layer.
    """
    for layer, field, target in _REFERENCES:
        if layer in frames and target in frames:
            frame = frames[layer]
            orphans = frame[~frame[field].isin(frames[target][field])]
            what = "{field} that is not in {target}: {ids}"
            if schema(layer).key:
                what = "{field} that is not in {target}: {ids} ({key} {own})"
            mend = sentence("correct the id, or add it to {target}", target=schema(target))
            yield from _by_file(orphans, layer, field, what, mend, target=schema(target))
    if "supply" in frames:
        frame = frames["supply"]
        several = frame[frame["parcel_id"].duplicated(keep=False)]
        mend = sentence("keep the one in force for each parcel")
        yield from _by_file(several, "supply", "parcel_id", "several contracts for one parcel: {ids}", mend)
    if "performance" in frames:
        yield from _doubled_figures(frames["performance"])


def _doubled_figures(frame: pd.DataFrame) -> Iterator[_Found]:
    period = [name for name in _PERIOD if name in frame]
    for field in schema("performance").fields:
        if field in frame and field not in _PERIOD:
            given = frame[frame[field].notna()]
            several = given[given.duplicated(period, keep=False)]
            what = "several figures for one company and period: {field}: {ids}"
            mend = sentence("keep the right one for each company and period")
            yield from _by_file(several, "performance", "enterprise_id", what, mend, figure=field)


def _by_file(
    rows: pd.DataFrame,
    layer: str,
    field: str,
    what: str,
    mend: Sentence,
    *,
    figure: str = "",
    **values: object,
) -> Iterator[_Found]:
    for file, found in rows.groupby("source_file", sort=True):
        ids = tuple(sorted(set(found[field])))
        named = schema(layer).fields[figure or field]
        if key := schema(layer).key:
            # A gate, unlike a row of a ledger, has an id of its own, by which it is found on the map.
            values |= {"key": schema(layer).fields[key], "own": tuple(found[key])}
        yield (
            str(file),
            layer,
            sentence(what, field=named, ids=ids, **values),
            mend,
            found["source_row"].to_numpy(),
        )
