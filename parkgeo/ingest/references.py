"""Ids in one layer that stand in no other: a contract for a parcel that is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parkgeo.errors import name_some

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["check_references"]

_REFERENCES = (
    ("supply", "parcel_id", "parcels"),
    ("occupancy", "parcel_id", "parcels"),
    ("occupancy", "enterprise_id", "enterprises"),
    ("performance", "enterprise_id", "enterprises"),
)


def check_references(frames: dict[str, Any]) -> Iterator[tuple[str, str, str, str, NDArray[np.int64]]]:
    """Rows that refer to nothing, and parcels with several contracts.

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
            what = f"{field} that is not in {target}"
            yield from _by_file(orphans, layer, field, what, f"correct the id, or add it to {target}")
    if "supply" in frames:
        frame = frames["supply"]
        several = frame[frame["parcel_id"].duplicated(keep=False)]
        yield from _by_file(
            several, "supply", "parcel_id", "several contracts for one parcel", "keep the one in force for each parcel"
        )


def _by_file(
    rows: pd.DataFrame, layer: str, field: str, what: str, mend: str
) -> Iterator[tuple[str, str, str, str, NDArray[np.int64]]]:
    for file, found in rows.groupby("source_file", sort=True):
        ids = name_some(sorted(set(found[field])))
        yield str(file), layer, f"{what}: {ids}", mend, found["source_row"].to_numpy()
