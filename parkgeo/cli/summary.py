"""The summary of an analysis: first the land, then what is idle, what it yields, what is not known and how to know it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parkgeo.cli.console import out
from parkgeo.i18n import figure, say
from parkgeo.units import M2_PER_HA, M2_PER_MU

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console
    from rich.table import Table

    from parkgeo.store import Snapshot
    from parkgeo.store.photo_places import Taken

__all__ = ["print_photos", "print_summary", "summary_json"]

_SHOWN = 12
_YIELDS = (
    "output_wan_per_mu",
    "value_added_wan_per_mu",
    "tax_wan_per_mu",
    "fixed_assets_wan_per_mu",
    "far",
    "building_density",
)


def summary_json(snapshot: Snapshot, *, clean: bool) -> dict[str, Any]:
    """The summary for a script.

    Parameters
    ----------
    snapshot
        The analysis.
    clean
        Whether no row was rejected and nothing was at fault.

    Returns
    -------
    dict
        Snapshot, counts of findings by code and verdict, indicators, what is missing, rows rejected.
    """
    findings, indicators = snapshot.read("findings"), snapshot.read("indicators")
    counts: dict[str, dict[str, int]] = {}
    for code, verdict in zip(findings["code"], findings["verdict"], strict=True):
        of_code = counts.setdefault(str(code), {})
        of_code[str(verdict)] = of_code.get(str(verdict), 0) + 1
    figures = indicators[["park_id", "name", "value", "unit", "benchmark"]].astype(object)
    return {
        "snapshot": snapshot.name,
        "path": str(snapshot.path),
        "as_of": snapshot.as_of.isoformat(),
        "park": snapshot.manifest["park"],
        "clean": clean,
        "parcels": len(snapshot.read("parcels")),
        "findings": counts,
        "indicators": figures.where(figures.notna(), None).to_dict(orient="records"),
        "layers_missing": snapshot.manifest["layers_missing"],
        "missing": _wanted(findings, "en", snapshot),
        "rejected": len(snapshot.read("rejects")),
        "repaired": len(snapshot.read("repairs")),
        "faults": int((snapshot.read("faults")["severity"] == "fault").sum()),
    }


def print_summary(snapshot: Snapshot, lang: str) -> None:
    """Print the summary that a person reads."""
    console = out()
    parcels, findings, indicators = (snapshot.read(name) for name in ("parcels", "findings", "indicators"))
    area = float(parcels["site_area_m2"].sum())
    console.print()
    console.print(f"{snapshot.manifest['park']}  ·  {snapshot.as_of.isoformat()}", style="bold")
    console.print(
        say(
            "{count} parcels, {ha} ha ({mu} mu)", lang,
            count=len(parcels), ha=figure(area / M2_PER_HA, lang), mu=figure(area / M2_PER_MU, lang, digits=0),
        )
    )  # fmt: skip
    _print_idle(console, parcels, snapshot, lang)
    _print_yield(console, indicators, snapshot, lang)
    _print_unknown(console, parcels, findings, snapshot, lang)
    _print_others(console, findings, snapshot, lang)
    _print_account(console, snapshot, lang)


def print_photos(photos: Taken, lang: str) -> None:
    """Say how many photos were taken for how many parcels, and name each that was left."""
    console = out()
    told = say(
        "Photos: {count} of {parcels} parcels; {left} left, being doubtful.", lang, count=len(photos.taken),
        parcels=len(set(photos.taken.values())), left=len(photos.doubtful),
    )  # fmt: skip
    console.print(told, soft_wrap=True)
    for doubt in photos.doubtful:
        console.print(f"  {doubt.file}: {say(doubt.pattern, lang, **doubt.values)}", soft_wrap=True)


def _table(*titles: str, right: tuple[int, ...] = ()) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for at, title in enumerate(titles):
        table.add_column(title, justify="right" if at in right else "left", overflow="fold", no_wrap=at == 0)
    return table


def _print_idle(console: Console, parcels: pd.DataFrame, snapshot: Snapshot, lang: str) -> None:
    idle = parcels[parcels["idle"] == "yes"].sort_values("site_area_m2", ascending=False)
    console.print()
    # A rule that no pack in force holds is in no catalogue, and its column is blank.
    rule = snapshot.findings_catalogue.get("idle_not_started")
    if rule is None:
        console.print(
            say("Idleness is not judged: no pack in force holds a rule for it.", lang), style="bold"
        )
        return
    if not parcels["idle"].isin(["yes", "no"]).any():
        console.print(
            say("Suspected idle: no parcel could be judged; see what is missing.", lang), style="bold"
        )
        return
    console.print(
        say(
            "Suspected idle, for verification: {count} parcels, {ha} ha ({mu} mu)", lang, count=len(idle),
            ha=figure(float(idle["site_area_m2"].sum()) / M2_PER_HA, lang),
            mu=figure(float(idle["site_area_m2"].sum()) / M2_PER_MU, lang, digits=0),
        ),
        style="bold",
    )  # fmt: skip
    if idle.empty:
        return
    for code, told in snapshot.findings_catalogue.items():
        if told["statutory"] and (count := int((idle[code] == "yes").sum())):
            console.print(f"{told[lang]} · {told[f'clause_{lang}']} · {count}")
    titles = ("Parcel", "Holder", "Area (mu)", "Idle since", "Days since due or suspended", "Fee (万元)")
    table = _table(*(say(title, lang) for title in titles), right=(2, 4, 5))
    for row in idle.head(_SHOWN).to_dict(orient="records"):
        since = row["idle_since"]
        table.add_row(
            str(row["parcel_id"]),
            str(row.get("holder") or "—"),
            figure(row["site_area_m2"] / M2_PER_MU, lang),
            since.strftime("%Y-%m-%d"),
            figure(row["idle_days"], lang, digits=0),
            figure(row["idle_fee_wan"], lang),
        )
    console.print(table)
    if len(idle) > _SHOWN:
        console.print(say("… and {count} more in the register.", lang, count=len(idle) - _SHOWN))


def _print_yield(console: Console, indicators: pd.DataFrame, snapshot: Snapshot, lang: str) -> None:
    from parkgeo.export.titles import unit_word

    year = snapshot.manifest["performance_year"]
    heading = (
        "Yield and built form against the benchmark ({year})" if year else "Built form against the benchmark"
    )
    console.print(say(heading, lang, year=year or ""), style="bold")
    titles = ("Indicator", "Value", "Unit", "Benchmark", "Of it", "Benchmark is")
    table = _table(*(say(title, lang) for title in titles), right=(1, 3, 4))
    several = len(indicators["park_id"].unique()) > 1
    for row in indicators[indicators["name"].isin(_YIELDS)].to_dict(orient="records"):
        share = row["value"] / row["benchmark"] if row["benchmark"] else float("nan")
        digits = 2 if not row["unit"] else 1
        mark = "" if row["verified"] else say("unverified", lang) + ": "
        table.add_row(
            (f"{row['park_id']} " if several else "") + row[lang],
            figure(row["value"], lang, digits=digits),
            unit_word(row["unit"], lang),
            figure(row["benchmark"], lang, digits=digits),
            "—" if share != share else f"{100 * share:.0f} %",  # noqa: PLR0124 - NaN is not itself
            mark + row[f"benchmark_{lang}"],
        )
    console.print(table)
    console.print(
        say(
            "Benchmarks are averages over built or industrial land of other zones; the figures here are over all parcels, those "
            "per mu over the parcels whose companies filed returns. Compare with care.",
            lang,
        ),
        soft_wrap=True,
    )
    console.print()


def _wanted(findings: pd.DataFrame, lang: str, snapshot: Snapshot) -> dict[str, int]:
    """Title of each field to ask for → parcels whose verdict waits for it."""
    from parkgeo.export.titles import field_title

    waiting = findings[findings["verdict"] == "undetermined"]
    counts: dict[str, int] = {}
    for text in waiting["missing"]:
        for name in filter(None, str(text).split(", ")):
            title = field_title(snapshot, name, lang)
            counts[title] = counts.get(title, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _print_unknown(
    console: Console, parcels: pd.DataFrame, findings: pd.DataFrame, snapshot: Snapshot, lang: str
) -> None:
    from parkgeo.export.titles import table_title

    waiting = parcels[parcels["idle"] == "undetermined"]
    area = float(waiting["site_area_m2"].sum()) / M2_PER_HA
    if parcels["idle"].notna().any():
        console.print(
            say("Undetermined: {count} parcels, {ha} ha", lang, count=len(waiting), ha=figure(area, lang)),
            style="bold",
        )
    wanted = _wanted(findings, lang, snapshot)
    if wanted:
        asked = "; ".join(
            say("{field} ({count})", lang, field=title, count=count) for title, count in wanted.items()
        )
        console.print(
            say("To settle it, ask for (parcels waiting): {asked}", lang, asked=asked), soft_wrap=True
        )
    missing = snapshot.manifest["layers_missing"]
    if missing:
        named = ", ".join(table_title(snapshot, name, lang) for name in missing)
        console.print(say("Layers that are missing: {named}", lang, named=named), soft_wrap=True)
    console.print()


def _print_others(console: Console, findings: pd.DataFrame, snapshot: Snapshot, lang: str) -> None:
    others = findings[(findings["verdict"] == "yes") & ~findings["code"].str.startswith("idle_")]
    if others.empty:
        return
    # A finding without a parcel is of its park.
    counts = others["parcel_id"].fillna(others["park_id"]).groupby(others["code"]).nunique()
    named = "; ".join(
        f"{snapshot.findings_catalogue[str(code)][lang]} {count}" for code, count in counts.items()
    )
    console.print(say("Other findings (parcels): {named}", lang, named=named), soft_wrap=True)


def _print_account(console: Console, snapshot: Snapshot, lang: str) -> None:
    sources = snapshot.read("sources")
    faults = snapshot.read("faults")
    console.print(
        say(
            "Files: {files}; rows: {declared} declared = {accepted} accepted + {rejected} rejected; {repaired} repaired; {faults} faults.",
            lang,
            files=sources["file"].nunique(), declared=int(sources["rows_declared"].sum()),
            accepted=int(sources["rows_accepted"].sum()), rejected=int(sources["rows_rejected"].sum()),
            repaired=int(sources["rows_repaired"].sum()), faults=int((faults["severity"] == "fault").sum()),
        ),
        soft_wrap=True,
    )  # fmt: skip
