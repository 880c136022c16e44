"""Slope, relief and earthworks of ground from a grid of heights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["GROUND", "GroundSums", "gradients"]

GROUND = ("cells", "valid_share", "mean_m", "slope", "steep_share", "relief_m", "cut_m3")
"""What a grid of heights says of a polygon; see `GroundSums.figures`."""

_HALF = 0.5


def gradients(heights: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How heights rise from cell to cell, along the rows and down the columns.

    Parameters
    ----------
    heights
        Rows and columns of heights; NaN where there is none.

    Returns
    -------
    tuple of numpy.ndarray
        Rise to the next column and to the next row, in the unit of the heights for a cell.

    Notes
    -----
    Over the eight neighbours by Horn's weights. Where one of them has no height, at the grid's edge say, by the difference of the two
    neighbours on either side, else to the one that has a height; NaN where none has.

    References
    ----------
    Horn 1981, Hill shading and the reflectance map, Proceedings of the IEEE 69(1), doi:10.1109/PROC.1981.11918.

    Examples
    --------
    >>> east, south = gradients(np.array([[0.0, 2.0, 4.0], [1.0, 3.0, 5.0], [2.0, 4.0, 6.0]]))
    >>> float(east[1, 1]), float(south[1, 1]), float(east[0, 0])
    (2.0, 1.0, 2.0)
    """
    padded = np.pad(heights, 1, constant_values=np.nan)
    north, middle, south = padded[:-2], padded[1:-1], padded[2:]
    rises = (north[:, 2:] - north[:, :-2], middle[:, 2:] - middle[:, :-2], south[:, 2:] - south[:, :-2])
    across = (rises[0] + 2 * rises[1] + rises[2]) / 8
    falls = [south[:, at : at + heights.shape[1]] - north[:, at : at + heights.shape[1]] for at in range(3)]
    down = (falls[0] + 2 * falls[1] + falls[2]) / 8
    return (
        _filled(across, heights, middle[:, :-2], middle[:, 2:]),
        _filled(down, heights, north[:, 1:-1], south[:, 1:-1]),
    )


def _filled(
    rise: NDArray[np.float64],
    here: NDArray[np.float64],
    before: NDArray[np.float64],
    after: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Where a neighbour has no height, the rise between those that have one."""
    both, one, other = (after - before) / 2, after - here, here - before
    rest = np.where(np.isnan(both), np.where(np.isnan(one), other, one), both)
    found: NDArray[np.float64] = np.where(np.isnan(rise), rest, rise)
    found[np.isnan(here)] = np.nan
    return found


class GroundSums:
    """What cells of a grid add up to under polygons: first all of a polygon's once, then, for its earthworks, once more.

    Parameters
    ----------
    cell_m
        Of each polygon how a step on the grid lies on the ground, metres: east and north of a step along the row, east and north of
        a step down the column. Columns ``column_east``, ``row_east``, ``column_north``, ``row_north`` in this order.
    steep
        Slope above which ground is steep, as rise over run.
    """

    def __init__(self, cell_m: NDArray[np.float64], steep: float) -> None:
        count = len(cell_m)
        self._cell_m, self._steep = cell_m, steep
        self._area_m2 = np.abs(cell_m[:, 0] * cell_m[:, 3] - cell_m[:, 1] * cell_m[:, 2])
        self._cells, self._heights, self._sloping, self._slopes, self._steeps, self._moved = np.zeros(
            (6, count)
        )
        self._lowest, self._highest = np.full(count, np.inf), np.full(count, -np.inf)

    def add(
        self,
        at: NDArray[np.intp],
        owner: NDArray[np.intp],
        share: NDArray[np.float64],
        height: NDArray[np.float64],
        rise: tuple[NDArray[np.float64], NDArray[np.float64]],
    ) -> None:
        """Add cells of some polygons.

        Parameters
        ----------
        at
            Places of the polygons.
        owner
            Of each cell, whose it is among these.
        share, height
            Covered share of the cell, and its height in metres.
        rise
            Its `gradients`.
        """
        has, on = ~np.isnan(height), share >= _HALF
        self._cells[at] += np.bincount(owner[has], share[has], len(at))
        self._heights[at] += np.bincount(owner[has], (share * height)[has], len(at))
        np.minimum.at(self._lowest, at[owner[on & has]], height[on & has])
        np.maximum.at(self._highest, at[owner[on & has]], height[on & has])
        slope = self._slope(at[owner], *rise)
        told = ~np.isnan(slope)
        self._sloping[at] += np.bincount(owner[told], share[told], len(at))
        self._slopes[at] += np.bincount(owner[told], (share * slope)[told], len(at))
        self._steeps[at] += np.bincount(owner[told], (share * (slope > self._steep))[told], len(at))

    def _slope(
        self, place: NDArray[np.intp], east: NDArray[np.float64], south: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Rise over run on the ground: the gradient on the grid by the inverse of how a step lies."""
        column_east, row_east, column_north, row_north = self._cell_m[place].T
        whole = column_east * row_north - row_east * column_north
        to_east = (row_north * east - column_north * south) / whole
        to_north = (column_east * south - row_east * east) / whole
        slope: NDArray[np.float64] = np.hypot(to_east, to_north)
        return slope

    def add_earthworks(
        self,
        at: NDArray[np.intp],
        owner: NDArray[np.intp],
        share: NDArray[np.float64],
        height: NDArray[np.float64],
    ) -> None:
        """Add what lies above and below the mean height of polygons all of whose cells were added."""
        off = share * np.abs(height - self._mean(at)[owner])
        has = ~np.isnan(off)
        self._moved[at] += np.bincount(owner[has], off[has], len(at))

    def _mean(self, at: NDArray[np.intp]) -> NDArray[np.float64]:
        with np.errstate(invalid="ignore", divide="ignore"):
            mean: NDArray[np.float64] = self._heights[at] / self._cells[at]
        return mean

    def figures(self, area_cells: NDArray[np.float64]) -> pd.DataFrame:
        """What the ground is like under each polygon.

        Parameters
        ----------
        area_cells
            Its area in cells.

        Returns
        -------
        pandas.DataFrame
            Columns `GROUND`: cells with a height, in shares; their share of the polygon; mean height, m; mean slope, rise over
            run; share of the ground that is steep; highest less lowest cell that lies at least by half on the polygon, m; ground
            above the mean height, m³. NaN where no height is known.

        Notes
        -----
        The level at which no earth is brought in or taken away is the mean height, so cut and fill are each Σ|height − mean| × area ÷ 2
        over the cells that have a height. Loosening, batters and topsoil are not in it.
        """
        none = self._cells <= 0
        nothing = np.isinf(self._lowest)
        with np.errstate(invalid="ignore", divide="ignore"):
            found = {
                "cells": self._cells,
                "valid_share": np.where(area_cells > 0, np.minimum(self._cells / area_cells, 1.0), 0.0),
                "mean_m": self._mean(np.arange(len(none))),
                "slope": self._slopes / self._sloping,
                "steep_share": np.minimum(self._steeps / self._sloping, 1.0),
                "relief_m": np.where(nothing, np.nan, self._highest - self._lowest),
                "cut_m3": np.where(none, np.nan, self._moved * self._area_m2 / 2),
            }
        return pd.DataFrame(found, columns=list(GROUND))
