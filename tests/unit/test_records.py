"""Records that contradict each other: each kind by hand, at its limit, and nothing invented where data is missing."""

from __future__ import annotations

import datetime as dt
import json
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkgeo.assess.findings import findings_frame
from parkgeo.assess.judged import judged_findings
from parkgeo.assess.records import (
    across_findings,
    amount_conflict,
    buildings_across,
    company_without_land,
    date_conflict,
    landless_findings,
    no_company,
    occupied_beyond_parcel,
    several_contracts,
    year_gaps,
)
from parkgeo.assess.records.dates import ORDER
from parkgeo.assess.records.years import missing_years
from parkgeo.errors import PackError
from parkgeo.packs import RuleBook, load_packs
from tests.builders import land, rect

AS_OF = dt.date(2026, 6, 30)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("packs")

    @cache
    def rules(text: str = "") -> RuleBook:
        if not text:
            return load_packs(["national"], folder)
        head = '[pack]\nname = "county"\nedition = "2026"\n'
        ours = 'source = "the county\'s rules"\nedition = "2026"\nverified = true\n'
        (folder / "county.toml").write_text(head + text + ours, encoding="utf-8")
        return load_packs(["national", "county.toml"], folder)

    return rules


def parcels(count: int = 3, **columns: Any) -> Any:
    """P0, P1 … of 100 m × 100 m in a row."""
    return land(
        [rect(100 * at, 0, 100, 100) for at in range(count)],
        **{"parcel_id": [f"P{at}" for at in range(count)], "park_id": "k", "site_area_m2": 10_000.0}
        | columns,
    )


def rows(*entries: dict[str, Any], file: str = "ledger.xlsx") -> pd.DataFrame:
    """Rows of a table; what ends in _on, _start, _completion or _since is a day."""
    frame = pd.DataFrame(list(entries))
    for name in frame:
        if str(name).endswith(("_on", "_start", "_completion", "_since")):
            frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    return frame.assign(source_file=file, source_row=range(2, len(frame) + 2))


def found(judged: Any, ground: Any) -> pd.DataFrame:
    return judged_findings(judged, ground).set_index("parcel_id")


def verdicts_of(judged: Any) -> list[str | None]:
    """An answer's verdicts, None where the rule is not about a parcel."""
    return [None if pd.isna(each) else each for each in judged.table["verdict"]]


class TestDates:
    @pytest.mark.parametrize("pair", ORDER, ids=lambda pair: f"{pair.layer}:{pair.later}")
    @pytest.mark.parametrize(("days", "verdict"), [(-1, "yes"), (0, "no"), (1, "no")])
    def test_every_pair_at_its_limit(self, office, pair, days, verdict):
        first = pd.Timestamp("2024-02-29")
        table = rows({"parcel_id": "P0", pair.earlier: first, pair.later: first + pd.Timedelta(days=days)})
        for name in (pair.earlier, pair.later):
            table[name] = table[name].astype("datetime64[s]")
        judged = date_conflict(parcels(), {pair.layer: table}, office())
        assert verdicts_of(judged) == [verdict, None, None]

    def test_the_finding_names_rows_and_all_that_is_wrong(self, office):
        ledger = rows(
            {"parcel_id": "P1", "contract_on": "2024-01-10", "actual_start": "2024-01-01", "actual_completion": "2023-12-30"},
            {"parcel_id": "P0", "contract_on": "2024-01-10", "actual_start": "2024-02-01", "actual_completion": None},
        )  # fmt: skip
        ground = parcels()
        row = found(date_conflict(ground, {"supply": ledger, "occupancy": None}, office()), ground).loc["P1"]
        assert (row["observed"], row["threshold"], row["unit"]) == (11.0, 0.0, "day")
        assert row["reason_en"].count("row 2 of ledger.xlsx") == 3
        assert (
            "Actual start (2024-01-01) lies before Contract date (2024-01-10), by 9 days" in row["reason_en"]
        )
        assert (
            "实际动工日期（2024-01-01）早于合同签订日期（2024-01-10）9 天：ledger.xlsx 第 2 行。"
            in row["reason_zh"]
        )
        cells = [line for line in json.loads(row["evidence"]) if "file" in line]
        assert {"what": "actual_start", "value": "2024-01-01", "file": "ledger.xlsx", "row": 2} in cells

    def test_each_row_of_several_contracts_is_checked(self, office):
        fine = {"parcel_id": "P0", "contract_on": "2024-01-01", "handover_on": "2024-02-01"}
        ledger = rows(fine, fine | {"handover_on": "2023-02-01"})
        judged = date_conflict(parcels(), {"supply": ledger}, office())
        assert verdicts_of(judged) == ["yes", None, None]

    def test_a_missing_date_contradicts_nothing(self, office):
        ledger = rows({"parcel_id": "P0", "contract_on": None, "actual_start": "1999-01-01"})
        assert verdicts_of(date_conflict(parcels(), {"supply": ledger}, office()))[0] == "no"
        assert date_conflict(parcels(), {"supply": None}, office()) is None

    def test_rows_of_no_parcel_are_nobodys(self, office):
        ledger = rows({"parcel_id": "X", "contract_on": "2024-01-01", "handover_on": "2023-01-01"})
        assert set(verdicts_of(date_conflict(parcels(), {"supply": ledger}, office()))) == {None}

    def test_a_tolerance_of_the_office(self, office):
        ledger = rows({"parcel_id": "P0", "contract_on": "2024-01-10", "handover_on": "2024-01-05"})
        for days, verdict in ((4, "yes"), (5, "no")):
            rules = office(f"[records.date_conflict]\nvalue = {days}\n")
            assert date_conflict(parcels(), {"supply": ledger}, rules).table["verdict"].iloc[0] == verdict


class TestAmounts:
    @staticmethod
    def judge(office: Any, row: dict[str, Any], **columns: Any) -> str | None:
        ledger = rows({"parcel_id": "P0", **row})
        return verdicts_of(amount_conflict(parcels(**columns), ledger, None, None, office()))[0]

    @pytest.mark.parametrize(
        ("row", "verdict"),
        [
            ({"invested_wan": 1000.0, "agreed_investment_wan": 100.0}, "no"),
            ({"invested_wan": 1000.1, "agreed_investment_wan": 100.0}, "yes"),
            ({"invested_wan": 1000.1, "agreed_investment_wan": np.nan}, "no"),
            ({"supply_mode": "grant", "price_wan": 0.0}, "yes"),
            ({"supply_mode": "grant", "price_wan": np.nan}, "no"),
            ({"supply_mode": "allocation", "price_wan": 0.0}, "no"),
            ({"term_years": 0.0}, "yes"),
            ({"supplied_area_m2": 0.0}, "yes"),
            ({"supplied_area_m2": 1000.0}, "no"),
            ({"supplied_area_m2": 999.0}, "yes"),  # ten times less than drawn
            ({"supplied_area_m2": 100_001.0}, "yes"),
            ({"supplied_area_m2": 1.0}, "yes"),  # hectares, read as m²
            ({"developed_area_m2": 11_000.0, "supplied_area_m2": 10_000.0}, "no"),
            ({"developed_area_m2": 11_001.0, "supplied_area_m2": 10_000.0}, "yes"),
            ({"developed_area_m2": 8_000.0, "supplied_area_m2": 10_000.0, "construction_area_m2": 7_000.0}, "yes"),
            ({"developed_area_m2": 12_000.0, "supplied_area_m2": 10_000.0, "construction_area_m2": 12_000.0}, "no"),
            ({"developed_floor_area_m2": 11_001.0, "agreed_floor_area_m2": 10_000.0}, "yes"),
        ],
    )  # fmt: skip
    def test_of_a_contract(self, office, row, verdict):
        assert self.judge(office, row) == verdict

    def test_a_registered_area_of_nothing(self, office):
        ground = parcels(registered_area_m2=[0.0, 10_000.0, np.nan])
        judged = amount_conflict(ground, None, None, None, office())
        assert verdicts_of(judged) == ["yes", "no", None]
        assert found(judged, ground).loc["P0", "reason_en"].startswith("Registered area is 0")

    @pytest.mark.parametrize(
        ("figures", "verdict"),
        [
            ({"output_wan": -0.1}, "yes"), ({"output_wan": 0.0}, "no"), ({"revenue_wan": -5.0}, "yes"), ({"tax_wan": -5.0}, "no"),
            ({"output_wan": 100.0, "value_added_wan": 100.0}, "no"), ({"output_wan": 100.0, "value_added_wan": 100.1}, "yes"),
            ({"revenue_wan": 100.0, "tax_wan": 100.1}, "yes"), ({"revenue_wan": np.nan, "tax_wan": 100.1}, "no"),
        ],
    )  # fmt: skip
    def test_of_a_return_is_told_of_the_companys_parcels(self, office, figures, verdict):
        occupancy = rows({"enterprise_id": "e", "parcel_id": "P0"}, {"enterprise_id": "e", "parcel_id": "P2"})
        returns = rows({"enterprise_id": "e", "year": 2025, **figures}, file="returns.xlsx")
        judged = amount_conflict(parcels(), None, occupancy, returns, office())
        assert verdicts_of(judged) == [verdict, None, verdict]

    def test_units_mixed_within_a_column(self, office):
        """Prices in 万元, one in yuan; investments all alike; two rows are too few for a middle."""
        base = {"supplied_area_m2": 10_000.0, "agreed_investment_wan": 900.0}
        ledger = rows(
            *(
                {"parcel_id": f"P{at}", "price_wan": price, **base}
                for at, price in enumerate([300.0, 350.0, 3_200_000.0, 310.0])
            )
        )
        ground = parcels(4)
        judged = amount_conflict(ground, ledger, None, None, office())
        assert verdicts_of(judged) == ["no", "no", "yes", "no"]
        row = found(judged, ground).loc["P2"]
        assert row["observed"] == pytest.approx(3_200_000 / 330)
        assert "another unit; row 4 of ledger.xlsx" in row["reason_en"]
        few = amount_conflict(parcels(2), ledger.iloc[1:3], None, None, office())
        assert verdicts_of(few)[:1] == [None]

    def test_a_company_that_changes_its_unit(self, office):
        occupancy = rows({"enterprise_id": "e", "parcel_id": "P0"}, {"enterprise_id": "f", "parcel_id": "P1"})
        returns = rows(
            *({"enterprise_id": "e", "year": year, "output_wan": output} for year, output in ((2023, 900.0), (2024, 9_500_000.0), (2025, 1000.0))),
            *({"enterprise_id": "f", "year": year, "output_wan": output} for year, output in ((2023, 1.0), (2024, 20.0), (2025, 400.0))),
        )  # fmt: skip
        judged = amount_conflict(parcels(), None, occupancy, returns, office())
        assert verdicts_of(judged) == ["yes", "no", None]

    @pytest.mark.parametrize(("hectares", "amounts"), [(1.0, 0), (10_000.0, 0), (1.0, 1)])
    def test_an_area_in_hectares_is_not_the_moneys_fault(self, office, hectares, amounts):
        ledger = rows(
            *(
                {"parcel_id": f"P{at}", "supplied_area_m2": hectares if at == 2 else 10_000.0,
                 "price_wan": 3_200_000.0 if amounts and at == 2 else 300.0, "agreed_investment_wan": 1000.0}
                for at in range(5)
            )
        )  # fmt: skip
        ground = parcels(5)
        judged = amount_conflict(ground, ledger, None, None, office())
        wrong = hectares == 1.0 or amounts
        assert verdicts_of(judged) == ["no", "no", "yes" if wrong else "no", "no", "no"]
        if wrong:
            told = found(judged, ground).loc["P2", "reason_en"]
            assert "Supplied area (1 m²) and the parcel as drawn (10,000 m²)" in told
            assert "Agreed investment" not in told
            assert told.count("such rows hold") == amounts

    @pytest.mark.parametrize(
        ("field", "factor", "verdict"),
        [
            ("output_wan", 1001.0, "yes"), ("output_wan", 20.0, "no"), ("output_wan", 20.1, "yes"), ("output_wan", 0.05, "no"),
            ("output_wan", 0.049, "yes"), ("output_wan", 0.0, "no"), ("value_added_wan", 0.001, "no"), ("tax_wan", 1e-6, "no"),
        ],
    )  # fmt: skip
    def test_a_return_that_cannot_be_beside_its_revenue(self, office, field, factor, verdict):
        """One year, one company: no row of its own past, and no peers, to hold it against."""
        plain = {"output_wan": 1000.0, "value_added_wan": 300.0, "tax_wan": 50.0, "revenue_wan": 1000.0}
        plain |= {field: 1000.0 * factor} if field == "output_wan" else {field: plain[field] * factor}
        if field == "output_wan":
            plain["value_added_wan"] = np.nan
        returns = rows({"enterprise_id": "e", "year": 2025, **plain}, file="returns.xlsx")
        occupancy = rows({"enterprise_id": "e", "parcel_id": "P0"})
        judged = amount_conflict(parcels(), None, occupancy, returns, office())
        assert verdicts_of(judged)[0] == verdict

    @pytest.mark.parametrize("field", ["output_wan", "value_added_wan", "tax_wan"])
    @pytest.mark.parametrize(
        ("times", "peers", "verdict"),
        [(1000.0, 6, "no"), (1001.0, 6, "yes"), (1e5, 6, "yes"), (1e5, 3, "no"), (1e-6, 6, "no")],
    )
    def test_a_return_far_beyond_its_peers(self, office, field, times, peers, verdict):
        """Companies of one size, of which one files so many times the others'; with too few others nothing is said."""
        values = [100.0 * times] + [100.0] * peers
        returns = rows(
            *({"enterprise_id": f"e{at}", "year": 2025, field: value} for at, value in enumerate(values)),
            *({"enterprise_id": f"e{at}", "year": 2024, field: 1.0} for at in range(9)),
            file="returns.xlsx",
        )
        returns = returns if times > 1 else returns[returns["year"] == 2025]
        occupancy = rows(
            {"enterprise_id": "e0", "parcel_id": "P0"}, {"enterprise_id": "e1", "parcel_id": "P1"}
        )
        ground = parcels()
        judged = amount_conflict(ground, None, occupancy, returns, office())
        assert verdicts_of(judged) == [verdict, "no", None]
        if verdict == "yes":
            told = found(judged, ground).loc["P0"]
            assert (
                f"{times:,.0f} times the median of the companies' returns of that year (100)"
                in told["reason_en"]
            )
            assert "row 2 of returns.xlsx" in told["reason_en"]

    def test_an_office_takes_checks_out_but_cannot_make_them_up(self, office):
        row = rows({"parcel_id": "P0", "term_years": 0.0})
        rules = office('[records.amount_conflict]\nvalue = ["price"]\n')
        assert amount_conflict(parcels(), row, None, None, rules).table["verdict"].iloc[0] == "no"
        with pytest.raises(PackError, match="supplied_zero"):
            amount_conflict(
                parcels(), row, None, None, office('[records.amount_conflict]\nvalue = ["prices"]\n')
            )


class TestContractsAndCompanies:
    def test_several_contracts(self, office):
        ledger = rows(
            *(
                {"parcel_id": parcel, "contract_id": name}
                for parcel, name in (("P0", "a"), ("P1", "b"), ("P0", "c"))
            )
        )
        ground = parcels()
        judged = several_contracts(ground, ledger, office())
        assert verdicts_of(judged) == ["yes", "no", None]
        row = found(judged, ground).loc["P0"]
        assert row["reason_en"] == "The ledger holds 2 contracts for the parcel: rows 2, 4 of ledger.xlsx."
        assert [line["value"] for line in json.loads(row["evidence"]) if line["what"] == "contract_id"] == [
            "a",
            "c",
        ]
        assert several_contracts(ground, None, office()) is None

    @pytest.mark.parametrize(
        ("completed", "density", "there", "verdict"),
        [
            (1, 0.0, False, "yes"), (1, 0.5, True, "no"), (-1, 0.5, False, "no"), (0, 0.1, False, "yes"), (0, 0.09, False, "no"),
            (0, np.nan, False, "undetermined"), (0, np.nan, True, "no"),
        ],
    )  # fmt: skip
    def test_no_company(self, office, completed, density, there, verdict):
        ground = parcels(1, building_density=[density])
        rows_there = pd.DataFrame(
            {"parcel_id": ["P0"] if there else [], "enterprise_id": ["e"] if there else []}
        )
        answer = np.array([completed], dtype=np.int8)
        judged = no_company(ground, rows_there, np.array([True]), answer, office())
        assert verdicts_of(judged) == [verdict]
        assert verdicts_of(no_company(ground, rows_there, np.array([False]), answer, office())) == [None]
        assert no_company(ground, None, np.array([True]), answer, office()) is None
        if verdict == "undetermined":
            assert found(judged, ground).loc["P0", "missing"] == "actual_completion"

    @pytest.mark.parametrize(
        ("areas", "verdict"),
        [([10_500.0], "no"), ([10_501.0], "yes"), ([6000.0, 4501.0], "yes"), ([6000.0, np.nan], "undetermined"), ([10_501.0, np.nan], "yes"), ([np.nan], "no"), ([], None)],
    )  # fmt: skip
    def test_occupied_beyond(self, office, areas, verdict):
        there = (
            rows(
                *(
                    {"parcel_id": "P0", "enterprise_id": f"e{at}", "occupied_area_m2": area}
                    for at, area in enumerate(areas)
                )
            )
            if areas
            else rows({"parcel_id": "P1", "enterprise_id": "e", "occupied_area_m2": 1.0})
        )
        judged = occupied_beyond_parcel(parcels(), there, office())
        assert verdicts_of(judged)[0] == verdict

    def test_a_company_without_land(self, office):
        companies = rows(
            {"enterprise_id": "e", "name": "甲"}, {"enterprise_id": "f", "name": "乙"}, file="companies.xlsx"
        )
        there = pd.DataFrame({"enterprise_id": ["e"], "parcel_id": ["P0"]})
        rule = office()["records.company_without_land"]
        verdict = company_without_land(companies, there, office())
        assert verdict.tolist() == ["no", "yes"]
        table = landless_findings(companies, verdict, ["k"], rule)
        frame = findings_frame([table], 4528)
        row = frame.iloc[0]
        assert (row["finding_id"], row["park_id"], row["geometry"]) == ("company_without_land:f", "k", None)
        assert pd.isna(row["parcel_id"])
        assert row["reason_en"].startswith("乙 (f) is in the list of companies")
        assert "乙 (f)" in row["reason_zh"]
        nameless = landless_findings(companies.assign(name=None), verdict, ["k"], rule)
        assert nameless["reason_en"].iloc[0].startswith("f is in the list")
        assert {"what": "name", "value": "乙", "file": "companies.xlsx", "row": 3} in json.loads(
            row["evidence"]
        )
        assert company_without_land(companies, None, office()) is None
        assert landless_findings(companies, verdict, ["k", "l"], rule)["park_id"].tolist() == [None]
        assert landless_findings(companies, verdict.replace("yes", "no"), ["k"], rule).empty


class TestBuildings:
    @pytest.mark.parametrize(
        ("west", "width", "verdicts"),
        [
            (10, 80, ["no", "no", "no"]),
            (50, 100, ["yes", "yes", "no"]),
            (91, 100, ["no", "no", "no"]),  # 9 % beyond the edge are a careless line
            (89, 100, ["yes", "yes", "no"]),
            (60, 180, ["yes", "yes", "yes"]),
        ],
    )
    def test_across_the_edges(self, office, west, width, verdicts):
        halls = land([rect(west, 40, width, 20)], building_id=["b"], source_file="b.shp", source_row=1)
        ground = parcels()
        judged, pairs = buildings_across(ground, halls, office())
        assert verdicts_of(judged) == verdicts
        table = across_findings(judged, pairs, ground, halls)
        assert len(table) == verdicts.count("yes")
        for shape in table["geometry"]:
            assert shape.area == pytest.approx(20 * width)

    def test_several_buildings_are_one_finding_of_a_parcel(self, office):
        halls = land(
            [rect(50, 10, 100, 20), rect(80, 60, 40, 20)],
            building_id=["b", "c"],
            source_file="b.shp",
            source_row=[1, 2],
        )
        ground = parcels()
        judged, pairs = buildings_across(ground, halls, office())
        table = across_findings(judged, pairs, ground, halls).set_index("parcel_id")
        assert sorted(table.index) == ["P0", "P1"]
        assert table.loc["P0", "geometry"].area == pytest.approx(2800)
        assert table.loc["P0", "reason_en"] == "2 buildings stand across this parcel and others (b, c); of one of them 50 % of the footprint is here, of the rest no more. Others: P1."  # fmt: skip

    def test_one_building_is_told_as_one(self, office):
        halls = land([rect(50, 10, 200, 20)], building_id=["b"], source_file="b.shp", source_row=1)
        ground = parcels()
        judged, pairs = buildings_across(ground, halls, office())
        told = across_findings(judged, pairs, ground, halls).set_index("parcel_id").loc["P0"]
        assert told["reason_en"] == "A building stands across this parcel and others (b); 25 % of its footprint is here. Others: P1, P2."  # fmt: skip
        assert "有一栋建筑" in told["reason_zh"]

    def test_a_building_in_a_strip_that_two_outlines_cover_is_the_overlaps_matter(self, office):
        ground = land([rect(0, 0, 110, 100), rect(100, 0, 100, 100)], parcel_id=["a", "b"], park_id="k")
        judged, _ = buildings_across(ground, land([rect(101, 10, 8, 8)], building_id=["b"]), office())
        assert verdicts_of(judged) == ["no", "no"]

    def test_without_buildings(self, office):
        assert buildings_across(parcels(), None, office()) is None
        judged, pairs = buildings_across(parcels(), land([]), office())
        assert set(judged.table["verdict"]) == {"no"}
        assert pairs.empty


class TestYears:
    def test_a_year_between_and_the_latest(self):
        returns = pd.DataFrame(
            {
                "enterprise_id": list("eefghh"),
                "year": [2023, 2025, 2024, 2025, 2022, 2023],
                "month": [np.nan] * 6,
            }
        )
        table = missing_years(returns, 2025)
        assert table.to_numpy().tolist() == [
            ["e", 2024, True],
            ["f", 2025, False],
            ["h", 2024, False],
            ["h", 2025, False],
        ]

    def test_monthly_rows_are_no_return(self):
        returns = pd.DataFrame(
            {"enterprise_id": ["e"] * 3, "year": [2023, 2024, 2025], "month": [np.nan, 3, np.nan]}
        )
        assert missing_years(returns, 2025)["year"].tolist() == [2024]

    def test_gaps_say_how_many_and_who(self):
        returns = pd.DataFrame({"enterprise_id": list("eeff"), "year": [2023, 2025, 2023, 2025]})
        told = list(year_gaps(returns, 2025, AS_OF))
        assert [gap[:3] for gap in told] == [("performance", None, "year")]
        assert told[0][3]["en"] == "No return for 2024, between years that were filed, of 2 companies: e, f."
        assert list(year_gaps(None, 2025, AS_OF)) == list(year_gaps(returns, None, AS_OF)) == []

    @given(years=st.lists(st.integers(2015, 2025), min_size=1, max_size=12))
    def test_filed_and_missing_are_all_years_since_the_first(self, years):
        returns = pd.DataFrame({"enterprise_id": "e", "year": years})
        missing = missing_years(returns, 2025)["year"].tolist()
        assert sorted({*years, *missing}) == list(range(min(years), 2026))
        assert not set(years) & set(missing)
