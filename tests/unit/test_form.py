"""Areas and built form, by hand; then what every metric owes its caller."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon

from parkgeo import metrics
from parkgeo.metrics import METRICS, coverage
from parkgeo.metrics.form import (
    area_difference_ratio,
    building_coefficient,
    building_density,
    building_floor_area,
    far,
    footprint,
    parcel_floor_area,
    site_area,
)
from parkgeo.metrics.performance import per_mu
from parkgeo.units import known_units
from tests.builders import l_shape, land, rect, with_hole

if TYPE_CHECKING:
    from collections.abc import Callable

NAN = float("nan")


def series(*values: float) -> pd.Series[float]:
    return pd.Series(values, dtype="float64")


class TestSiteArea:
    def test_of_simple_shapes(self):
        shapes = [
            rect(0, 0, 20, 10),
            l_shape(0, 0, 10),
            with_hole(0, 0, 10, 4),
            MultiPolygon([rect(0, 0, 1, 1), rect(5, 5, 2, 2)]),
        ]
        assert site_area(land(shapes).geometry).tolist() == [200.0, 75.0, 84.0, 5.0]

    def test_without_geometry_is_missing_not_zero(self):
        assert np.isnan(site_area(land([None, rect(0, 0, 1, 1)]).geometry)).tolist() == [True, False]

    def test_of_an_empty_shape_is_zero(self):
        assert site_area(land([Polygon()]).geometry).tolist() == [0.0]

    @pytest.mark.parametrize("crs", [None, 4490, 4326])
    def test_in_degrees_is_refused(self, crs):
        with pytest.raises(ValueError, match="projected"):
            site_area(gpd.GeoSeries([rect(0, 0, 1, 1)], crs=crs))


class TestAreaDifference:
    def test_is_a_share_of_the_registered_area(self):
        drawn, registered = series(1050, 980, 1000), series(1000, 1000, 1000)
        assert area_difference_ratio(drawn, registered).tolist() == [0.05, -0.02, 0.0]

    def test_is_missing_without_either(self):
        assert area_difference_ratio(series(NAN, 10, 10), series(10, NAN, 0)).isna().all()


class TestFloorArea:
    def of(self, *, outline: float = 100.0, above: float = 8, **cells: Any) -> float:
        building = pd.DataFrame({name: [value] for name, value in cells.items()})
        return float(building_floor_area(building, np.array([outline]), double_above_m=above).iloc[0])

    def test_is_outline_times_floors(self):
        assert self.of(floors=3.0) == 300.0

    def test_is_the_stated_one_where_there_is_one(self):
        assert self.of(floors=3.0, floor_area_m2=250.0) == 250.0
        assert self.of(floors=3.0, floor_area_m2=NAN) == 300.0

    @pytest.mark.parametrize(("height", "area"), [(7.9, 100.0), (8.0, 100.0), (8.1, 200.0)])
    def test_doubles_above_eight_metres_only(self, height, area):
        assert self.of(floors=1.0, storey_height_m=height) == area

    def test_the_stated_storey_height_goes_before_the_height(self):
        assert self.of(floors=1.0, height_m=12.0, storey_height_m=6.0) == 100.0
        assert self.of(floors=1.0, height_m=12.0, storey_height_m=NAN) == 200.0

    def test_height_is_shared_by_the_floors(self):
        assert self.of(floors=2.0, height_m=16.0) == 200.0
        assert self.of(floors=2.0, height_m=16.2) == 400.0

    def test_a_stated_area_doubles_too(self):
        assert self.of(floors=1.0, height_m=10.0, floor_area_m2=90.0) == 180.0

    def test_the_height_that_doubles_is_the_packs(self):
        assert self.of(floors=1.0, height_m=10.0, above=12) == 100.0

    def test_is_missing_where_nothing_is_known(self):
        assert np.isnan(self.of(floors=NAN, height_m=9.0))
        assert np.isnan(self.of(use="厂房"))

    @pytest.mark.parametrize(
        ("kind", "area"), [("building", 200.0), (None, 200.0), ("structure", 0.0), ("yard", 0.0)]
    )
    def test_structures_and_yards_have_none(self, kind, area):
        assert self.of(floors=2.0, kind=kind) == area

    def test_a_yard_of_unknown_floors_has_none_either(self):
        assert self.of(floors=NAN, kind="yard") == 0.0


class TestOnParcels:
    parcels = land([rect(0, 0, 10, 10), rect(10, 0, 10, 10), rect(20, 0, 10, 10)])

    def test_floor_area_across_an_edge_goes_by_footprint(self):
        buildings = land([rect(6, 0, 10, 10)])  # 40 m² on the first, 60 m² on the second
        cover = coverage(self.parcels.geometry, buildings.geometry)
        found = parcel_floor_area(self.parcels, cover, np.array([500.0]), np.array([100.0]))
        assert found.tolist() == [200.0, 300.0, 0.0]

    def test_one_building_without_floors_makes_its_parcel_missing(self):
        buildings = land([rect(0, 0, 2, 2), rect(4, 4, 2, 2), rect(10, 0, 2, 2)])
        cover = coverage(self.parcels.geometry, buildings.geometry)
        found = parcel_floor_area(self.parcels, cover, np.array([4.0, NAN, 8.0]), np.full(3, 4.0))
        assert found.fillna(-1).tolist() == [-1.0, 8.0, 0.0]

    def test_footprint_counts_what_counts(self):
        buildings = land([rect(0, 0, 2, 2), rect(4, 4, 2, 3), rect(10, 0, 2, 2)])
        cover = coverage(self.parcels.geometry, buildings.geometry)
        assert footprint(self.parcels, cover, np.array([True, False, True]), "f").tolist() == [4.0, 4.0, 0.0]
        assert footprint(self.parcels, cover, np.array([True, True, True]), "f").tolist() == [10.0, 4.0, 0.0]


class TestRatios:
    @pytest.mark.parametrize("ratio", [far, building_density, building_coefficient])
    def test_is_part_over_site(self, ratio):
        assert ratio(series(500, 0), series(1000, 1000)).tolist() == [0.5, 0.0]

    @pytest.mark.parametrize("ratio", [far, building_density, building_coefficient])
    def test_is_missing_where_either_is(self, ratio):
        assert ratio(series(NAN, 5, 5), series(10, NAN, 0)).isna().all()

    @given(
        st.lists(st.tuples(st.floats(0, 1e6, allow_subnormal=False), st.floats(1, 1e6)), min_size=1),
        st.floats(0.5, 20),
    )
    def test_does_not_change_with_scale(self, pairs, k):
        part, whole = (series(*column) for column in zip(*pairs, strict=True))
        np.testing.assert_allclose(far(part * k**2, whole * k**2), far(part, whole), rtol=1e-9, atol=1e-300)

    @given(st.lists(st.floats(0, 1), min_size=1), st.floats(1, 1e6))
    def test_density_stays_in_bounds(self, shares, whole):
        found = building_density(series(*shares) * whole, series(*[whole] * len(shares)))
        assert found.between(0, 1 + 1e-12).all()


def test_per_mu():
    assert per_mu(series(30, 15), series(10_000, 10_000.0 / 15), "x").tolist() == pytest.approx([2.0, 15.0])
    assert per_mu(series(NAN, 1, 1), series(10, NAN, 0), "x").isna().all()


# What every metric owes its caller.
def _sites(count: int) -> gpd.GeoDataFrame:
    frame = land(
        [rect(20 * at, 0, 10, 10) for at in range(count)], parcel_id=[f"p{at}" for at in range(count)]
    )
    return frame.set_axis(pd.Index(range(7, 7 + count)))


def _halls(count: int) -> gpd.GeoDataFrame:
    return land([rect(20 * at, 0, 5, 4) for at in range(count)], floors=[2.0] * count)


def _column(frame: pd.DataFrame, value: float) -> pd.Series[float]:
    return pd.Series(value, index=frame.index, dtype="float64")


def _floors(sites: gpd.GeoDataFrame, halls: gpd.GeoDataFrame) -> pd.Series[float]:
    outline = halls.area.to_numpy()
    area = building_floor_area(halls, outline, double_above_m=8).to_numpy()
    return parcel_floor_area(sites, coverage(sites.geometry, halls.geometry), area, outline)


CONTRACT: dict[str, Callable[[gpd.GeoDataFrame, gpd.GeoDataFrame], pd.Series[float]]] = {
    "site_area_m2": lambda sites, _: site_area(sites.geometry),
    "area_difference_ratio": lambda sites, _: area_difference_ratio(_column(sites, 100), _column(sites, 80)),
    "footprint_m2": lambda sites, halls: footprint(
        sites, coverage(sites.geometry, halls.geometry), np.ones(len(halls), dtype=bool), "footprint_m2"
    ),
    "floor_area_m2": _floors,
    "far": lambda sites, _: far(_column(sites, 40), _column(sites, 100)),
    "building_density": lambda sites, _: building_density(_column(sites, 20), _column(sites, 100)),
    "building_coefficient": lambda sites, _: building_coefficient(_column(sites, 20), _column(sites, 100)),
    **{
        f"{name}_wan_per_mu": lambda sites, _, name=name: per_mu(
            _column(sites, 3), _column(sites, 2000), f"{name}_wan_per_mu"
        )
        for name in ("output", "value_added", "tax", "fixed_assets")
    },
}
EXPECTED = {
    "site_area_m2": 100.0, "area_difference_ratio": 0.25, "footprint_m2": 20.0, "floor_area_m2": 40.0, "far": 0.4,
    "building_density": 0.2, "building_coefficient": 0.2, "output_wan_per_mu": 1.0, "value_added_wan_per_mu": 1.0,
    "tax_wan_per_mu": 1.0, "fixed_assets_wan_per_mu": 1.0,
}  # fmt: skip


def test_these_metrics_are_in_the_catalogue():
    """That every metric of the catalogue is a float column of an analysis is held by the golden run of the sample."""
    assert set(CONTRACT) <= {metric.name for metric in METRICS}


@pytest.mark.parametrize("name", CONTRACT)
@pytest.mark.parametrize("count", [0, 1, 4])
def test_index_name_type_and_input(name, count):
    sites, halls = _sites(count), _halls(count)
    before = sites.copy(deep=True), halls.copy(deep=True)
    found = CONTRACT[name](sites, halls)
    assert isinstance(found, pd.Series)
    assert found.index.equals(sites.index)
    assert found.name == name
    assert found.dtype == np.float64
    assert found.tolist() == pytest.approx([EXPECTED[name]] * count)
    pd.testing.assert_frame_equal(sites, before[0])
    pd.testing.assert_frame_equal(halls, before[1])


def test_the_catalogue_says_everything_of_every_metric():
    for metric in METRICS:
        assert all(
            (metric.zh, metric.en, metric.formula_zh, metric.formula_en, metric.source, metric.needs)
        ), metric.name
        entry = metric.entry()
        assert entry["type"] == "number"
        assert entry["unit"] == "" or known_units(str(entry["unit"])), metric.name
        if metric.name.endswith("_m2"):
            assert entry["unit"] == "m2"
        if metric.name.endswith("_wan_per_mu"):
            assert entry["unit"] == "wan/mu"


def test_public_names_are_what_is_exported():
    exported = {
        name
        for name, value in vars(metrics).items()
        if not name.startswith("_") and not inspect.ismodule(value)
    }
    assert exported - {"annotations"} == set(metrics.__all__)
