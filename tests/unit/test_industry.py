"""Industry codes of GB/T 4754: what a code became, what it came from, and the floor area ratio keyed by it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkgeo.errors import PackError
from parkgeo.packs import load_packs
from parkgeo.packs.industry import (
    EDITIONS,
    _table,
    convert_industry,
    far_min_for,
    industry_title,
    two_digits,
)

RULES = load_packs(["national"], Path())
STEPS = [("2002", "2011"), ("2002", "2017"), ("2011", "2017")]


def one(code: object, older: str, newer: str) -> tuple[str, ...]:
    return convert_industry(pd.Series([code], dtype=object), older, newer).iloc[0]


def far(code: object, edition: str) -> tuple[float, bool]:
    row = far_min_for(pd.Series([code], dtype=object), edition, RULES).iloc[0]
    return row["far_min"], bool(row["ambiguous"])


class TestTable:
    @pytest.mark.parametrize("edition", EDITIONS)
    def test_every_class_has_two_titles(self, edition):
        titles = _table()["titles"][edition]
        assert {f"{code:02d}" for code in range(13, 47)} - set(titles) == (
            {"38"} if edition == "2002" else set()
        )
        for code, (zh, en) in titles.items():
            assert len(code) == 2
            assert zh.strip()
            assert en.isascii()

    @pytest.mark.parametrize("step", STEPS)
    def test_conversion_names_only_classes_that_there_are(self, step):
        older, newer = (_table()["titles"][edition] for edition in step)
        main, moves = (_table()[part]["-".join(step)] for part in ("main", "moves"))
        assert set(main) == set(older)
        assert set(main.values()) <= set(newer)
        for move in moves:
            assert move["old"][:2] in older
            assert move["new"][:2] in newer
            assert move.get("also", "both") in ("old", "new", "both")

    @pytest.mark.parametrize("step", STEPS)
    def test_no_class_of_manufacturing_comes_from_nowhere(self, step):
        codes = pd.Series([f"{code:02d}" for code in range(13, 47)])
        assert convert_industry(codes, step[1], step[0]).map(len).min() >= 1


@pytest.mark.parametrize(
    ("code", "new"),
    [
        ("39", ("38",)), ("40", ("39",)), ("31", ("30",)), ("32", ("31",)), ("43", ("42",)), ("44", ("44",)), ("13", ("13",)),
        ("3725", ("36",)), ("3731", ("37",)), ("3711", ("37",)), ("2911", ("29",)), ("3010", ("29",)), ("2960", ("19",)),
        ("3081", ("19",)), ("415", ("34",)), ("4111", ("40",)), ("4211", ("24",)), ("4221", ("30",)), ("4230", ("25",)),
        ("3591", ("33",)), ("3521", ("34",)), ("41", ("34", "40", "43")), ("29", ("19", "29")), ("3726", ("81",)),
        ("58", ("59",)), ("75", ("73",)), ("63", ("51",)), ("1810", ("18",)), ("1761", ("17", "18")),
    ],
)  # fmt: skip
def test_from_2002_to_2017(code, new):
    assert one(code, "2002", "2017") == new


@pytest.mark.parametrize(
    ("code", "old"),
    [
        ("36", ("37",)), ("3660", ("37",)), ("37", ("36", "37")), ("3731", ("37",)), ("38", ("39",)), ("29", ("29", "30")),
        ("2911", ("29",)), ("2926", ("30",)), ("1953", ("30",)), ("1954", ("29",)), ("3474", ("41",)), ("3421", ("35",)),
        ("2438", ("42",)), ("2411", ("24",)), ("24", ("24", "42")), ("2524", ("42",)), ("2511", ("25",)), ("3391", ("35",)),
        ("3921", ("40",)), ("3985", ("26", "40")), ("59", ("57", "58")), ("591", ("57",)), ("42", ("43",)),
    ],
)  # fmt: skip
def test_from_2017_to_2002(code, old):
    assert one(code, "2017", "2002") == old


@pytest.mark.parametrize(
    ("code", "new"),
    [("36", ("36",)), ("313", ("33",)), ("3140", ("31",)), ("31", ("31", "33")), ("4120", ("25",)), ("581", ("59",)), ("80", ("81",))],
)  # fmt: skip
def test_from_2011_to_2017(code, new):
    assert one(code, "2011", "2017") == new


@pytest.mark.parametrize("written", ["C36", "c36", " 36 ", "3610", "C3610", 36, 3610, 36.0, "36.0", "361"])
def test_as_offices_write_codes(written):
    assert one(written, "2017", "2002") == ("37",)
    assert two_digits(pd.Series([written], dtype=object)).tolist() == ["36"]


@pytest.mark.parametrize(
    "written", [None, np.nan, pd.NA, "", "C", "n/a", "3", "36100", "C-36", "汽车", "３６", "99", "98"]
)
def test_what_is_no_code_has_no_candidates(written):
    assert one(written, "2017", "2002") == ()
    assert np.isnan(far(written, "2017")[0])


def test_the_rows_keep_their_index_and_the_input_is_untouched():
    codes = pd.Series(["36", None, "C29"], index=[7, 3, 7], name="industry")
    before = codes.copy()
    found = convert_industry(codes, "2017", "2002")
    pd.testing.assert_series_equal(codes, before)
    assert found.index.tolist() == [7, 3, 7]
    assert found.tolist() == [("37",), (), ("29", "30")]
    table = far_min_for(codes, "2017", RULES)
    assert table.index.tolist() == [7, 3, 7]
    assert table["figure"].tolist() == [
        "control.far_min_by_industry_2002",
        None,
        "control.far_min_by_industry_2002",
    ]
    assert far_min_for(codes.iloc[:0], "2017", RULES).dtypes.astype(str).tolist() == [
        "float64",
        "bool",
        "object",
    ]


def test_an_edition_that_there_is_not():
    with pytest.raises(PackError, match="2002, 2011, 2017"):
        one("36", "1994", "2017")
    with pytest.raises(PackError, match="no edition"):
        far("36", "17")
    with pytest.raises(PackError, match="no edition"):
        industry_title("36", "2012", "zh")


def test_titles():
    assert industry_title("37", "2002", "zh") == "交通运输设备制造业"
    assert industry_title("C3812", "2017", "en") == "electrical machinery and apparatus"
    assert industry_title("25", "2011", "zh") != industry_title("25", "2017", "zh")
    assert industry_title("38", "2002", "zh") == ""


class TestFloorAreaRatio:
    def test_by_the_edition_of_the_table_itself(self):
        table = RULES["control.far_min_by_industry_2002"].table()
        for code, value in table.items():
            assert far(code, "2002") == (value, False)

    def test_automobiles_of_2017_are_not_judged_by_special_machinery_of_2002(self):
        # The same two digits mean other classes: 39 was electrical machinery (0.7) and is electronics (1.0).
        assert far("3921", "2017") == (1.0, False)
        assert far("39", "2002") == (0.7, False)
        assert far("38", "2017") == (0.7, False)
        assert far("31", "2017") == (0.6, False)

    def test_a_doubtful_code_gets_the_least(self):
        assert far("29", "2017") == (0.8, True)
        assert far("2911", "2017") == (0.8, False)
        assert far("2926", "2017") == (1.0, False)
        assert far("19", "2017") == (0.8, True)
        assert far("24", "2017") == (1.0, False)
        assert far("39", "2017") == (0.6, True)

    def test_no_figure_for_what_is_not_manufacturing(self):
        assert np.isnan(far("59", "2017")[0])

    def test_without_the_chinese_pack_nothing_is_asked(self):
        found = far_min_for(pd.Series(["36"]), "2017", load_packs(["scotland"], Path()))
        assert found["far_min"].isna().all()
        assert found["figure"].tolist() == [None]

    def test_a_table_of_2023_comes_first(self, tmp_path):
        (tmp_path / "ours.toml").write_text(
            '[pack]\nname = "o"\nedition = "1"\n[control.far_min_by_industry_2023]\nvalue = { "36" = 1.3 }\n'
            'source = "the notice"\nedition = "2023"\nverified = true\n',
            encoding="utf-8",
        )
        found = far_min_for(
            pd.Series(["3610", "3811"]), "2017", load_packs(["national", "ours.toml"], tmp_path)
        )
        assert found["far_min"].tolist() == [1.3, 0.7]
        assert found["figure"].str[-4:].tolist() == ["2023", "2002"]


CODES = st.sampled_from([f"{code:02d}" for code in range(6, 51)])


@given(code=CODES, digits=st.text("0123456789", max_size=2), step=st.sampled_from(STEPS))
def test_more_digits_never_bring_more_candidates(code, digits, step):
    for older, newer in (step, step[::-1]):
        assert set(one(code + digits, older, newer)) <= set(one(code, older, newer))


@given(code=CODES, step=st.sampled_from(STEPS))
def test_there_and_back_a_code_may_be_itself(code, step):
    for older, newer in (step, step[::-1]):
        for became in one(code, older, newer):
            assert code in one(became, newer, older)


@given(code=CODES, digits=st.text("0123456789", max_size=2), edition=st.sampled_from(EDITIONS))
def test_more_digits_never_lower_the_ratio(code, digits, edition):
    whole, part = far(code, edition)[0], far(code + digits, edition)[0]
    assert np.isnan(part) or part >= whole


@given(st.lists(st.one_of(st.none(), st.text(max_size=5), st.integers(0, 9999)), max_size=20))
def test_any_cell_has_an_answer(cells):
    found = convert_industry(pd.Series(cells, dtype=object), "2017", "2002")
    assert all(isinstance(each, tuple) for each in found)
