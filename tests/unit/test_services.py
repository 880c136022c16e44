"""Which mains reach a parcel: distances and shares in the head, laws, the office's word beside it, layers that lack this or that."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from parkgeo.assess.findings import findings_frame
from parkgeo.assess.gaps import gaps_frame
from parkgeo.assess.park.rows import indicator_frame
from parkgeo.assess.park.services import service_indicators
from parkgeo.assess.services import MAINS, Mains, connection_limits, main_services
from parkgeo.assess.states.trivalent import UNKNOWN, YES
from parkgeo.errors import PackError
from parkgeo.ingest.openers import opener_for
from parkgeo.ingest.read import read_with
from parkgeo.layers import Layers
from parkgeo.metrics.services import nearest_mains, pieces_of, spare_of
from parkgeo.packs import load_packs
from parkgeo.pipeline.desk import Desk
from parkgeo.pipeline.services import services
from parkgeo.project import read_project
from tests.builders import CRS, land, rect

RULES = load_packs(["national"], Path())
DAY = dt.date(2026, 6, 30)
SIX = list(MAINS)
GIVEN = {"frontage_m": 0.0, "no_frontage": "no", "land_kind": "industry"}


def mains(*rows, **columns):
    """Utilities: kind, y of a line of 1 km along x = 0, capacity, used."""
    shapes = [
        row[1] if hasattr(row[1], "geom_type") else shapely.LineString([(0, row[1]), (1000, row[1])])
        for row in rows
    ]
    return land(
        shapes,
        **{
            "utility_id": [f"U{at}" for at in range(len(rows))],
            "kind": pd.array([row[0] for row in rows], dtype="str"),
            "capacity": [float(row[2]) if len(row) > 2 else np.nan for row in rows],
            "used": [float(row[3]) if len(row) > 3 else np.nan for row in rows],
            "capacity_unit": [row[4] if len(row) > 4 else None for row in rows],
            "source_file": "mains.gpkg",
            "source_row": range(2, len(rows) + 2),
        }
        | columns,
    )


def every(y=-50.0, but=()):
    return [(kind, y) for kind in SIX if kind not in but]


def stage(utilities, *shapes, rules=RULES, **columns):
    """The stage alone on parcels; the first is 100 m × 100 m above y = 0."""
    shapes = shapes or (rect(0, 0, 100, 100),)
    parcels = land(
        shapes, parcel_id=[f"P{at + 1}" for at in range(len(shapes))], park_id="A", **(GIVEN | columns)
    )  # fmt: skip
    parcels["site_area_m2"] = parcels.area
    park = land([rect(-5000, -5000, 10000, 10000)], park_id=["A"], source_file=[""])
    layers = Layers(parks=park, parcels=parcels, utilities=utilities)
    desk = Desk(layers, rules, DAY, parcels, park, pd.DataFrame(index=parcels.index))
    part = services(desk)
    return part, desk.take(part).parcels


def table(part):
    return part.tables["services"]().set_index(["parcel_id", "kind"])


def finding(part, parcels):
    return findings_frame(part.findings, parcels.crs).set_index("parcel_id")


def gaps(part):
    return gaps_frame(part.gaps)


class TestNearest:
    def test_lines_points_stations_and_collections(self):
        plot = np.array([rect(0, 0, 10, 10)], dtype=object)
        for shape, metres in (
            (shapely.LineString([(-50, 25), (50, 25)]), 15),
            (shapely.Point(13, 14), 5),
            (rect(20, 0, 30, 30), 10),
            (shapely.LineString([(5, -90), (5, 90)]), 0),
            (shapely.Point(5, 5), 0),
            (rect(-90, -90, 200, 200), 0),
            (shapely.MultiLineString([[(0, 90), (9, 90)], [(0, -2), (9, -2)]]), 2),
            (
                shapely.GeometryCollection(
                    [shapely.GeometryCollection([shapely.Point(0, 17)]), rect(90, 90, 1, 1)]
                ),
                7,
            ),
            (shapely.LineString([(16, 5, 700), (16, 9, 800)]), 6),
        ):
            found = nearest_mains(plot, np.array([shape], dtype=object))
            assert found.distance_m.tolist() == [metres]
            assert found.which.tolist() == [0]

    def test_nothing_is_near_nowhere(self):
        plots = np.array([rect(0, 0, 1, 1), None, shapely.Polygon()], dtype=object)
        some = np.array([None, shapely.LineString(), shapely.Point(5, 0)], dtype=object)
        found = nearest_mains(plots, some)
        assert found.distance_m.tolist() == pytest.approx([4, np.nan, np.nan], nan_ok=True)
        assert found.which.tolist() == [2, -1, -1]
        for none in (some[:2], some[:0]):
            assert np.isnan(nearest_mains(plots, none).distance_m).all()
        assert len(nearest_mains(plots[:0], some).which) == 0

    def test_of_equally_near_ones_the_first(self):
        plot = np.array([rect(0, 0, 10, 10)], dtype=object)
        both = np.array([shapely.Point(20, 5), shapely.Point(-10, 5)], dtype=object)
        assert nearest_mains(plot, both).which.tolist() == [0]

    @given(st.integers(0, 2**32 - 1))
    @settings(max_examples=30, deadline=None)
    def test_as_every_distance_measured_one_by_one(self, seed):
        rng = np.random.default_rng(seed)
        plots = shapely.box(*(rng.uniform(0, 500, (2, 12))), *(rng.uniform(500, 600, (2, 12))))
        lines = shapely.linestrings(rng.uniform(-2000, 2000, (7, 5, 2)))
        lines[2] = shapely.Point(rng.uniform(-2000, 2000, 2))
        found = nearest_mains(plots, lines)
        one_by_one = shapely.distance(plots[:, None], lines[None, :])
        assert found.distance_m == pytest.approx(one_by_one.min(axis=1))
        assert one_by_one[np.arange(12), found.which] == pytest.approx(one_by_one.min(axis=1))

    def test_pieces_keep_all_of_a_line(self):
        line = shapely.LineString([(0, 0), (3, 4), (3, 10), (0, 10)])
        pieces, owner = pieces_of(np.array([line, line], dtype=object))
        assert owner.tolist() == [0, 0, 0, 1, 1, 1]
        assert shapely.length(pieces[:3]).sum() == line.length

    @pytest.mark.parametrize(
        ("capacity", "used", "spare"),
        [
            (100, 70, 30),
            (100, 130, -30),
            (0, 0, np.nan),
            (-5, 1, np.nan),
            (100, -1, np.nan),
            (np.inf, 1, np.nan),
            (100, np.nan, np.nan),
        ],
    )
    def test_spare(self, capacity, used, spare):
        found, share = spare_of(np.array([capacity], float), np.array([used], float))
        assert found[0] == pytest.approx(spare, nan_ok=True)
        assert share[0] == pytest.approx(spare / 100, nan_ok=True)


class TestReady:
    def test_all_seven(self):
        part, parcels = stage(mains(*every()))
        one = parcels.iloc[0]
        assert one["services_ready"] == 7
        assert one[["services_missing", "services_unknown"]].tolist() == ["", ""]
        assert parcels[["services_bottleneck", "one_service_away"]].isna().all(axis=None)
        assert one["service_missing"] == "no"
        assert one[[f"main_m_{kind}" for kind in SIX]].tolist() == [50] * 6
        assert finding(part, parcels).empty
        assert table(part)["note_en"].loc[("P1", "water")].startswith("Capacity or use is not known")

    def test_the_limit_belongs_to_the_reach(self):
        for y, ready in ((-100.0, "yes"), (-100.001, "no")):
            part, _ = stage(mains(("gas", y), *every(but=["gas"])))
            assert table(part).loc[("P1", "gas"), "ready"] == ready

    def test_one_main_away(self):
        part, parcels = stage(mains(("gas", -420.0), *every(but=["gas"])))
        one = parcels.iloc[0]
        assert one["services_ready"] == 6
        assert one[["services_missing", "services_bottleneck", "one_service_away"]].tolist() == ["gas"] * 3
        row = finding(part, parcels).loc["P1"]
        assert (row["verdict"], row["observed"], row["threshold"], row["unit"]) == ("yes", 420, 100, "m")
        assert row["reason_en"] == "Services missing: gas (420 m away, limit 100 m)."
        assert row["reason_zh"].startswith("未具备的配套：燃气（相距 420 米，上限 100 米）")
        lines = {line["what"]: line for line in json.loads(row["evidence"])}
        assert lines["main_m_gas"] == {
            "what": "main_m_gas",
            "value": 420.0,
            "limit_m": 100.0,
            "file": "mains.gpkg",
            "row": 2,
        }
        assert lines["utility_id"]["value"] == "U0"
        assert lines["services.limit_m"]["verified"] is False
        assert not row["verified"]

    def test_the_bottleneck_lies_the_most_times_its_limit_away(self):
        part, parcels = stage(mains(("gas", -420.0), ("heat", -300.0), *every(but=["gas", "heat"])))
        one = parcels.iloc[0]
        assert one["services_bottleneck"] == "gas"
        assert one["services_missing"] == "gas, heat"
        assert pd.isna(one["one_service_away"])
        assert (
            "gas (420 m away, limit 100 m), heat (300 m away" in finding(part, parcels)["reason_en"].iloc[0]
        )

    def test_the_road_is_the_seventh(self):
        """14 m from a road counts, 16 m does not; the verdict of the stage on access goes before the distance."""
        shapes = [rect(200 * at, 0, 100, 100) for at in range(5)]
        _, parcels = stage(
            mains(*every()), *shapes, frontage_m=[14.0, 16.0, np.nan, 16.0, 0.0],
            no_frontage=pd.array([None, None, None, "no", "yes"], dtype="str"),
        )  # fmt: skip
        assert parcels["services_ready"].tolist() == pytest.approx([7, 6, np.nan, 7, 6], nan_ok=True)
        assert parcels["services_unknown"].tolist() == ["", "", "road", "", ""]
        assert parcels["services_bottleneck"].tolist()[1] == "road"
        assert set(parcels["service_missing"]) == {"no"}

    def test_a_full_main_serves_nobody_but_another_may(self):
        """96 of 100 used: 4 % to spare where 5 % are asked for."""
        full = ("gas", -20.0, 100, 96, "m3/h")
        for more, ready, note in (
            ((), "no", "Within the limit none has capacity to spare."),
            ([("gas", -90.0, 5, 1, "MW")], "yes", "The nearest has no capacity to spare; U6 at 90 m has."),
            ([("gas", -90.0)], "yes", "The nearest has no capacity to spare; of U6 at 90 m capacity"),
            ([("gas", -101.0, 5, 1)], "no", "Within the limit none"),
            ([("gas", -30.0, 100, 120)], "no", "Within the limit none"),
        ):
            part, parcels = stage(mains(full, *every(but=["gas"]), *more))
            row = table(part).loc[("P1", "gas")]
            assert row["ready"] == ready
            assert row["note_en"].startswith(note)
            assert row[["utility_id", "capacity", "used", "spare", "unit"]].tolist() == [
                "U0",
                100,
                96,
                4,
                "m3/h",
            ]
            assert parcels["services_missing"].iloc[0] == ("" if ready == "yes" else "gas")
        assert "gas (no capacity to spare, 20 m away)" in finding(part, parcels)["reason_en"].iloc[0]
        told = [line["what"] for line in json.loads(finding(part, parcels)["evidence"].iloc[0])]
        assert told == ["main_m_gas", "utility_id", "capacity", "used", "capacity_unit", "services.limit_m"]

    def test_mains_from_openstreetmap_never_say_that_there_is_none(self):
        """Gas at 420 m, known from OpenStreetMap alone: open. Power at 50 m: ready. With one of the office's own gas mains beside it: not ready."""
        rows = [("gas", -420.0), ("gas", -500.0), *every(but=["gas", "heat"])]
        ids = ["way/7", "node/8 (2)", *(f"relation/{at}" for at in range(len(rows) - 2))]
        part, parcels = stage(mains(*rows, utility_id=ids))
        row = table(part).loc[("P1", "gas")]
        assert (row["ready"], row["distance_m"], row["utility_id"]) == ("undetermined", 420, "way/7")
        assert row["note_en"] == "Mains from OpenStreetMap are not complete: ask the utility."
        assert table(part).loc[("P1", "power"), "ready"] == "yes"
        one, told = parcels.iloc[0], finding(part, parcels).iloc[0]
        assert (one["service_missing"], one["services_missing"]) == ("undetermined", "")
        assert one["services_unknown"] == "gas, heat"
        assert told["reason_en"].endswith("recorded for heat. Ask whether there is none. Not known: gas.")
        asked = gaps(part).set_index("field")["ask_en"]
        assert "(gas) are from OpenStreetMap" in asked["main_m_gas"]
        assert "main_m_power" not in asked.index
        ids[1] = "G2"
        part, parcels = stage(mains(*rows, utility_id=ids))
        assert parcels["services_missing"].iloc[0] == "gas"

    def test_the_finding_names_the_kinds_that_openstreetmap_leaves_open(self):
        rows = [("gas", -420.0), *every(but=["gas"])]
        part, parcels = stage(mains(*rows, utility_id=["way/7", *(f"U{at}" for at in range(1, 6))]))
        told = finding(part, parcels).iloc[0]
        assert told["reason_en"].startswith("Undetermined: mains from OpenStreetMap are not complete")
        assert told["reason_en"].endswith("within the limit for gas. Ask the utility.")
        line = json.loads(told["evidence"])[0]
        assert (line["what"], line["value"]) == ("main_m_gas", 420)

    def test_of_full_ones_the_bottleneck_is_the_fullest(self):
        part, parcels = stage(
            mains(("gas", -20.0, 100, 99), ("heat", -5.0, 100, 130), *every(but=["gas", "heat"]))
        )
        assert parcels["services_bottleneck"].iloc[0] == "heat"
        _, parcels = stage(mains(("gas", -20.0, 100, 99), ("heat", -101.0), *every(but=["gas", "heat"])))
        assert parcels["services_bottleneck"].iloc[0] == "heat"
        assert table(part).loc[("P1", "heat"), "spare"] == -30

    def test_units_of_one_kind_are_never_added_up(self):
        """Two water mains in different units: each row speaks of one of them, in its own."""
        layer = mains(
            ("water", -10.0, 100, 20, "m3/h"), ("water", 310.0, 9000, 1000, "m3/d"), *every(but=["water"])
        )
        part, _ = stage(layer, rect(0, 0, 100, 100), rect(0, 200, 100, 100))
        rows = table(part).xs("water", level="kind")
        assert rows["spare"].tolist() == [80, 8000]
        assert rows["unit"].tolist() == ["m3/h", "m3/d"]

    def test_land_that_is_not_built_on_is_not_judged(self):
        part, parcels = stage(mains(("gas", -420.0), *every(but=["gas"])), land_kind="not_built_on")
        assert parcels["service_missing"].isna().all()
        assert parcels["services_missing"].tolist() == ["gas"]
        assert finding(part, parcels).empty

    def test_the_order_of_rows_decides_nothing(self):
        layer = mains(("gas", -420.0), ("water", -50.0), ("water", 150.0), *every(but=["gas", "water"]))
        rng = np.random.default_rng(2)
        first = table(stage(layer)[0])
        for _ in range(5):
            pd.testing.assert_frame_equal(table(stage(layer.iloc[rng.permutation(len(layer))])[0]), first)


class TestOpen:
    def test_no_layer_of_utilities(self):
        part, parcels = stage(None)
        one = parcels.iloc[0]
        assert one["service_missing"] == "undetermined"
        assert np.isnan(one["services_ready"])
        assert one["services_missing"] == ""
        assert one["services_unknown"] == ", ".join(SIX)
        assert parcels[[f"main_m_{kind}" for kind in SIX]].isna().all(axis=None)
        row = finding(part, parcels).loc["P1"]
        assert row["missing"] == "utilities"
        assert row["reason_en"] == "Undetermined: there is no layer of utilities."
        assert np.isnan(row["observed"])
        assert set(table(part).loc["P1"].drop("road")["ready"]) == {"undetermined"}
        assert gaps(part)["field"].tolist() == ["services_ready"]

    def test_a_kind_that_nobody_recorded_is_asked_for(self):
        part, parcels = stage(mains(*every(but=["heat"])))
        row = finding(part, parcels).loc["P1"]
        assert (row["verdict"], row["missing"]) == ("undetermined", "utilities")
        assert row["reason_en"].startswith("Undetermined: no main or station is recorded for heat.")
        assert "供热" in row["reason_zh"]
        told = gaps(part).set_index("field")
        assert "(heat)" in told.loc["main_m_heat", "ask_en"]
        assert parcels["services_unknown"].tolist() == ["heat"]
        assert pd.isna(parcels["one_service_away"].iloc[0])

    def test_what_is_missing_goes_before_what_is_open(self):
        part, parcels = stage(mains(("gas", -420.0), *every(but=["gas", "heat"])))
        row = finding(part, parcels).loc["P1"]
        assert (row["verdict"], row["missing"]) == ("yes", "")
        assert row["reason_en"] == "Services missing: gas (420 m away, limit 100 m). Not known: heat."
        assert "不明" in row["reason_zh"]

    def test_a_main_of_unknown_kind_within_reach_may_be_the_one(self):
        layer = mains(("gas", -420.0), (None, -60.0), *every(but=["gas"]))
        part, parcels = stage(layer)
        row = finding(part, parcels).loc["P1"]
        assert (row["verdict"], row["missing"]) == ("undetermined", "kind")
        assert "unknown kind" in row["reason_en"]
        assert json.loads(row["evidence"])[0]["value"] == 60.0
        assert table(part).loc[("P1", "gas"), "note_en"].startswith("U1, of unknown kind, lies 60 m away")
        assert "1 mains or stations" in gaps(part).set_index("table").loc["utilities", "ask_en"]
        far, parcels = stage(mains(("gas", -420.0), (None, -160.0), *every(but=["gas"])))
        assert parcels["service_missing"].tolist() == ["yes"]
        assert finding(far, parcels)["verdict"].tolist() == ["yes"]

    def test_a_layer_without_kinds_ids_or_rows(self):
        plain = mains(*every())
        for layer in (plain.drop(columns=["kind"]), plain.iloc[:0]):
            _, parcels = stage(layer)
            assert parcels["service_missing"].tolist() == ["undetermined"]
        part, parcels = stage(plain[["kind", "geometry"]])
        assert parcels["services_ready"].tolist() == [7]
        assert table(part)["utility_id"].isna().all()
        _, parcels = stage(plain.assign(geometry=gpd.GeoSeries([None] * 6, crs=CRS)))
        assert parcels["service_missing"].tolist() == ["undetermined"]

    def test_without_the_stage_on_access_the_road_is_open(self):
        parcels = land(
            [rect(0, 0, 100, 100)], parcel_id=["P1"], park_id="A", land_kind="industry", site_area_m2=1e4
        )
        park = land([rect(0, 0, 100, 100)], park_id=["A"], source_file=[""])
        layers = Layers(parks=park, parcels=parcels, utilities=mains(*every()))
        part = services(Desk(layers, RULES, DAY, parcels, park, pd.DataFrame(index=parcels.index)))
        assert part.columns["services_unknown"].tolist() == ["road"]
        assert part.columns["service_missing"].tolist() == ["no"]

    def test_no_parcel_at_all(self):
        parcels = land([], parcel_id=[], park_id=[], land_kind=[], site_area_m2=np.array([], float))
        park = land([rect(0, 0, 1, 1)], park_id=["A"], source_file=[""])
        layers = Layers(parks=park, parcels=parcels, utilities=mains(*every()))
        part = services(Desk(layers, RULES, DAY, parcels, park, pd.DataFrame(index=parcels.index)))
        assert part.tables["services"]().empty
        assert part.columns.empty


class TestPacks:
    def test_a_kind_that_the_office_does_not_ask_for_is_not_missed(self, tmp_path):
        """A place without district heating, and a longer reach for gas."""
        (tmp_path / "office.toml").write_text(
            '[pack]\nname = "county"\nedition = "2026"\n[services.limit_m]\n'
            "value = { water = 100, power = 100, drainage = 100, telecom = 100, gas = 500 }\n"
            'source = "ours"\nedition = "2026"\nverified = true\n',
            encoding="utf-8",
        )
        rules = load_packs(["national", "office.toml"], tmp_path)
        part, parcels = stage(
            mains(("gas", -420.0), *every(but=["gas", "heat"])), rules=rules, ready_services=[7]
        )
        assert parcels["services_ready"].tolist() == [6]
        assert parcels[["services_missing", "services_unknown"]].iloc[0].tolist() == ["", ""]
        assert parcels["service_missing"].tolist() == ["no"]
        assert set(table(part).loc["P1"].index) == {"road", *SIX} - {"heat"}
        assert gaps(part).empty
        # The register's seven may count heat: that is no contradiction.
        assert part.words[0]()["services_note_en"].isna().all()
        assert not {row["name"] for row in service_indicators(parcels, rules)[0]} & {"service_heat_area"}

    def test_a_kind_that_there_is_not(self):
        figures = dict(RULES.figures)
        figure = figures["services.limit_m"]
        figures["services.limit_m"] = type(figure)(**{**figure.__dict__, "value": {"steam": 50, "water": 50}})
        with pytest.raises(PackError, match="steam"):
            connection_limits(type(RULES)(RULES.packs, figures))

    def test_without_the_figure_nothing_is_judged(self):
        figures = {key: one for key, one in RULES.figures.items() if key != "services.limit_m"}
        part, parcels = stage(mains(*every()), rules=type(RULES)(RULES.packs, figures))
        assert parcels["service_missing"].isna().all()
        assert part.findings == []
        assert parcels["main_m_gas"].tolist() == [50]


class TestRegister:
    def test_the_office_states_another_number(self):
        """Six are ready and one is missing; the register says 6, 5, 7 and nothing."""
        shapes = [rect(200 * at, 0, 100, 100) for at in range(4)]
        part, parcels = stage(
            mains(("gas", -420.0), *every(but=["gas"])), *shapes, ready_services=pd.array([6, 5, 7, None], dtype="Int64")
        )  # fmt: skip
        assert parcels["services_ready"].tolist() == [6] * 4
        notes = part.words[0]()
        assert notes["services_note_en"].isna().tolist() == [True, False, False, True]
        assert (
            "says that 7 services are ready; by mains and frontage there are 6."
            in notes["services_note_en"].iloc[2]
        )
        assert "7" in notes["services_note_zh"].iloc[2]
        assert "登记" in notes["services_note_zh"].iloc[2]
        asked = gaps(part)
        assert asked.loc[asked["field"] == "ready_services", "parcel_id"].tolist() == ["P2", "P3"]
        assert "says that 5 services" in finding(part, parcels).loc["P2", "reason_en"]

    def test_what_is_open_contradicts_nobody(self):
        """Five are ready, gas is missing, heat is open: 5 and 6 may be, 4 and 7 may not."""
        shapes = [rect(150 * at, 0, 100, 100) for at in range(4)]
        part, _ = stage(
            mains(("gas", -420.0), *every(but=["gas", "heat"])), *shapes, ready_services=[4.0, 5.0, 6.0, 7.0]
        )
        notes = part.words[0]()["services_note_en"]
        assert notes.isna().tolist() == [False, True, True, False]
        assert "there are 5 to 6" in notes.iloc[0]


_MAIN = st.tuples(
    st.sampled_from([*SIX, None]), st.floats(-400, 400), st.sampled_from([np.nan, 100.0]), st.sampled_from([np.nan, 10.0, 97.0])
)  # fmt: skip


class TestLaws:
    PLOTS = np.array([rect(0, 0, 100, 100), rect(300, 150, 50, 60), rect(0, -350, 900, 20)], dtype=object)

    def answers(self, rows, limit=100.0):
        found = main_services(
            self.PLOTS, Mains.of(mains(*rows)), dict.fromkeys(SIX, limit), spare_share_min=0.05
        )
        return np.stack([one.ready for one in found])

    @given(st.lists(_MAIN, max_size=8), _MAIN)
    @settings(max_examples=60, deadline=None)
    def test_adding_a_main_never_takes_a_service_away(self, rows, more):
        assert (self.answers([*rows, more])[self.answers(rows) == YES] == YES).all()

    @given(st.lists(_MAIN, max_size=8), st.floats(0, 300), st.floats(0, 300))
    @settings(max_examples=60, deadline=None)
    def test_moving_the_limit_up_never_takes_one_away(self, rows, limit, more):
        assert (self.answers(rows, limit + more)[self.answers(rows, limit) == YES] == YES).all()

    @given(st.lists(_MAIN, max_size=8))
    @settings(max_examples=40, deadline=None)
    def test_taking_use_away_never_makes_a_no_of_a_yes(self, rows):
        unknown = [(kind, y) for kind, y, _, _ in rows]
        assert (self.answers(unknown)[self.answers(rows) == YES] == YES).all()
        kinds = {row[0] for row in rows}
        absent = [at for at, kind in enumerate(SIX) if kind not in kinds]
        assert (self.answers(rows)[absent] == UNKNOWN).all()


class TestPark:
    def test_coverage_bottleneck_and_what_is_one_main_away(self):
        """1 ha with all, 3 ha without gas, 4 ha of green land that asks for nothing."""
        shapes = rect(0, 0, 100, 100), rect(2000, 0, 300, 100), rect(9000, 0, 400, 100)
        layer = mains(
            ("gas", -50.0),
            *((kind, shapely.LineString([(0, -50), (4000, -50)])) for kind in SIX if kind != "gas"),
        )
        _, parcels = stage(layer, *shapes, land_kind=["industry", "other", "not_built_on"])
        rows, told = service_indicators(parcels, RULES)
        found = indicator_frame(rows).set_index("name")
        assert found.loc["service_gas_parcels", ["value", "numerator", "denominator"]].tolist() == [50, 1, 2]
        assert found.loc["service_gas_area", ["value", "numerator", "denominator"]].tolist() == [25, 1, 4]
        assert found.loc["service_road_area", "value"] == 100
        assert found.loc["service_bottleneck", ["value", "value_zh", "value_en"]].tolist() == [
            25,
            "燃气",
            "gas",
        ]
        assert found.loc["one_service_away", ["value", "value_en"]].tolist() == [1, "gas 1"]
        assert found.loc["one_service_away_ha", "value"] == 3
        assert told == []

    def test_what_is_open_has_bounds_and_a_gap(self):
        shapes = rect(0, 0, 100, 100), rect(0, 300, 100, 100)
        _, parcels = stage(
            mains(*every(but=["heat"])),
            *shapes,
            frontage_m=[0.0, np.nan],
            no_frontage=pd.array([None, None], "str"),
        )
        rows, told = service_indicators(parcels, RULES)
        found = indicator_frame(rows).set_index("name")
        assert np.isnan(found.loc["service_heat_area", "value"])
        assert found.loc["service_road_parcels", ["value", "low", "high"]].tolist() == [100, 50, 100]
        assert np.isnan(found.loc["one_service_away", "value"])
        assert {field for _, _, field, _ in told} == {"service_heat_parcels", "service_heat_area", "one_service_away", "one_service_away_ha"}  # fmt: skip
        assert found.loc["service_bottleneck", "value_en"] == "water"

    def test_without_the_stage_nothing_is_said(self):
        assert service_indicators(pd.DataFrame({"park_id": ["A"]}), RULES) == ([], [])


@pytest.fixture(scope="module")
def found(sample):
    project = read_project(sample)
    with opener_for(trusted=True, rasters=True) as opener:
        layers = read_with(opener, project).layers
    parcels = layers.parcels.assign(park_id="YTLG01", land_kind="other", site_area_m2=layers.parcels.area)
    part = services(Desk(layers, RULES, DAY, parcels, layers.parks, pd.DataFrame(index=parcels.index)))
    return part.columns.set_axis(parcels["parcel_id"])


class TestSample:
    """The sample's files read without parkgeo, and the planted cases."""

    def test_every_distance(self, sample, found):
        folder = sample.parent
        plots = (
            gpd.read_file(folder / "parcels" / "parcels.shp", encoding="GBK").set_index("宗地代码").geometry
        )
        layers = [
            gpd.read_file(folder / "utilities" / "utilities.gpkg", layer=name) for name in ("管线", "站点")
        ]
        for kind, words in {
            "water": "给水",
            "power": "电力",
            "drainage": "污水",
            "telecom": "通信",
            "gas": "燃气",
            "heat": "热力",
        }.items():
            own = shapely.union_all(
                np.concatenate([each.geometry[each["管线类别"] == words] for each in layers])
            )
            assert found[f"main_m_{kind}"].to_numpy() == pytest.approx(
                plots.distance(own).reindex(found.index).to_numpy(), abs=1e-6
            )

    def test_planted_cases(self, sample, found):
        truth = json.loads((sample.parent / "truth.json").read_text(encoding="utf-8"))["planted"][
            "service_missing"
        ]
        assert {entry["verdict"] for entry in truth} == {"yes", "no"}
        for entry in truth:
            one = found.loc[entry["parcel_id"]]
            assert one["service_missing"] == entry["verdict"]
            assert set(entry.get("services", ())) <= set(one["services_missing"].split(", "))
        limit = found[[f"main_m_{kind}" for kind in SIX]].gt(100).any(axis=1)
        assert ((found["service_missing"] == "yes") == limit).all()
