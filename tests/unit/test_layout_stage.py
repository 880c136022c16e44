"""The stage on layout: columns, rows and gaps of a park of a few parcels; what is missing stays missing."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from parkgeo.assess.layout import kinds_of_codes, use_group
from parkgeo.assess.park.rows import indicator_frame
from parkgeo.layers import Layers
from parkgeo.packs import load_packs
from parkgeo.pipeline.desk import Desk
from parkgeo.pipeline.layout import laid_out, layout
from parkgeo.pipeline.reach import parks_reach
from tests.builders import land, rect

DAY = dt.date(2026, 6, 30)
RULES = load_packs(["national"], Path())
HEAD = '[pack]\nname = "ours"\nedition = "1"\n'
OURS = 'source = "ours"\nedition = "1"\nverified = true\n'
# A street from south to north at x = 400 divides a park of a square kilometre.
STREET = land([shapely.LineString([(400, -50), (400, 1050)])], road_id=["r"], road_class=["local"])
SITES = (rect(0, 0, 300, 100), rect(0, 200, 100, 100), rect(500, 0, 100, 100), rect(390, 500, 100, 100))
CODES = ("100101", "0701", "1401", "1207")


@pytest.fixture
def office(tmp_path):
    def rules(text):
        (tmp_path / "ours.toml").write_text(HEAD + text, encoding="utf-8")
        return load_packs(["national", "ours.toml"], tmp_path)

    return rules


def desk(*, codes=CODES, roads=STREET, buildings=None, rules=RULES, **columns):
    kind = ["unknown" if code is None else "other" for code in codes]
    parcels = land(
        SITES, parcel_id=list("abcd"), park_id="K", use_code=pd.array(list(codes), dtype="str"), land_kind=kind,
        **{"land_use_code": pd.array(list(codes), dtype="str")} | columns
    )  # fmt: skip
    parcels["site_area_m2"] = parcels.area
    park = land([rect(0, 0, 1000, 1000)], park_id=["K"], source_file=["b.txt"])
    layers = Layers(parks=park, parcels=parcels, roads=roads, buildings=buildings)
    return Desk(layers, rules, DAY, parcels, park, pd.DataFrame(index=parcels.index))


def rows(on):
    return indicator_frame(on.once(laid_out).rows).set_index("name")


def test_a_park_by_hand():
    part = layout(desk())
    park = part.parks.iloc[0]
    names = [f"{group}_share" for group in ("production", "living", "service", "green", "other")]
    assert park[names].tolist() == pytest.approx([0.5, 1 / 6, 0, 1 / 6, 1 / 6])
    expected = -(0.5 * np.log(0.5) + 3 * np.log(1 / 6) / 6) / np.log(5)
    assert park["use_mix_entropy"] == pytest.approx(expected)
    assert park["road_density_km_per_km2"] == pytest.approx(1.0)
    assert park["intersections_per_km2"] == 0
    assert park["block_area_median_ha"] == pytest.approx(50)
    assert park["effective_mesh_ha"] == pytest.approx((9 + 1 + 1 + 1) / 6)
    assert np.isnan(park["building_orientation_spread"])
    assert part.columns["block_id"].tolist() == ["K-1", "K-1", "K-2", "K-2"]
    blocks = part.tables["blocks"]
    assert blocks["area_m2"].tolist() == pytest.approx([400_000, 600_000])
    assert blocks["production_share"].tolist() == pytest.approx([0.75, 0])
    assert blocks["long_side_m"].tolist() == pytest.approx([1000, 1000])
    assert blocks["oversized"].isna().all(), "the standard's figure was not seen, so it is off"


def test_rows_say_what_was_divided():
    found = rows(desk())
    assert found.loc["production_share", ["value", "numerator", "denominator"]].tolist() == [
        50,
        30_000,
        60_000,
    ]
    assert found.loc["blocks", "value"] == 2
    assert found["benchmark"].isna().all()


def test_unknown_uses_widen_the_bounds_and_too_many_leave_nothing():
    found = rows(desk(codes=("100101", None, "1401", "1207")))
    assert np.isnan(found.loc["production_share", "value"])
    assert found.loc["production_share", ["low", "high"]].tolist() == pytest.approx([50, 100 * 4 / 6])
    on = desk(codes=("100101", None, "1401", "1207"))
    assert layout(on).parks[["production_share", "use_mix_entropy"]].isna().all(axis=None)
    gaps = on.once(laid_out).gaps
    assert {"production_share", "use_mix_entropy"} <= {gap[2] for gap in gaps}
    asked = next(gap for gap in gaps if gap[2] == "production_share")
    assert "83.3 %" in asked[3]["en"]


def test_uses_by_the_plan_alone_are_bounds():
    """The first parcel's code, 3 of 6 ha, is the plan's: what it is used for today the register does not say."""
    on = desk(land_use_code=pd.array([None, *CODES[1:]], dtype="str"))
    found, gaps = rows(on), on.once(laid_out).gaps
    assert found.loc["production_share", ["low", "value", "high"]].tolist() == pytest.approx([0, 50, 50])
    assert found.loc["green_share", ["low", "value", "high"]].tolist() == pytest.approx(
        [100 / 6, 100 / 6, 400 / 6]
    )
    asked = {gap[2]: gap[3]["en"] for gap in gaps}
    assert "Of 50 % of the land the use is the plan's" in asked["living_share"]
    assert "production_share" not in {gap[2] for gap in desk().once(laid_out).gaps}


def test_without_roads_no_block_is_made_up():
    on = desk(roads=None)
    part = layout(on)
    assert "blocks" not in part.tables
    assert part.columns["block_id"].isna().all()
    park = part.parks.iloc[0]
    assert park[["road_density_km_per_km2", "intersections_per_km2", "block_area_median_ha"]].isna().all()
    assert park["effective_mesh_ha"] == pytest.approx(2)
    assert {"blocks", "intersections_per_km2", "block_area_median_ha"} <= {
        gap[2] for gap in on.once(laid_out).gaps
    }


def test_roads_of_another_place_say_nothing_of_a_park():
    on = desk()
    park = land(
        [rect(0, 0, 1000, 1000), rect(30_000, 0, 1000, 1000)], park_id=["K", "far"], source_file="b.txt"
    )
    parcels = pd.concat(
        [on.parcels, on.parcels.assign(park_id="far", geometry=on.parcels.translate(30_000))],
        ignore_index=True,
    )
    both = Desk(
        Layers(parks=park, parcels=parcels, roads=STREET),
        RULES,
        DAY,
        parcels,
        park,
        pd.DataFrame(index=parcels.index),
    )
    part, told = layout(both), both.once(laid_out)
    near, far = part.parks.iloc[0], part.parks.iloc[1]
    of_roads = ["road_density_km_per_km2", "intersections_per_km2", "block_area_median_ha", "frontage_share"]
    assert near[of_roads].notna().all()
    assert far[of_roads].isna().all()
    assert far["production_share"] == pytest.approx(0.5)
    assert part.tables["blocks"]["park_id"].unique().tolist() == ["K"]
    assert part.columns["block_id"].iloc[4:].isna().all()
    asked = {gap[2]: gap[3]["en"] for gap in told.gaps}
    assert {*of_roads, "blocks"} - set(asked) <= {"road_density_km_per_km2"}
    assert "within 500 m of park far" in asked["blocks"]
    rows_, gaps = both.once(parks_reach).rows("far", np.arange(4, 8))
    assert np.isnan(rows_[-1]["value"])
    assert "park far" in next(gap for gap in gaps if gap[2] == "road_density_km_per_km2")[3]["en"]


def test_frontage_by_hand():
    beside = STREET.set_geometry([shapely.LineString([(-50, -8), (1050, -8)])])
    park = layout(desk(roads=beside)).parks.iloc[0]
    # 300 m of the first and 100 m of the third parcel lie along the road: 4 of 6 ha.
    assert park["frontage_share"] == pytest.approx(4 / 6)
    assert park["frontage_mean_m"] == pytest.approx((300 + 100) / 2)
    far = layout(desk(roads=beside.translate(yoff=-300).to_frame("geometry").join(beside.drop(columns="geometry")))).parks.iloc[0]  # fmt: skip
    assert far["frontage_share"] == 0
    assert np.isnan(far["frontage_mean_m"])
    on = desk(roads=None)
    assert layout(on).parks[["frontage_share", "frontage_mean_m"]].isna().all(axis=None)
    assert {"frontage_share", "frontage_mean_m"} <= {gap[2] for gap in on.once(laid_out).gaps}


def test_roads_of_internal_class_divide_nothing():
    part = layout(desk(roads=STREET.assign(road_class="internal")))
    assert part.tables["blocks"]["area_m2"].tolist() == pytest.approx([1e6])


def test_holdings_lie_together_only_where_they_touch():
    assert layout(desk(holder=["x"] * 4)).parks["effective_mesh_ha"].tolist() == pytest.approx([2])


def test_buildings_have_one_grain():
    halls = land(
        [rect(0, 0, 50, 20), rect(10, 40, 20, 50), rect(0, 0, 1, 9)], kind=["building", "building", "yard"]
    )
    assert layout(desk(buildings=halls)).parks["building_orientation_spread"].tolist() == pytest.approx([0])


def test_the_standard_judges_blocks_of_works_once_it_is_switched_on(office):
    rules = office('switch_on = ["layout.block_side_max_m"]\n')
    part = layout(desk(rules=rules))
    assert part.tables["blocks"]["oversized"].fillna("").tolist() == ["yes", ""]
    assert rows(desk(rules=rules)).loc["oversized_blocks", "value"] == 1
    unknown = layout(desk(codes=(None, None, "1401", "1207"), rules=rules)).tables["blocks"]
    assert unknown["oversized"].fillna("").tolist() == ["undetermined", ""]


def test_guidance_of_an_office_stands_beside_the_share(office):
    text = f"[layout.share_least]\nvalue = {{ production = 0.6 }}\n{OURS}"
    found = rows(desk(rules=office(text + f"[layout.share_most]\nvalue = {{ green = 0.1 }}\n{OURS}")))
    assert found.loc[["production_share", "green_share"], "benchmark"].tolist() == [60, 10]
    assert found.loc["production_share", "benchmark_en"] == "Guidance: at least 60 %"
    assert found.loc["green_share", "benchmark_zh"] == "指导上限：10%"
    # It is a benchmark, no value in words.
    assert set(found.loc[["production_share", "green_share"], "value_en"]) == {""}
    assert np.isnan(found.loc["living_share", "benchmark"])


@pytest.mark.parametrize(
    ("classification", "code", "group"),
    [
        ("2023", "1001", 0),
        ("GB/T 21010", "1001", 4),
        ("GB/T 21010", "0601", 0),
        ("GB 50137", "M2", 0),
        ("2023", "16", 4),
    ],
)
def test_codes_are_read_by_the_classification_in_force(office, classification, code, group):
    rules = office(f'[ledger.classification]\nvalue = "{classification}"\n{OURS}')
    parcels = pd.DataFrame({"use_code": [code, None], "land_kind": ["other", "unknown"]})
    assert use_group(parcels, rules).tolist() == [group, -1]


def test_under_letters_alone_digits_mean_nothing(office):
    rules = office(f'[ledger.classification]\nvalue = "GB 50137"\n{OURS}')
    assert kinds_of_codes(rules, "use_groups")["production"] == ("M", "W")
