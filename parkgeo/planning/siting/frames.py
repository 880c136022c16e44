"""What a search or a matrix of fit found, as tables to be written to files."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from parkgeo.i18n import say
from parkgeo.packs.sources import source_in
from parkgeo.planning.siting.fit import GRADES
from parkgeo.planning.siting.found import limit_dict
from parkgeo.planning.siting.gates import gates_of, judge, margins
from parkgeo.planning.siting.joining_words import obstacle_name
from parkgeo.planning.siting.words import (
    asked_for,
    counterfactual,
    gate_name,
    grade_word,
    lack_words,
    limit_words,
)

if TYPE_CHECKING:
    from parkgeo.planning.siting.fit import Fit
    from parkgeo.planning.siting.found import Found, Site

_TOLD = 20
"""Of no more sites than this a matrix tells each gate in full."""

__all__ = ["fit_dict", "fit_matrix", "fit_rows", "found_rows"]


def found_rows(found: Found, lang: str) -> pd.DataFrame:
    """A row for each site that is listed.

    Returns
    -------
    pandas.DataFrame
        ``answer`` (``fits``, ``why_not``, ``undetermined``), ``rank`` in its list, the site, its score, and the sentences in one language.
    """
    lists = {"fits": found.ranked, "why_not": found.why_not, "undetermined": found.undetermined}
    rows = [
        {"answer": answer, "rank": rank, **_row(site, lang)}
        for answer, sites in lists.items()
        for rank, site in enumerate(sites, 1)
    ]
    return pd.DataFrame(rows, columns=["answer", "rank", *_ROW])


_ROW = (
    "site_id", "kind", "parcel_ids", "grade", "score", "score_low", "score_high", "known_weight", "stability", "limits", "counterfactual",
    "ask", "cost_wan", "obstacles",
)  # fmt: skip


def _row(site: Site, lang: str) -> dict[str, Any]:
    between = say("; ", lang)
    figures = (site.score, site.low, site.high, site.known, site.stability)
    limits = between.join(limit_words(limit, lang) for limit in site.limits)
    obstacles = between.join(obstacle_name(code, lang) for code in site.obstacles)
    told = (limits, site.counterfactual(lang), asked_for(site.limits, lang), site.cost_wan, obstacles)
    return dict(
        zip(_ROW, (site.site_id, site.kind, site.parcel_ids, site.grade, *figures, *told), strict=True)
    )


def fit_rows(fit: Fit, lang: str = "en") -> pd.DataFrame:
    """A row for each site and industry.

    Parameters
    ----------
    fit
        The matrix.
    lang
        Of the sentence in ``lacks``.

    Returns
    -------
    pandas.DataFrame
        ``site_id``, ``kind``, ``industry`` (its key), ``grade``, ``score``, ``known_weight``, and the gates that it ``fails`` with the margin of each in ``lacks``, those that
        are ``open``, joined by ``;``, and ``use_basis``: whether the land's use goes by ``plan``, ``register`` or ``partly`` by both.
    """
    sites, needs = len(fit.sites), len(fit.needs)
    offer = fit.offer()
    failed, unsure, lacks = (np.full((sites, needs), "", dtype=object) for _ in range(3))
    between = say("; ", lang)
    for gate in gates_of(fit.demand):
        told = judge(gate, offer, fit.demand)
        for cells, mask in ((failed, told.no), (unsure, told.open)):
            cells[mask] += np.where(cells[mask] == "", "", ";") + gate.name
        room = margins(gate, offer, fit.demand)[told.no].tolist()
        words = np.array([lack_words(gate.name, one, gate.unit, lang) for one in room], dtype=object)
        lacks[told.no] += np.where(lacks[told.no] == "", "", between) + words
    keys = np.array([one.key for one in fit.needs], dtype=object)
    return pd.DataFrame(
        {
            "site_id": np.repeat(fit.sites["site_id"].to_numpy(dtype=object), needs),
            "kind": np.repeat(fit.sites["kind"].to_numpy(dtype=object), needs),
            "industry": np.tile(keys, sites),
            "grade": _grades(fit).ravel(),
            "score": fit.score.astype(np.float64).ravel(),
            "known_weight": fit.known.astype(np.float64).ravel(),
            "fails": failed.ravel(),
            "lacks": lacks.ravel(),
            "open": unsure.ravel(),
            "use_basis": np.repeat(offer.bases(), needs),
        }
    )


def fit_matrix(fit: Fit, lang: str) -> pd.DataFrame:
    """A row for each site and a column for each industry, with grades in words."""
    words = {grade: grade_word(grade, lang) for grade in GRADES.values()}
    grades = np.vectorize(words.get, otypes=[object])(_grades(fit)) if fit.grade.size else _grades(fit)
    names = [f"{one.name(lang)} ({one.industry})" if one.industry else one.name(lang) for one in fit.needs]
    matrix = pd.DataFrame(grades, columns=names)
    matrix.insert(0, "site_id", fit.sites["site_id"].to_numpy(dtype=object))
    return matrix


def _grades(fit: Fit) -> np.ndarray:
    known = np.array([GRADES[code] for code in (-1, 0, 1, 2, 3)], dtype=object)
    found: np.ndarray = known[fit.grade.astype(np.intp) + 1]
    return found


def fit_dict(fit: Fit, lang: str) -> dict[str, Any]:
    """The matrix as plain values: industries, and for each site its grades, scores and gates that it fails or that are open.

    A gate that is failed has its margin; of few sites each gate is told in full.
    """
    rows = fit_rows(fit, lang)
    rooms = {gate.name: (margins(gate, fit.offer(), fit.demand), gate.unit) for gate in gates_of(fit.demand)}
    industries = [
        {
            "key": one.key,
            "industry": one.industry,
            "title": one.name(lang),
            "source": source_in(one.source, lang),
            "verified": one.verified,
        }
        for one in fit.needs
    ]
    told = rows.astype(object).where(rows.notna(), None).to_dict(orient="records")
    for at, row in enumerate(told):
        site, need = divmod(at, len(fit.needs))
        for name in ("fails", "open"):
            gates = [gate for gate in row[name].split(";") if gate]
            row[name] = [{"gate": gate, "title": gate_name(gate, lang)} for gate in gates]
        for one in row["fails"]:
            room, unit = rooms[one["gate"]]
            margin = float(room[site, need])
            one |= {"margin": margin if math.isfinite(margin) else None, "unit": unit}
        if len(fit.sites) <= _TOLD:
            limits = fit.limits(site, need)
            row["limits"] = [limit_dict(limit, lang) for limit in limits]
            row |= {"counterfactual": counterfactual(limits, lang), "ask": asked_for(limits, lang)}
    return {"industries": industries, "cells": told}
