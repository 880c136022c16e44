"""``parkgeo scenario``: what would differ, in the terminal and as files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from parkgeo.cli.console import out, print_whole
from parkgeo.errors import NotFoundError, ProjectError
from parkgeo.i18n import figure, say

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from pathlib import Path

    import pandas as pd
    from rich.table import Table

    from parkgeo.store import Snapshot

__all__ = [
    "Told",
    "differing_figures",
    "found_in",
    "print_scenario",
    "scenario_json",
    "work_out",
    "write_scenario",
]

_SHOWN = 10
_CAR = "travel_min_"
_OTHER = {"zh": "en", "en": "zh"}


class Told(NamedTuple):
    """Tables of one or several scenarios.

    Attributes
    ----------
    parcels, parks, changes
        As ``scenario_parcels``, ``scenario_parks`` and ``scenario_changes``.
    """

    parcels: pd.DataFrame
    parks: pd.DataFrame
    changes: pd.DataFrame


def found_in(snapshot: Snapshot) -> Told:
    """The scenarios that the analysis looked at.

    Raises
    ------
    NotFoundError
        It looked at none.
    """
    if "scenario_changes" not in snapshot.tables:
        raise NotFoundError(
            "the snapshot holds no scenario", where=snapshot.name,
            mend="name a file of changes, or write [[scenarios]] in park.toml and analyse",
        )  # fmt: skip
    return Told(*(snapshot.read(f"scenario_{name}") for name in Told._fields))


def work_out(
    snapshot: Snapshot, changes: Path, *, crs: str, trusted: bool, progress: Callable[[str], None]
) -> Told:
    """What a file of changes would change in a snapshot, which stays as it is.

    Raises
    ------
    ParkgeoError
        What cannot be followed, feature by feature.
    """
    from parkgeo.ingest.openers import opener_for
    from parkgeo.ingest.scenarios import drawn_scenario
    from parkgeo.pipeline.recall import recalled
    from parkgeo.pipeline.scenario import outcome, scenario_faults

    if not changes.is_file():
        raise ProjectError(f"no such file: {str(changes)[:200]}", mend="name the GeoJSON with the changes")
    progress(changes.name)
    desk = recalled(snapshot)
    with opener_for(trusted=trusted, rasters=False) as opener:
        asked = drawn_scenario(
            opener,
            changes,
            snapshot.crs,
            stated_crs=crs,
            more=lambda readable: scenario_faults(desk.layers, desk.rules, readable),
        )
    progress(asked.name)
    found = outcome(desk, asked)
    return Told(found.parcels, found.parks, found.changes)


def scenario_json(told: Told, snapshot: Snapshot) -> dict[str, Any]:
    """The tables for a script, without shapes."""
    return {
        "snapshot": snapshot.name,
        "changes": _records(told.changes.drop(columns="geometry")),
        "parks": _records(told.parks),
        "parcels": _records(told.parcels),
    }


def _records(frame: pd.DataFrame) -> list[dict[Hashable, Any]]:
    plain = frame.astype(object)
    return plain.where(plain.notna(), None).to_dict(orient="records")


def write_scenario(told: Told, snapshot: Snapshot, path: Path, *, lang: str) -> None:
    """Write what differs: a workbook of parks, parcels and changes; parcels as CSV; parcels with their shapes as GeoJSON."""
    from parkgeo.export import write_frames

    if path.suffix.casefold() == ".geojson":
        write_frames(
            snapshot, {"scenario_parcels": differing_figures(told.parcels, snapshot)}, path, lang=lang
        )
        return
    parcels, parks = (_titled(frame, snapshot, lang) for frame in (told.parcels, told.parks))
    changes = _acts(told.changes, snapshot, lang)
    frames = {"scenario_parks": parks, "scenario_parcels": parcels, "scenario_changes": changes}
    if path.suffix.casefold() == ".csv":
        frames = {"scenario_parcels": told.parcels}
    write_frames(snapshot, frames, path, lang=lang)


def _titled(frame: pd.DataFrame, snapshot: Snapshot, lang: str) -> pd.DataFrame:
    """Figures by their titles, effects in words."""
    from parkgeo.export.titles import code_word, column_title

    found = frame.assign(
        metric=[column_title(snapshot, "parcels", str(name), lang) for name in frame["metric"]]
    )
    if "effect" in found:
        found["effect"] = [
            code_word(snapshot, "scenario_parcels", "effect", str(one), lang) for one in frame["effect"]
        ]
        for column in ("before_text", "after_text"):
            found[column] = [_word(text, lang) for text in frame[column]]
    return found


def _acts(changes: pd.DataFrame, snapshot: Snapshot, lang: str) -> pd.DataFrame:
    """What is done, in words of one language."""
    from parkgeo.export.titles import code_word

    words = [code_word(snapshot, "scenario_changes", "action", str(one), lang) for one in changes["action"]]
    return changes.drop(columns=["geometry", f"what_{_OTHER[lang]}"]).assign(action=words)


def _word(text: object, lang: str) -> str | None:
    """A verdict, or services that are listed, in words."""
    from parkgeo.assess.services import NAMES

    if not isinstance(text, str):
        return None
    if text in ("yes", "no", "undetermined"):
        return say(text, lang)
    return say(", ", lang).join(NAMES[one][lang] if one in NAMES else one for one in text.split(", "))


def differing_figures(parcels: pd.DataFrame, snapshot: Snapshot) -> pd.DataFrame:
    """A feature a scenario and parcel that differs, with each figure before, after and its change.

    A figure that some parcel has otherwise stands at all of them: the same before and after where it stays, blank where it is unknown.
    """
    import geopandas as gpd
    import pandas as pd

    held = snapshot.read("parcels").set_index("parcel_id")
    stays = _as_they_are(parcels, held)
    columns: dict[tuple[str, str], dict[str, Any]] = {}
    for row in parcels.to_dict(orient="records"):
        own = columns.setdefault((row["scenario"], row["parcel_id"]), dict(stays[row["parcel_id"]]))
        text = isinstance(row["before_text"], str) or isinstance(row["after_text"], str)
        for when in ("before", "after"):
            own[f"{row['metric']}_{when}"] = row[f"{when}_text" if text else when]
        if not text:
            own[f"{row['metric']}_change"] = row["change"]
        own[f"{row['metric']}_effect"] = row["effect"]
    rows = [{"scenario": name, "parcel_id": parcel, **own} for (name, parcel), own in columns.items()]
    wide = pd.DataFrame(rows, columns=None if rows else ["scenario", "parcel_id"])
    shapes = held.geometry.reindex(wide["parcel_id"])
    drawn: pd.DataFrame = gpd.GeoDataFrame(wide, geometry=shapes.to_numpy(), crs=snapshot.crs)
    return drawn


def _as_they_are(parcels: pd.DataFrame, held: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Of parcels that differ all figures that some differ in, as if they stayed."""
    import pandas as pd

    texts = parcels["before_text"].notna() | parcels["after_text"].notna()
    judged = {str(metric) for metric in parcels.loc[texts, "metric"]}
    found: dict[str, dict[str, Any]] = {str(parcel): {} for parcel in parcels["parcel_id"].unique()}
    for metric in parcels["metric"].unique():
        now = held[metric] if metric in held else pd.Series(None, index=held.index, dtype=object)
        for parcel, own in found.items():
            value = None if pd.isna(now[parcel]) else now[parcel]
            own |= {f"{metric}_before": value, f"{metric}_after": value}
            if metric not in judged:
                own[f"{metric}_change"] = None if value is None else 0.0
            own[f"{metric}_effect"] = None
    return found


def print_scenario(told: Told, snapshot: Snapshot, lang: str) -> None:
    """Print each scenario: what it does, what differs in each park, and the parcels that gain or lose most."""
    console = out()
    for name, changes in told.changes.groupby("scenario", sort=False):
        console.print()
        console.print(
            f"{changes['title'].iloc[0]}  ·  {snapshot.manifest['park']}  ·  {snapshot.as_of}",
            style="bold",
            soft_wrap=True,
        )
        for row in changes.to_dict(orient="records"):
            mark = f"{say('to be looked at', lang)}: " if row["doubtful"] else ""
            console.print(f"  {row['place']}: {mark}{row[f'what_{lang}']}", soft_wrap=True)
        parks, parcels = (frame[frame["scenario"] == name] for frame in (told.parks, told.parcels))
        if parcels.empty:
            console.print(say("Nothing differs for any parcel.", lang), soft_wrap=True)
            continue
        _print_parks(parks, snapshot, lang)
        _print_ways(parcels, lang)
        _print_verdicts(parcels, snapshot, lang)
    console.print(
        say("Entrances stay where they are; who has his only one on a stretch that is closed has none until he opens another.", lang),
        soft_wrap=True,
    )  # fmt: skip


def _table(titles: tuple[str, ...], lang: str, *, left: int) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for at, title in enumerate(titles):
        table.add_column(say(title, lang), justify="left" if at < left else "right", overflow="fold")
    return table


def _print_parks(parks: pd.DataFrame, snapshot: Snapshot, lang: str) -> None:
    from parkgeo.export.titles import column_title

    several = snapshot.manifest["tables"]["parks"]["rows"] > 1
    titles = (
        "Figure",
        "Mean before",
        "Mean after",
        "Change",
        "Parcels better",
        "Worse",
        "Newly cut off",
        "Newly reached",
    )
    table = _table(titles, lang, left=1)
    for row in parks.to_dict(orient="records"):
        park = f"{row['park_id']} " if several and isinstance(row["park_id"], str) else ""
        table.add_row(
            park + column_title(snapshot, "parcels", row["metric"], lang),
            *(figure(row[one], lang, digits=2) for one in ("before", "after", "change")),
            *(str(row[f"parcels_{one}"]) for one in ("better", "worse", "cut_off", "reached")),
        )
    print_whole(table)
    out().print(
        say("Means are over the parcels that have the figure before and after; of a verdict the parcels with yes are counted.", lang),
        soft_wrap=True,
    )  # fmt: skip


def _print_ways(parcels: pd.DataFrame, lang: str) -> None:
    """Parcels whose ways by car gain or lose most, summed over kinds of facilities."""
    ways = parcels[parcels["metric"].str.startswith(_CAR) & parcels["change"].notna()]
    total = ways.groupby("parcel_id")["change"].sum().sort_values(kind="stable")
    for heading, most in (
        ("Parcels that gain most by car", total[total < 0]),
        ("Parcels that lose most by car", total[total > 0][::-1]),
    ):
        if most.empty:
            continue
        out().print(say(heading, lang), style="bold")
        table = _table(("Parcel", "Minutes, all kinds together"), lang, left=1)
        for parcel, minutes in most.head(_SHOWN).items():
            table.add_row(str(parcel), figure(float(minutes), lang, digits=2))
        print_whole(table)
        if len(most) > _SHOWN:
            out().print(say("… and {count} more; write all with -o.", lang, count=len(most) - _SHOWN))


def _print_verdicts(parcels: pd.DataFrame, snapshot: Snapshot, lang: str) -> None:
    """Parcels with another verdict, or other services than before."""
    from parkgeo.export.titles import column_title

    texts = parcels[parcels["before_text"].notna() | parcels["after_text"].notna()]
    texts = texts[texts["metric"] != "services_bottleneck"]
    if texts.empty:
        return
    out().print(say("Parcels that are judged otherwise", lang), style="bold")
    table = _table(("Parcel", "Figure", "Before", "After"), lang, left=4)
    for row in texts.head(_SHOWN).to_dict(orient="records"):
        words = (_word(row[when], lang) for when in ("before_text", "after_text"))
        table.add_row(
            row["parcel_id"],
            column_title(snapshot, "parcels", row["metric"], lang),
            *(one or "—" for one in words),
        )
    print_whole(table)
    if len(texts) > _SHOWN:
        out().print(say("… and {count} more; write all with -o.", lang, count=len(texts) - _SHOWN))
