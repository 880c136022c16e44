"""What of a kind each parcel is: class 3 industry, housing, school and the like, or that nobody can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from parkgeo.assess.coded import coded
from parkgeo.assess.land_codes import use_prefixes
from parkgeo.assess.layout import kinds_of_codes
from parkgeo.assess.states.trivalent import NO, UNKNOWN, YES

if TYPE_CHECKING:
    import pandas as pd

    from parkgeo.assess.states.trivalent import Answer
    from parkgeo.packs import RuleBook

__all__ = ["NAMES", "buildable", "kind_name", "parcel_kinds"]

NAMES: dict[str, dict[str, str]] = {
    "class_3_industry": {"zh": "三类工业", "en": "class 3 industry"},
    "class_3_storage": {"zh": "三类仓储", "en": "class 3 storage"},
    "hazard_source": {"zh": "危险源", "en": "hazard source"},
    "housing": {"zh": "居住", "en": "housing"},
    "school": {"zh": "学校", "en": "school"},
    "hospital": {"zh": "医疗", "en": "hospital"},
    "office": {"zh": "办公", "en": "offices"},
}
"""Kinds of the shipped table of distances by name; one that an office adds is called as it writes it."""

# What a name of the use alone leaves open: works may be of any class.
_BY_NAME = {"industry": "class_3_industry", "storage": "class_3_storage"}
_MAY_BE = "?"


def kind_name(kind: str, lang: str) -> str:
    """A kind in a language."""
    return NAMES[kind][lang] if kind in NAMES else kind


def parcel_kinds(parcels: pd.DataFrame, rules: RuleBook) -> dict[str, Answer]:
    """Whether each parcel is of each kind that the packs list.

    Parameters
    ----------
    parcels
        ``use_code``, ``land_kind``.
    rules
        ``layout.neighbour_uses``.

    Returns
    -------
    dict
        Kind → answer for every parcel: unknown where there is no code, where nothing explains it, and where it does not go far
        enough down: industry without its class may be class 3. Without a code land that is called works may be so too.
    """
    code, land = coded(parcels, "use_code"), coded(parcels, "land_kind")
    coded_ = code.codes >= 0
    open_ = land.among(["unknown"]) | (~coded_ & land.among(["other", "too_small"]))
    found = {}
    for kind, prefixes in kinds_of_codes(rules, "neighbour_uses").items():
        sure = tuple(each for each in prefixes if not each.endswith(_MAY_BE))
        maybe = tuple(each.removesuffix(_MAY_BE) for each in prefixes if each.endswith(_MAY_BE))
        own = code.where(lambda word, sure=sure: word.startswith(sure))  # type: ignore[misc]
        coarse = code.where(
            lambda word, sure=sure, maybe=maybe: (  # type: ignore[misc]
                word.startswith(maybe) or any(each.startswith(word) for each in sure)
            )
        )
        called = [name for name, of in _BY_NAME.items() if of == kind]
        unsure = open_ | coarse | (~coded_ & land.among(called))
        found[kind] = np.where(own, YES, np.where(unsure, UNKNOWN, NO)).astype(np.int8)
    return found


def buildable(parcels: pd.DataFrame, rules: RuleBook) -> Answer:
    """Whether each parcel is land to be built on, whatever constraints lie over it.

    Parameters
    ----------
    parcels
        ``use_code``, ``land_kind``.
    rules
        ``land.not_built_on`` and ``land.not_construction``.

    Returns
    -------
    numpy.ndarray
        By the code alone where there is one; else no for land that by its name is not built on, and unknown where nothing tells.
    """
    code, land = coded(parcels, "use_code"), coded(parcels, "land_kind")
    lists = ("land.not_built_on", "land.not_construction")
    without = tuple(prefix for key in lists for prefix in use_prefixes(rules, key))
    named = code.codes >= 0
    never = code.where(lambda word: word.startswith(without)) | (~named & land.among(["not_built_on"]))
    open_ = land.among(["unknown"]) | (~named & land.among(["too_small"]))
    return np.where(never, NO, np.where(open_, UNKNOWN, YES)).astype(np.int8)
