"""What it costs to carry goods by truck."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parkgeo.errors import PackError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["truck_yuan_per_t"]

_MIN_PER_H = 60.0


def truck_yuan_per_t(
    km: NDArray[np.float64],
    minutes: NDArray[np.float64],
    motorway_km: NDArray[np.float64],
    *,
    yuan_per_km: float,
    yuan_per_h: float,
    toll_yuan_per_km: float,
    load_t: float,
) -> NDArray[np.float64]:
    """Cost of carrying a tonne by a loaded truck, one way.

    Parameters
    ----------
    km, minutes
        Of the quickest way for a truck.
    motorway_km
        The part of ``km`` on motorways, for the toll.
    yuan_per_km
        Fuel, tyres, wear.
    yuan_per_h
        Driver and the truck's time.
    toll_yuan_per_km
        Of a kilometre of motorway.
    load_t
        Tonnes in a truck.

    Returns
    -------
    numpy.ndarray
        float64, yuan a tonne; NaN where one of the three is: where there is no gate or no way for a truck, or the way's length
        is not known.

    Raises
    ------
    PackError
        The load is not above 0, or a rate is below 0.

    Notes
    -----
    (km · yuan/km + minutes ÷ 60 · yuan/h + motorway km · toll) ÷ load. Loading, waiting and the empty way back are not in it.

    Examples
    --------
    60 km in an hour, 40 of them on a motorway, with 30 t: (60 · 3.5 + 60 + 40 · 2) ÷ 30.

    >>> import numpy as np
    >>> rates = {"yuan_per_km": 3.5, "yuan_per_h": 60.0, "toll_yuan_per_km": 2.0, "load_t": 30.0}
    >>> truck_yuan_per_t(np.array([60.0]), np.array([60.0]), np.array([40.0]), **rates).round(3).tolist()
    [11.667]
    """
    rates = (yuan_per_km, yuan_per_h, toll_yuan_per_km)
    if not load_t > 0 or not all(rate >= 0 for rate in rates):
        told = ", ".join(f"{rate:g}" for rate in rates)
        raise PackError(
            f"truck rates of {told} with a load of {load_t:g} t",
            mend="give a load above 0 and rates of 0 or more",
        )
    return (km * yuan_per_km + minutes / _MIN_PER_H * yuan_per_h + motorway_km * toll_yuan_per_km) / load_t
