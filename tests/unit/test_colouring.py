"""Colours that tell the truth: which class a parcel is in, what the legend says of it, and whether the eye can tell classes apart."""

from __future__ import annotations

import itertools
import warnings

import geopandas as gpd
import hypothesis.strategies as st
import mapclassify
import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import example, given
from matplotlib.colors import to_hex
from shapely import box

from maps.classes import class_values, difference_classing, settled
from maps.coded import IDLE
from maps.colouring import GROUPS, colourings
from maps.natural import natural_breaks
from maps.palette import (
    CANDIDATES,
    CLUSTERS,
    EVIDENCE,
    FAVOURABLE,
    GRADES,
    LAND_USE_FILLS,
    NO_VALUE,
    NOT_JUDGED,
    STATES,
    VERDICTS,
)
from maps.quantities import Wanted
from maps.ramps import contrast, difference_styles, ramp_styles
from maps.specs import MapSpec
from parkgeo.units import M2_PER_HA

COMPUTED = ("quantile", "natural_breaks", "equal_interval", "round")
FAR = "control.far_min"
any_figures = st.one_of(
    st.floats(allow_subnormal=False),
    st.sampled_from([0.0, 1.0, 2.0, 2.5, -3.0, 1e-9, 7e5, np.nan, np.inf]),
)
columns = st.lists(any_figures, max_size=60).map(lambda each: np.array(each, dtype=np.float64))
quarters = st.integers(-400, 400).map(lambda each: each / 4)
tame = st.lists(quarters, min_size=1, max_size=48).map(np.array)


class Told:
    """What a colouring asks of a snapshot."""

    def __init__(self, fields=None, findings=None, pack=None):
        self.catalogue = {
            "fields": {"parcels": fields or {}},
            "findings": findings or {},
            "figures": pack or {},
        }
        self.findings_catalogue = self.catalogue["findings"]

    def field(self, table, column):
        known = self.catalogue["fields"].get(table, {}).get(column, {})
        return {"zh": column, "en": column, "unit": "", "type": "text", **known}


def metric(unit="", source="parkgeo"):
    return {"zh": "指标", "en": "Metric", "unit": unit, "type": "number", "needs": [], "source": source}


def figure(value, unit="1", **more):
    return {
        "value": value, "unit": unit, "kind": "rule", "zh": "", "en": "", "clause_zh": "第三条", "clause_en": "art. 3", "source": "Order",
        "edition": "2008", "verified": True, "pack": "national", "on": True,
    } | more  # fmt: skip


def plots(**values):
    count = len(next(iter(values.values())))
    # The n-th is n hectares large.
    shapes = [box(0, 0, 100.0, 100.0 * (number + 1)) for number in range(count)]
    return gpd.GeoDataFrame(values, geometry=shapes, crs=32650)


def one(found, key):
    return next(each for each in found if each.key == key)


def coloured(values, how=None, *, column="tax_wan_per_mu", unit="", pack=None, source="parkgeo"):
    """The colouring of one metric, as a spec wants it or as it is by default."""
    specs = [MapSpec("m", ("甲", "A"), column, classes=how)] if how else []
    table = plots(**{column: np.array(values, dtype=np.float64)})
    return one(
        colourings(Told({column: metric(unit, source)}, pack=pack), table, specs),
        f"{column}@m" if how else column,
    )


def bands(found):
    return [each.band for each in found.classes]


def english(found):
    return [each.label and each.label[1] for each in found.classes]


def within(value, band, *, reached=False):
    low, high = band
    if low is not None and low == high:
        return value == low
    over = low is None or (value >= low if reached else value > low)
    return over and (high is None or (value < high if reached else value <= high))


# Known classes


def test_quantiles_of_eight_are_two_each_the_best_first_with_their_land():
    found = coloured([1, 2, 3, 4, 5, 6, 7, 8], Wanted("quantile", 4, better="more"))
    assert bands(found) == [(6, None), (4, 6), (2, 4), (None, 2), None]
    assert [each.count for each in found.classes] == [2, 2, 2, 2, 0]
    assert found.of().tolist() == [3, 3, 2, 2, 1, 1, 0, 0]
    # Parcels 7 and 8 have 7 ha and 8 ha.
    assert (found.classes[0].ha, found.classes[0].mu) == (15.0, 225.0)
    assert sum(each.ha for each in found.classes) == 36.0


def test_up_to_a_given_break_is_the_class_below_it():
    found = coloured([0.5, 0.8, 0.9], Wanted("breaks", breaks=(0.8, 5.0)))
    assert found.of().tolist() == [2, 2, 1]
    # What is given stays, also where nothing is in it.
    assert [each.count for each in found.classes] == [0, 1, 2, 0]


def test_thresholds_of_the_pack_are_reached_at_them_and_cited():
    pack = {FAR: figure({"13": 0.8, "14": 1.0, "15": 0.8})}
    values = [0.5, 0.8, 0.1 + 0.7, 0.9, 1.0, np.nan]
    found = coloured(values, Wanted("pack", pack=FAR, better="more"), column="far", pack=pack)
    assert english(found) == ["1 and more", "0.8 to under 1", "under 0.8", "No value"]
    # 0.1 + 0.7 is a hair below 0.8 in binary, and is 0.8.
    assert found.of().tolist() == [2, 1, 1, 1, 0, 3]
    assert found.source == ("parkgeo; 第三条 · Order, 2008", "parkgeo; art. 3 · Order, 2008")
    assert found.verified is True
    assert FAR in found.scheme[0]


def test_at_the_most_that_a_pack_allows_is_still_within():
    pack = {FAR: figure([0.8])}
    found = coloured([0.5, 0.8, 0.9], Wanted("pack", pack=FAR, better="less"), column="far", pack=pack)
    assert found.of().tolist() == [0, 0, 1]
    assert english(found)[:2] == [None, None]


def test_thresholds_are_in_the_unit_of_the_values():
    pack = {"benchmark.tax": figure(150, "wan/ha")}
    how = Wanted("pack", pack="benchmark.tax", better="more")
    found = coloured([9.9, 10.0], how, unit="wan/mu", pack=pack)
    assert bands(found)[:2] == [(10.0, None), (None, 10.0)]
    assert found.of().tolist() == [1, 0]


@pytest.mark.parametrize(
    "held",
    [
        None,
        figure(0.8, on=False),
        figure({}),
        figure(True),
        figure("two"),
        figure({"a": ["x"]}),
        figure(0.8, "day"),
        figure([float(each) for each in range(7)]),
    ],
)
def test_a_figure_that_cannot_be_used_is_named_and_quantiles_stand_in(held):
    pack = {} if held is None else {FAR: held}
    found = coloured(range(10), Wanted("pack", 2, pack=FAR), column="far", pack=pack)
    assert [each.count for each in found.classes] == [5, 5, 0]
    assert FAR in found.scheme[0]
    assert "hold no usable figure" in found.scheme[1]
    assert found.source == ("parkgeo", "parkgeo")


def test_differences_lie_on_both_sides_of_a_class_about_zero():
    pack = {"boundary.area_tolerance": figure(0.02, kind="setting", verified=False)}
    found = coloured([-0.3, -0.02, 0.0, 0.02, 0.021, np.nan], column="area_difference_ratio", pack=pack)
    zero = english(found).index("about zero: -2 % to 2 %")
    assert found.classes[zero].band == (-0.02, 0.02)
    assert found.classes[zero].count == 2
    below, above = found.classes[:zero], found.classes[zero + 1 : -1]
    assert [sum(each.count for each in side) for side in (below, above)] == [2, 1]
    assert found.classes[zero].style["fill"] == "#F7F7F7"
    # Red below and blue above, and as many of the one as of the other.
    assert all(each.style["fill"][1:3] > each.style["fill"][5:] for each in below)
    assert all(each.style["fill"][1:3] < each.style["fill"][5:] for each in above)
    assert len(below) == len(above)


def test_where_nothing_differs_there_is_one_class_that_says_so():
    found = coloured([0.0, 0.0, np.nan], column="ndvi_change")
    assert english(found) == ["no difference", "No value"]


def test_things_that_are_counted_are_named_by_their_number():
    found = coloured([7, 6, 5, 4, 3, 1], column="services_ready", unit="1")
    assert bands(found)[:-1] == [(7, 7), (6, 6), (5, 5), (4, 4), (None, 3)]
    assert found.of().tolist() == [0, 1, 2, 3, 4, 4]
    assert bands(coloured([2, 2, 0, 5], column="gates", unit="1"))[:-1] == [(0, 0), (2, 2), (5, 5)]


def test_minutes_part_at_steps_that_people_count_in():
    found = coloured([3, 8, 15, 22, np.nan], column="travel_min_port", unit="min")
    assert bands(found) == [(None, 5), (5, 10), (10, 15), (15, 20), (20, None), None]
    assert found.of().tolist() == [0, 1, 2, 4, 5]
    assert english(found)[-1] == "No access, or not known"


@pytest.mark.parametrize("scheme", COMPUTED)
@pytest.mark.parametrize(
    ("values", "classes"),
    [([], 1), ([np.nan, np.inf, -np.inf], 1), ([5.0] * 9, 1), ([5.0, 5.0, 1.0], 2), ([-1e308, 1e308], 2)],
)
def test_few_values_give_few_classes_and_no_exception(scheme, values, classes):
    found = class_values(np.array(values), scheme)
    if scheme != "round" or classes == 1:
        assert len(found.bands) == classes
    assert (found.of(np.array(values)) == len(found.bands)).sum() == (~np.isfinite(values)).sum()


def test_what_arithmetic_leaves_in_the_tenth_digit_makes_no_class():
    found = coloured(
        [0.9999999997, 0.99999999988, 1.0], Wanted("quantile"), column="imagery_valid_share", unit="1"
    )
    assert [each.count for each in found.classes] == [3, 0]


def test_infinite_is_no_value_and_no_value_is_in_the_legend_at_none():
    found = coloured([1.0, 2.0, np.inf, -np.inf, np.nan])
    assert found.classes[-1].code == "no_value"
    assert found.classes[-1].count == 3
    assert coloured([1.0, 2.0]).classes[-1].count == 0


# Laws


@given(columns, st.sampled_from(COMPUTED), st.integers(2, 7))
@example(np.array([0.9999999997, 1.0, 0.99999999988]), "quantile", 5)
@example(np.array([0.0] * 50 + [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), "quantile", 5)
@example(np.array([1e308, -1e308, 1.0, 2.0, 3.0, 4.0]), "equal_interval", 5)
def test_every_value_is_in_one_class_within_its_band(values, scheme, count):
    values = settled(values)
    found = class_values(values, scheme, count)
    places = found.of(values)
    assert 1 <= len(found.bands) <= count
    assert ((places == len(found.bands)) == ~np.isfinite(values)).all()
    for value, place in zip(values[np.isfinite(values)], places[np.isfinite(values)], strict=True):
        assert [within(value, band) for band in found.bands].index(True) == place
        assert sum(within(value, band) for band in found.bands) == 1
    # A greater value is never in a lower class.
    order = np.argsort(values[np.isfinite(values)], kind="stable")
    assert (np.diff(places[np.isfinite(values)][order]) >= 0).all()


@given(columns, st.sampled_from(["quantile", "natural_breaks"]), st.integers(2, 7))
@example(np.array([0.0] * 50 + [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), "quantile", 5)
@example(np.concatenate([np.linspace(0, 1, 100), [50.4], np.linspace(60.1, 61, 100)]), "natural_breaks", 3)
@example(np.array([-2.6e138, -2.7e133, 3.0e-212, 3.3e-132, 4.2e56]), "quantile", 4)
def test_no_class_is_empty(values, scheme, count):
    found = class_values(settled(values), scheme, count)
    held = np.bincount(found.of(settled(values)), minlength=len(found.bands))
    assert np.isfinite(values).sum() == 0 or held[: len(found.bands)].min() > 0


@given(columns, st.lists(quarters, min_size=1, max_size=6, unique=True).map(sorted), st.booleans())
def test_given_breaks_stay_and_their_bands_cover_and_do_not_overlap(values, breaks, reached):
    found = class_values(values, "breaks", breaks=breaks, reached=reached)
    assert found.breaks == tuple(breaks)
    assert [found.bands[0][0], found.bands[-1][1]] == [None, None]
    assert all(low[1] == high[0] for low, high in itertools.pairwise(found.bands))
    for value in [*breaks, *values[np.isfinite(values)]]:
        place = found.of(np.array([value]))[0]
        assert [within(value, band, reached=reached) for band in found.bands].count(True) == 1
        assert within(value, found.bands[place], reached=reached)


@given(columns)
@example(np.array([5e-324, 1.0]))
def test_differences_are_classed_alike_on_both_sides(values):
    values = settled(values)
    found = difference_classing(values)
    assert found.breaks == tuple(-each for each in reversed(found.breaks)) or len(found.bands) <= 1
    assert ((found.of(values) == len(found.bands)) == ~np.isfinite(values)).all()


@given(columns, st.sampled_from(["far", "area_difference_ratio", "travel_min_port", "gates", "ndvi_change"]))
def test_counts_and_land_of_all_classes_are_all_parcels(values, column):
    if not (~np.isnan(values)).any():
        return
    found = coloured(values, column=column)
    assert sum(each.count for each in found.classes) == len(values) == len(found.of())
    assert found.of().dtype == np.uint8
    assert np.bincount(found.of(), minlength=len(found.classes)).tolist() == [
        each.count for each in found.classes
    ]
    assert sum(each.ha for each in found.classes) == pytest.approx(len(values) * (len(values) + 1) / 2)
    styles = [tuple(sorted(each.style.items())) for each in found.classes]
    assert len(set(styles)) == len(styles)


# Held against mapclassify


@given(tame, st.integers(2, 7))
@example(np.array([0.0, 0.0, 0.25, -0.25, 0.5, -0.5]), 4)
def test_quantiles_part_as_those_of_mapclassify(values, count):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        theirs = mapclassify.Quantiles(values, k=count)
    if len(np.unique(values)) <= count:
        return
    ours = class_values(values, "quantile", count)
    # Two of their bins may end between the same two values: the class between is empty, and ours has none such.
    _, places = np.unique(theirs.yb, return_inverse=True)
    assert np.searchsorted(ours.breaks, values).tolist() == places.tolist()


@given(tame, st.integers(2, 7))
def test_equal_intervals_part_at_their_bins_to_a_hundredth_of_a_step(values, count):
    if len(np.unique(values)) <= count:
        return
    theirs = mapclassify.EqualInterval(values, k=count).bins[:-1]
    ours = class_values(values, "equal_interval", count).breaks
    assert ours == pytest.approx(theirs.tolist(), abs=float(np.ptp(values)) / count / 100)


def _spread(values, breaks):
    places = np.searchsorted(breaks, values)
    return sum(
        ((part := values[places == place]) ** 2).sum() - len(part) * part.mean() ** 2 for place in set(places)
    )


@pytest.mark.filterwarnings("ignore:Numba not installed")
@given(tame, st.integers(2, 5))
def test_natural_breaks_spread_no_more_than_those_of_mapclassify(values, count):
    if len(np.unique(values)) < count:
        return
    ours = natural_breaks(values, count)
    theirs = mapclassify.FisherJenks(values, k=count).bins[:-1]
    assert len(ours) == count - 1
    assert _spread(values, ours) <= _spread(values, theirs) + 1e-6


@given(st.lists(quarters, min_size=3, max_size=9, unique=True).map(np.array))
def test_natural_breaks_are_the_best_of_all_cuts(values):
    least = min(_spread(values, cut) for cut in itertools.combinations(sorted(values)[:-1], 2))
    assert _spread(values, natural_breaks(values, 3)) == pytest.approx(least, abs=1e-9)


def test_natural_breaks_of_many_values_need_no_sample():
    random = np.random.default_rng(7)
    groups = [random.normal(centre, 1.0, 30_000) for centre in (1e6, 1e6 + 40, 1e6 + 100)]
    low, high = natural_breaks(np.concatenate(groups), 3)
    # mapclassify reckons in single precision, to which a million and ten are hardly two figures.
    assert groups[0].max() == low
    assert groups[1].max() == high


# Codes


FIELDS = {
    "idle": {"zh": "闲置", "en": "Idle", "type": "verdict"},
    "overlap": {"zh": "宗地重叠", "en": "Overlap", "type": "verdict"},
    "levelled_ground": {"zh": "平整", "en": "Level", "type": "verdict"},
    "evidence_says": {"zh": "证据", "en": "Evidence", "type": "code", "codes": {"cannot_say": "无法判断"}},
}
RULES = {
    "idle_not_started": {"kind": "rule", "verified": True, "clause_zh": "二条", "clause_en": "art. 2", "source": "Order 53, 2012"},
    "idle_suspended": {"kind": "rule", "verified": False, "clause_zh": "二条", "clause_en": "art. 2", "source": "Order 53, 2012"},
    "overlap": {"kind": "setting", "verified": False, "clause_zh": "", "clause_en": "", "source": "parkgeo"},
}  # fmt: skip


def of_codes(**values):
    return colourings(
        Told(FIELDS, RULES), plots(**{name: np.array(each, dtype=object) for name, each in values.items()})
    )


def test_the_verdict_has_its_four_classes_also_where_there_is_none():
    found = of_codes(idle=["no", None, "yes", "no"])[0]
    assert (found.key, found.kind, found.suspected) == (IDLE, "verdict", True)
    assert english(found) == ["Suspected idle", "Undetermined", "Not idle", "Not judged"]
    assert [each.count for each in found.classes] == [1, 0, 2, 1]
    assert found.of().tolist() == [2, 3, 0, 2]
    assert [each.ha for each in found.classes] == [3.0, 0.0, 5.0, 2.0]


def test_without_a_verdict_all_are_not_judged():
    found = of_codes(grade=["A", "D", None])[0]
    assert found.key == IDLE
    assert [each.count for each in found.classes] == [0, 0, 0, 3]


def test_a_verdict_that_rests_on_an_unverified_rule_says_so_and_a_setting_is_none():
    found = of_codes(idle=["yes"], overlap=["no"])
    assert one(found, "idle").verified is False
    assert one(found, "idle").source == ("二条 · Order 53, 2012", "art. 2 · Order 53, 2012")
    assert one(found, "overlap").verified is None
    assert one(found, "overlap").source[1].startswith("parkgeo setting")


def test_good_news_does_not_look_like_a_finding():
    found = one(of_codes(levelled_ground=["yes", "no"]), "levelled_ground")
    assert found.classes[0].style["fill"] not in {VERDICTS["yes"]["fill"], VERDICTS["no"]["fill"]}
    assert "pattern" not in found.classes[0].style


def test_grades_and_land_not_rated():
    found = one(of_codes(grade=["A", "D", None, "A+"]), "grade")
    assert english(found) == ["A", "B", "C", "D", "Another code", "Not rated"]
    assert [each.count for each in found.classes] == [1, 0, 0, 1, 1, 1]
    assert found.kind == "grade"


def test_states_that_no_parcel_has_are_left_out_but_undetermined_stays():
    found = one(of_codes(land_state=["in_use", "suspended", "in_use"]), "land_state")
    assert english(found) == ["Suspended", "In normal use", "Undetermined", "No value"]
    assert found.of().tolist() == [1, 0, 1]
    assert found.suspected is True


def test_land_use_has_the_colours_of_the_office():
    found = one(of_codes(land_use_code=["100101", "0701", "zz", None]), "land_use_code")
    fills = dict(
        zip(
            [each.code for each in found.classes], [each.style["fill"] for each in found.classes], strict=True
        )
    )
    assert fills == {
        "residential": "#FFFF2D",
        "industry": "#BB9674",
        "other": "#F3E3D3",
        "no_value": "#DDDDDD",
    }
    assert found.of().tolist() == [1, 0, 2, 3]


def test_evidence_that_contradicts_itself_is_its_own_class():
    found = one(of_codes(evidence_says=["conflict", "idle", "cannot_say", "in_use", None]), "evidence_says")
    assert [each.code for each in found.classes] == ["idle", "conflict", "cannot_say", "in_use", NOT_JUDGED]
    assert [each.count for each in found.classes] == [1] * 5


def test_a_metric_says_when_a_figure_that_it_rests_on_is_not_verified():
    pack = {
        "yield.floor": figure(1, verified=False),
        "yield.roof": figure(1),
        "water.a": figure(1, kind="setting"),
    }
    told = {name: coloured([1, 2], pack=pack, source=source).verified for name, source in {
        "both": "parkgeo: yield.floor, yield.roof", "seen": "parkgeo: yield.roof", "group": "limits, group yield", "setting": "water.a",
        "none": "plane area",
    }.items()}  # fmt: skip
    assert told == {"both": False, "seen": True, "group": False, "setting": None, "none": None}


# The list


def test_what_is_personal_or_empty_or_no_metric_is_not_offered():
    fields = {
        "far": metric() | {"personal": True}, "score": metric(), "roof_area_m2": metric("m2"),
        "source_row": {"type": "integer", "zh": "行", "en": "Row", "unit": ""},
    }  # fmt: skip
    table = plots(far=[1.0, 2.0], score=[np.nan, np.nan], roof_area_m2=[3.0, np.nan], source_row=[4, 5])
    assert [each.key for each in colourings(Told(fields), table)] == [IDLE, "roof_area_m2"]


def test_the_list_is_made_without_working_anything_out(monkeypatch):
    def fail(*_, **__):
        raise AssertionError

    monkeypatch.setattr("maps.legend.Land.count", fail)
    fields = {"far": metric(), "score": metric()} | FIELDS
    found = colourings(Told(fields, RULES), plots(far=[1.0, 2.0], score=[3.0, 4.0], idle=["yes", "no"]))
    assert [each.key for each in found] == ["idle", "score", "far"]
    assert all(each.group in GROUPS for each in found)
    with pytest.raises(AssertionError):
        found[0].of()


def test_classes_are_worked_out_once():
    found = coloured([1.0, 2.0])
    assert found.of() is found.of()
    assert found.as_dict()["of"] is found.of()


# The eye. Machado, Oliveira, Fernandes 2009, severity 1, on linear RGB.

VISION = {
    "normal": np.eye(3),
    "deuteranopia": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "tritanopia": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]),
}  # fmt: skip
JUST_SEEN = 2.3
APART = 10.0
"""Distance in CIELAB at which two flat colours side by side are told apart at a glance; 2.3 is what is just seen."""


def linear(style):
    """A fill on white paper, as linear RGB."""
    shares = np.array([int(style["fill"][at : at + 2], 16) for at in (1, 3, 5)]) / 255
    shares = style["fill_opacity"] * shares + 1 - style["fill_opacity"]
    return np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    to_xyz = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])  # fmt: skip
    xyz = to_xyz @ np.clip(rgb, 0, 1) / (to_xyz @ np.ones(3))
    root = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


def distance(one_style, other, vision):
    return float(
        np.linalg.norm(lab(VISION[vision] @ linear(one_style)) - lab(VISION[vision] @ linear(other)))
    )


def told_apart(one_style, other, vision):
    """By colour, or by a pattern that only one of them has and a colour that is at least not the same."""
    far = distance(one_style, other, vision)
    return far >= APART or (one_style.get("pattern") != other.get("pattern") and far >= JUST_SEEN)


RAMPS = {
    **{
        f"{ramp} {count}": ramp_styles(count, ramp)
        for ramp in ("viridis", "cividis")
        for count in range(2, 8)
    },
    **{f"differences {side}": difference_styles(side, side) for side in (1, 2, 3)},
}
CODED = {
    "verdict": [VERDICTS[code] for code in ("yes", "undetermined", "no", NOT_JUDGED)],
    "favourable": [*FAVOURABLE.values(), VERDICTS[NOT_JUDGED]],
    "grade": [*GRADES.values(), NO_VALUE],
    "state": [*STATES.values(), NO_VALUE],
    "evidence": [*EVIDENCE.values(), VERDICTS[NOT_JUDGED]],
    "candidates": [*CANDIDATES.values(), NO_VALUE],
    "clusters": [*CLUSTERS.values(), NO_VALUE],
    "land use": [*LAND_USE_FILLS.values(), NO_VALUE],
}
PALETTES = {**{name: [*styles, NO_VALUE] for name, styles in RAMPS.items()}, **CODED}


def test_the_reference_of_the_eye_is_right():
    # CIE: white is L* 100; pure sRGB red is (53.24, 80.09, 67.20); deuteranopes see no red or green in grey.
    assert lab(np.ones(3)) == pytest.approx([100, 0, 0], abs=0.01)
    assert lab(np.array([1.0, 0, 0])) == pytest.approx([53.24, 80.09, 67.20], abs=0.02)
    assert all(matrix @ np.ones(3) == pytest.approx(np.ones(3), abs=1e-5) for matrix in VISION.values())


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("name", PALETTES)
def test_neighbours_in_a_legend_are_told_apart(name, vision):
    close = [
        (at, round(distance(low, high, vision), 1))
        for at, (low, high) in enumerate(itertools.pairwise(PALETTES[name]))
        if not told_apart(low, high, vision)
    ]
    assert not close


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("name", PALETTES)
def test_no_value_and_undetermined_look_like_no_class(name, vision):
    styles = PALETTES[name]
    apart = [VERDICTS["undetermined"], styles[-1]]
    close = [
        (at, round(distance(style, sign, vision), 1))
        for sign in apart
        for at, style in enumerate(styles)
        if style is not sign and not told_apart(style, sign, vision)
    ]
    assert not close


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("name", RAMPS)
def test_no_figure_has_the_colour_of_undetermined_to_any_eye(name, vision):
    assert all(distance(style, VERDICTS["undetermined"], vision) >= APART for style in RAMPS[name])


@pytest.mark.parametrize("name", PALETTES)
def test_outlines_show_on_their_fills_and_shapes_on_the_page(name):
    for style in PALETTES[name]:
        share = style["fill_opacity"]
        parts = [round(share * int(style["fill"][at : at + 2], 16) + (1 - share) * 255) for at in (1, 3, 5)]
        fill = "#" + "".join(f"{part:02X}" for part in parts)
        assert contrast(style["stroke"], fill) >= 3.0, style
        assert max(contrast(style["stroke"], "#FFFFFF"), contrast(fill, "#FFFFFF")) >= 3.0, style


@pytest.mark.parametrize("ramp", ["viridis", "cividis"])
def test_ramps_are_those_of_matplotlib_without_their_yellow_end(ramp):
    for count in range(2, 8):
        theirs = [to_hex(mpl.colormaps[ramp](0.8 * at / (count - 1))).upper() for at in range(count)]
        assert [style["fill"] for style in ramp_styles(count, ramp)] == theirs


def test_hectares_of_the_tests_are_hectares():
    assert plots(a=[1, 2]).area.to_numpy() / M2_PER_HA == pytest.approx([1, 2])
