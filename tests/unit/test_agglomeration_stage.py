"""The stage on agglomeration: columns and tables of a small park from its layers; a layer that is missing leaves gaps, not zeros."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from parkgeo.errors import PackError
from parkgeo.layers import Layers
from parkgeo.packs import load_packs
from parkgeo.pipeline.agglomeration import agglomeration
from parkgeo.pipeline.desk import Desk
from parkgeo.pipeline.potential import potential
from tests.builders import land, rect
from tests.office import check_balance, layer, parcels, read, reasons, write

NAN = float("nan")
DAY = dt.date(2026, 6, 30)
RULES = load_packs(["national"], Path())
SIDE = 8
# A board of parcels of 100 m, parted by roads of 20 m; in its south-west corner nine that yield much, and nine idle ones in the north-east.
PLACES = [(x, y) for y in range(SIDE) for x in range(SIDE)]
CORNER = np.array([x < 3 and y < 3 for x, y in PLACES])
FAR_CORNER = np.array([x > 4 and y > 4 for x, y in PLACES])

ENTERPRISES = pd.DataFrame({"enterprise_id": ["a", "b", "c"], "industry_code": ["3610", "3910", None]})
OCCUPANCY = pd.DataFrame(
    {"enterprise_id": ["a", "b", "c", "old"], "parcel_id": ["p0", "p1", "p63", "p5"]}
).assign(occupied_area_m2=5000.0, to_on=pd.to_datetime([None, None, None, "2020-01-01"]))
RETURNS = pd.DataFrame(
    {
        "enterprise_id": ["a", "b", "a"],
        "year": [2025, 2025, 2024],
        "output_wan": [750.0, 250.0, 1.0],
        "staff": [30.0, 70.0, 1.0],
    }
)
LINKS = pd.DataFrame(
    {"from_id": ["b", "z"], "to_id": ["a", "a"], "goods": ["steel", None], "value_wan": [90.0, 10.0]}
)


def desk(rules=RULES, **layers):
    shapes = [rect(120 * x, 120 * y, 100, 100) for x, y in PLACES]
    sites = land(
        shapes, parcel_id=[f"p{at}" for at in range(len(shapes))], park_id="K", land_state="in_use", land_kind="industry", use_code="100101",
        output_wan_per_mu=np.where(CORNER, 900.0, 10.0), idle=np.where(FAR_CORNER, "yes", "no"),
    )  # fmt: skip
    sites["site_area_m2"] = sites.area
    for name, values in layers.pop("columns", {}).items():
        sites[name] = values
    park = land([rect(-50, -50, 1100, 1100)], park_id=["K"], source_file=["b.txt"])
    every = Layers(parks=park, parcels=sites, **layers)
    return Desk(every, rules, DAY, sites, park, pd.DataFrame(index=sites.index))


def full(**more):
    return desk(enterprises=ENTERPRISES, occupancy=OCCUPANCY, performance=RETURNS, supply_links=LINKS, **more)


def asked(part):
    """What the gaps are about."""
    frames = [gap() if callable(gap) else gap for gap in part.gaps]
    return {
        field for gap in frames for field in (gap["field"] if isinstance(gap, pd.DataFrame) else [gap[2]])
    }


class TestClusters:
    def test_high_beside_high_and_idle_beside_idle(self):
        found = agglomeration(desk()).columns
        inner = np.array([(x, y) == (1, 1) for x, y in PLACES])
        assert found.loc[inner, "output_cluster"].tolist() == ["high_high"]
        assert found.loc[CORNER, "output_gi_z"].min() > 1.9
        assert found["output_gi_z"].idxmax() == 9  # the middle of the corner
        far = np.array([(x, y) == (6, 6) for x, y in PLACES])
        assert found.loc[far, "idle_cluster"].tolist() == ["high_high"]
        assert set(found["output_cluster"]) <= {
            "high_high",
            "low_low",
            "high_low",
            "low_high",
            "not_significant",
        }
        called = found["output_cluster"] != "not_significant"
        assert (found["output_cluster_p"] <= 0.05).equals(called)

    def test_the_table_has_the_whole(self):
        table = agglomeration(desk()).tables["spatial_association"].set_index("measure")
        assert table.loc["output", "moran_i"] > 0.5
        assert table.loc["output", "p"] < 1e-6
        assert table.loc["idle", ["parcels", "islands"]].tolist() == [64, 0]

    def test_parcels_beyond_the_gap_are_islands_and_said_so(self, tmp_path):
        (tmp_path / "ours.toml").write_text(
            '[pack]\nname = "ours"\nedition = "1"\n[agglomeration.gap_m]\nvalue = 10\nsource = "ours"\nedition = "1"\nverified = true\n',
            encoding="utf-8",
        )
        part = agglomeration(desk(load_packs(["national", "ours.toml"], tmp_path)))
        assert part.columns[["output_cluster", "output_cluster_p", "output_gi_z"]].isna().all(axis=None)
        assert part.tables["spatial_association"]["islands"].tolist() == [64, 64]
        assert {"output_cluster", "idle_cluster"} <= asked(part)

    @pytest.mark.parametrize(("key", "value"), [("permutations", 0), ("permutations", 10**9), ("seed", -1)])
    def test_absurd_settings_are_refused_in_words(self, key, value):
        name = f"agglomeration.{key}"
        figures = RULES.figures | {name: replace(RULES.figures[name], value=value)}
        with pytest.raises(PackError, match=name):
            agglomeration(desk(type(RULES)(RULES.packs, figures)))

    def test_a_value_that_is_not_known_is_no_low_one(self):
        part = agglomeration(
            desk(columns={"output_wan_per_mu": np.where(CORNER, 900.0, NAN), "idle": "undetermined"})
        )
        assert part.columns[["output_cluster", "idle_cluster", "output_gi_z"]].isna().all(axis=None)
        assert {"output_cluster", "idle_cluster"} <= asked(part)
        judged = np.where(FAR_CORNER, "yes", np.where(CORNER, "undetermined", "no"))
        found = agglomeration(desk(columns={"idle": judged})).columns
        assert found.loc[CORNER, ["idle_cluster", "idle_cluster_p"]].isna().all(axis=None)
        assert found.loc[~CORNER, "idle_cluster"].notna().all()
        some = desk(columns={"output_wan_per_mu": [NAN, *np.where(CORNER, 900.0, 10.0)[1:]]})
        found = agglomeration(some).columns
        assert pd.isna(found["output_cluster"].iloc[0])
        assert found["output_cluster"].iloc[1:].notna().all()

    def test_a_park_of_three_parcels(self):
        small = desk()
        few = small.parcels.iloc[:3]
        part = agglomeration(
            Desk(
                Layers(parks=small.parks, parcels=few), RULES, DAY, few, small.parks, small.contracts.iloc[:3]
            )
        )
        assert part.columns["output_cluster"].isna().all()
        assert part.tables["spatial_association"]["moran_i"].isna().all()


class TestParks:
    def test_by_hand(self):
        part = agglomeration(full())
        park = part.parks.iloc[0]
        assert park["output_known_share"] == pytest.approx(2 / 3)  # who moved out in 2020 is not counted
        assert park["dominant_company_share"] == 0.75
        assert park["company_herfindahl"] == 0.625
        assert park[["link_value_wan", "link_within_share", "link_placed_share"]].tolist() == [100, 1, 0.9]
        assert park[["link_within_low", "link_within_high"]].tolist() == [0.9, 1]
        assert park["link_mean_km"] == pytest.approx(0.12)
        structure = part.tables["industry_structure"].set_index("industry")
        assert structure["output_share"].to_dict() == {"36": 0.75, "39": 0.25}
        assert structure["staff_share"].to_dict() == {"36": 0.3, "39": 0.7}
        lacks = part.tables["chain_gaps"]
        assert set(lacks.loc[lacks["industry"] == "36", "lacks"]) == {"29", "33", "34", "38"}
        assert set(lacks["verdict"]) == {"undetermined"}  # one company's industry is not known
        assert part.tables["supply_distances"]["distance_m"].iloc[0] == pytest.approx(120)
        assert {"location_quotient", "distance_m"} <= asked(part)
        modes = part.tables["aggregation_modes"]
        assert len(modes) == 5
        lines = json.loads(modes.set_index("mode").loc["symbiosis", "evidence"])
        # A tenth of the supply goes to a company of which no park is known, so nothing of links is known in full.
        assert {line["share"] for line in lines if line["value"] is not None} == {1 - (1 - 0.9)}
        assert park["aggregation_mode"] in {"undetermined", "leading_firm", "mixed"}

    def test_links_that_do_not_count_are_told(self):
        more = pd.DataFrame({"from_id": ["a", "b"], "to_id": ["a", "a"], "value_wan": [5.0, NAN]})
        part = agglomeration(
            desk(
                enterprises=ENTERPRISES,
                occupancy=OCCUPANCY,
                supply_links=pd.concat([LINKS, more], ignore_index=True),
            )
        )
        told = {gap[2]: gap[3] for gap in part.gaps if isinstance(gap, tuple) and gap[0] == "supply_links"}
        assert "to itself, in no distance, share or value: 1." in told["to_id"]["en"]
        assert "Of 3 supply links 1 state no value" in told["value_wan"]["en"]
        assert "3 条供应联系中 1 条" in told["value_wan"]["zh"]
        assert part.parks.iloc[0]["link_value_wan"] == 100
        whole = agglomeration(full())
        assert not {"to_id", "value_wan"} & asked(whole)

    def test_without_companies(self):
        part = agglomeration(desk())
        park = part.parks.iloc[0]
        assert park["aggregation_mode"] == "undetermined"
        assert park.drop("aggregation_mode").isna().all()
        assert part.tables["industry_structure"].empty
        assert part.tables["chain_gaps"].empty
        assert "supply_distances" not in part.tables
        assert {"companies", "link_within_share"} <= asked(part)

    def test_a_park_without_anything(self):
        both = full()
        empty = land(
            [rect(-50, -50, 1100, 1100), rect(5000, 0, 10, 10)], park_id=["K", "M"], source_file="b.txt"
        )
        part = agglomeration(Desk(both.layers, RULES, DAY, both.parcels, empty, both.contracts))
        assert part.parks["aggregation_mode"].tolist()[1] == "undetermined"
        assert part.parks.iloc[1].drop("aggregation_mode").isna().all()

    def test_packs_that_are_emptied(self):
        figures = {
            key: figure for key, figure in RULES.figures.items() if not key.startswith("agglomeration.")
        }
        part = agglomeration(full(rules=type(RULES)(RULES.packs, figures)))
        assert part.columns["output_cluster"].isna().all()
        assert part.tables["aggregation_modes"].empty
        assert part.tables["chain_gaps"].empty
        assert part.parks["link_near_share"].isna().all()


class TestVertical:
    def found(self, **columns):
        built = {"floor_area_m2": [5e3, 15e3, 5e3, NAN, 5e3, 5e3] + [0.0] * 58, "planned_far": 2.0, "industry_code": ["39", "39", "25", "39", None, "39"] + ["39"] * 58}  # fmt: skip
        state = ["in_use"] * 5 + ["reserve"] + ["not_built_on"] * 58
        on = desk(
            columns=built
            | {"land_state": state, "supply_status": "supplied", "building_coefficient": 0.4}
            | columns
        )
        part = potential(on)
        return part.columns.join(part.words[1]())

    def test_by_hand(self):
        found = self.found()
        assert found["vertical_candidate"].tolist()[:5] == ["yes", "no", "no", "undetermined", "undetermined"]
        assert pd.isna(found["vertical_candidate"].iloc[5])
        notes = found["vertical_note_en"].tolist()
        assert notes[0] == (
            "The industry suits several storeys and the floor area ratio of 0.5 is 25 % of the planned 2: 15,000 m² of floor area are to be won."
        )
        assert "more than the 60 %" in notes[1]
        assert "ask for the buildings" in notes[3]
        assert "industry code" in notes[4]
        assert pd.isna(notes[5])
        assert "15,000" in found["vertical_note_zh"].iloc[0]

    def test_without_a_plan_nothing_is_a_candidate_and_what_cannot_be_one_is_none(self):
        found = self.found(planned_far=NAN)
        assert found["vertical_candidate"].tolist()[:5] == [
            "undetermined",
            "undetermined",
            "no",
            "undetermined",
            "undetermined",
        ]


def test_a_table_of_links_is_read_with_its_chinese_headers(tmp_path):
    write(parcels(2), tmp_path / "p.gpkg")
    text = "供应企业代码,采购企业代码,货物或服务,年供应额(亿元)\nA1,B2,钢材,0.5\n,B2,纸,1\nA1,C3,=1+1,\n"
    (tmp_path / "links.csv").write_text(text, encoding="utf-8")
    found = read(tmp_path, layer("parcels", "p.gpkg"), layer("supply_links", "links.csv"))
    links = found.layers.supply_links
    assert links["from_id"].tolist() == ["A1", "A1"]
    assert links["value_wan"].tolist()[0] == 5000
    assert np.isnan(links["value_wan"].tolist()[1])
    check_balance(found)
    assert len(reasons(found)) == 1
