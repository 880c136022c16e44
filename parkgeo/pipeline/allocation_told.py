"""An allocation as plain values, as tables, and in words."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from parkgeo.i18n import LANGUAGES, figure, say
from parkgeo.planning.allocation import NOWHERE, Reason
from parkgeo.planning.allocation.words import UNITS, demand_words, reason_words, service_name, state_words

if TYPE_CHECKING:
    from parkgeo.pipeline.allocation import Allocation

__all__ = ["allocation_dict", "allocation_frames", "clash_lines", "plan_notes", "projects_frame"]

_NEAREST = "No site fits. The nearest, {site}: {what}"
_OPEN = "No site is known to fit; {site} may. Ask for {what}."
_VERDICTS = {1: "yes", -1: "undetermined", 0: "no"}
_SHARED = (
    "Sites that take several projects: {count}. By area they have room; how the plots are cut is to be drawn."
)
_UNSURE = "Projects on sites of which it is not known whether they fit: {count}."
_UNCOUNTED = "Projects whose need of {service} is not known, and not counted: {count}."
_LEADING = "Leading industries by land: {industries}."
_FINE = "Leading industries by land: {industries}; {points} points are taken off for those above {most}."
_NAMELESS = "Projects whose industry is not known, so that they count for no leading industry: {count}."
_NO_RULE = "No pack in force says how many industries may lead (park.leading_industries_max), and the portfolio does not: it is not looked at."


def projects_frame(told: Allocation) -> gpd.GeoDataFrame:
    """A row a project: its site, what it brings, or why it has none.

    Returns
    -------
    geopandas.GeoDataFrame
        ``project``, ``site_id``, ``parcel_ids``, ``fits`` (yes, undetermined), ``score``, ``points``, ``area_m2``, ``site_net_area_m2``,
        ``industry``, ``output_wan``, ``must``, ``reason_zh``, ``reason_en``, and the site's geometry; blank where the project has no site.
    """
    problem, at = told.problem, told.plan.at
    why = {reason.project: _reason(told, reason) for reason in told.plan.reasons}
    rows = []
    for place, name in enumerate(problem.projects):
        site = int(at[place])
        row: dict[str, Any] = {"project": name, "site_id": None, "parcel_ids": None, "fits": None}
        row |= dict.fromkeys(("score", "points", "site_net_area_m2"), math.nan)
        if site != NOWHERE:
            row |= {
                "site_id": problem.sites[site],
                "parcel_ids": str(told.sites["parcel_ids"].iloc[site]),
                "fits": _VERDICTS[int(told.fit.verdict[site, place])],
                "score": float(told.fit.score[site, place]),
                "points": float(problem.value[place, site]),
                "site_net_area_m2": float(told.sites["net_area_m2"].iloc[site]),
            }
        row |= {"area_m2": float(problem.area_m2[place]), "industry": problem.industry[place] or None}
        row |= {"output_wan": float(problem.output_wan[place]), "must": bool(problem.must[place])}
        rows.append(row | {f"reason_{lang}": why.get(place, {}).get(lang) for lang in LANGUAGES})
    frame = pd.DataFrame(rows)
    ids = [site if isinstance(site, str) else "" for site in frame["site_id"]]
    return gpd.GeoDataFrame(frame, geometry=told.desk.shape(ids), crs=told.desk.snapshot.crs)


def _reason(told: Allocation, reason: Reason) -> dict[str, str]:
    """Why a project has no place; where nothing fits, what lacks at the site that comes nearest."""
    if reason.cause != "no_site":
        return {lang: reason_words(reason, lang) for lang in LANGUAGES}
    return _nowhere(told, reason.project)


def _nowhere(told: Allocation, project: int) -> dict[str, str]:
    """What lacks where no site fits a project: at the nearest, or what to ask for."""
    brief = told.portfolio.projects[project].brief
    kinds = tuple(kind for kind in brief.kinds if told.joins or kind != "joined")
    found = told.desk.search(replace(brief, kinds=kinds, top=1, shown=1)) if kinds else None
    if found is not None and found.undetermined:
        open_one = found.undetermined[0].as_dict
        return {
            lang: say(_OPEN, lang, site=found.undetermined[0].site_id, what=open_one(lang)["ask"])
            for lang in LANGUAGES
        }
    if found is not None and found.why_not:
        nearest = found.why_not[0]
        return {
            lang: say(_NEAREST, lang, site=nearest.site_id, what=nearest.counterfactual(lang))
            for lang in LANGUAGES
        }
    return {lang: reason_words(Reason(project, "no_site", {}), lang) for lang in LANGUAGES}


def clash_lines(told: Allocation, lang: str) -> list[str]:
    """The demands that clash; with a project that is to be placed and fits nowhere, what lacks at the site that comes nearest."""
    lines = []
    for demand in told.plan.clash.demands:
        line = demand_words(demand, told.problem, lang)
        if demand.kind == "must" and not told.problem.fits[demand.which[0]].any():
            line += ("：" if lang == "zh" else ": ") + _nowhere(told, demand.which[0])[lang]
        lines.append(line)
    return lines


def sites_frame(told: Allocation) -> pd.DataFrame:
    """A row a site in use: its projects, and what is left of it."""
    problem, at = told.problem, told.plan.at
    rows = []
    for site in np.unique(at[at != NOWHERE]).tolist():
        own = np.flatnonzero(at == site)
        taken = float(problem.area_m2[own].sum())
        row = {"site_id": problem.sites[site], "projects": "; ".join(problem.projects[one] for one in own)}
        net = float(problem.site_area_m2[site])
        rows.append(row | {"net_area_m2": net, "taken_m2": taken, "left_m2": max(net - taken, 0.0)})
    return pd.DataFrame(rows, columns=["site_id", "projects", "net_area_m2", "taken_m2", "left_m2"])


def services_frame(told: Allocation) -> pd.DataFrame:
    """A row a main that feeds placed projects: what it has to spare and what they draw."""
    problem, at = told.problem, told.plan.at
    columns = ["service", "utility_id", "spare", "drawn", "left", "unit"]
    rows = []
    for one in problem.capacities:
        drawn = float(np.nan_to_num(one.use)[np.isin(at, one.sites)].sum())
        if drawn > 0:
            left = max(one.limit - drawn, 0.0)
            rows.append((one.service, one.source, one.limit, drawn, left, UNITS[one.service]))
    return pd.DataFrame(rows, columns=columns)


def others_frame(told: Allocation) -> pd.DataFrame:
    """A row a further plan and project that stands elsewhere in it."""
    problem, plan = told.problem, told.plan
    here = plan.at.tolist()
    columns = ["rank", "points", "lacking", "next_best", "project", "from_site", "to_site"]
    rows = [
        (rank, other.points, plan.points - other.points, other.next_best, problem.projects[one],
         _site(told, here[one]), _site(told, there[one]))
        for rank, other in enumerate(plan.others, start=2)
        for there in [other.at.tolist()]
        for one in other.moved
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _site(told: Allocation, place: int) -> str | None:
    return None if place == NOWHERE else told.problem.sites[place]


def allocation_frames(told: Allocation) -> dict[str, pd.DataFrame]:
    """The tables by the names under which the catalogue knows their columns; the first has the sites' shapes."""
    return {
        "allocation": projects_frame(told),
        "allocation_sites": sites_frame(told),
        "allocation_services": services_frame(told),
        "allocation_others": others_frame(told),
    }


def plan_notes(told: Allocation, lang: str) -> list[str]:
    """What a reader has to know of a plan."""
    problem, at = told.problem, told.plan.at
    placed = np.flatnonzero(at != NOWHERE)
    several = int((np.bincount(at[placed]) > 1).sum()) if len(placed) else 0
    unsure = int((told.fit.verdict[at[placed], placed] < 0).sum())
    found = [say(_SHARED, lang, count=several)] if several else []
    found += [say(_UNSURE, lang, count=unsure)] if unsure else []
    for service in dict.fromkeys(one.service for one in problem.capacities):
        unknown = int(np.isnan(next(one.use for one in problem.capacities if one.service == service)).sum())
        if unknown:
            found.append(say(_UNCOUNTED, lang, count=unknown, service=service_name(service, lang)))
    leaders = problem.leaders(at)
    if leaders:
        named = {"industries": say(", ", lang).join(leaders)}
        fine, rule = problem.fine(at), problem.leading
        if fine and rule is not None:
            found.append(say(_FINE, lang, **named, points=figure(fine, lang, digits=2), most=rule.most))
        else:
            found.append(say(_LEADING, lang, **named))
    nameless = sum(not name for name in problem.industry)
    if problem.leading is not None and nameless:
        found.append(say(_NAMELESS, lang, count=nameless))
    if problem.leading is None and told.portfolio.rules.leading != "off":
        found.append(say(_NO_RULE, lang))
    return found


def allocation_dict(told: Allocation, lang: str) -> dict[str, Any]:
    """Plain values for a script, sentences in a language; None where a figure is not known."""
    plan, frames = told.plan, allocation_frames(told)
    return {
        "snapshot": told.desk.snapshot.name,
        "portfolio": told.portfolio.name,
        "state": plan.state,
        "points": _plain(plan.points),
        "bound": _plain(plan.bound),
        "gap": _plain(plan.gap),
        "taken_off": told.problem.fine(plan.at),
        "summary": state_words(plan, lang),
        "projects": _records(pd.DataFrame(frames["allocation"].drop(columns="geometry")), lang),
        "sites": _records(frames["allocation_sites"], lang),
        "services": _records(frames["allocation_services"], lang),
        "leading_industries": list(told.problem.leaders(plan.at)),
        "others": _records(frames["allocation_others"], lang),
        "others_complete": plan.others_complete,
        "clash": clash_lines(told, lang),
        "clash_smallest": plan.clash.smallest,
        "notes": plan_notes(told, lang),
    }


def _records(frame: pd.DataFrame, lang: str) -> list[dict[str, Any]]:
    other = next(one for one in LANGUAGES if one != lang)
    own = frame.drop(columns=[name for name in frame if str(name).endswith(f"_{other}")])
    own = own.rename(columns={f"reason_{lang}": "reason"})
    return [{str(key): _plain(value) for key, value in row.items()} for row in own.to_dict(orient="records")]


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
