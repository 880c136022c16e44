"""What became of files and rows, for a person and for a script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from parkgeo.cli.console import out
from parkgeo.i18n import say

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence
    from pathlib import Path

    import pandas as pd
    from pyproj import CRS

    from parkgeo.ingest import Intake

__all__ = ["account_json", "print_account", "write_account"]


def account_json(intake: Intake) -> dict[str, Any]:
    """The account for a script: sources, rejects, repairs, faults, and the layers that are missing."""
    tables = {name: _records(table) for name, table in intake.account.items()}
    return {
        "clean": intake.clean,
        "working_crs": intake.crs.to_string(),
        "layers_missing": list(intake.layers.missing()),
        "opened": {
            "isolated": intake.protection.isolated,
            "limits": {name: held for name, (_, held) in intake.protection.limits().items()},
        },
        **tables,
    }


def _records(table: pd.DataFrame) -> list[dict[Hashable, Any]]:
    plain = table.astype(object)
    return plain.where(plain.notna(), None).to_dict(orient="records")


def write_account(intake: Intake, folder: Path) -> list[Path]:
    """Write the account into a folder, and the rejected rows so that they can be mended and fed back.

    Returns
    -------
    list of pathlib.Path
        ``account.xlsx``, ``account.gpkg`` (what was repaired, with its shapes), and where rows were rejected
        ``rejects.xlsx`` and ``rejects.gpkg``.
    """
    from parkgeo.export import write_account_map, write_rejects, write_tables

    write_tables(intake.account, folder / "account.xlsx")
    write_account_map(intake.account, intake.layers.tables(), folder / "account.gpkg")
    rejects = write_rejects(intake.account["rejects"], intake.systems, folder)
    return [folder / "account.xlsx", folder / "account.gpkg", *rejects]


def print_account(intake: Intake, lang: str, written: Sequence[Path] = ()) -> None:
    """Print each file's rows, then every reject, repair, fault and note."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    console = out()
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for at, title in enumerate(("File", "Declared", "Accepted", "Rejected", "Repaired")):
        table.add_column(say(title, lang), justify="right" if at else "left", overflow="fold")
    for row in intake.account["sources"].to_dict(orient="records"):
        how = ", ".join(str(row[what]) for what in ("driver", "encoding", "crs") if row[what])
        sheet = f" {row['table']}" if row["table"] and not row["file"].endswith(f"#{row['table']}") else ""
        counts = (str(row[f"rows_{what}"]) for what in ("declared", "accepted", "rejected", "repaired"))
        named = f"{_title(row['layer'], lang)}: {row['file']}{sheet}\n  {how}"
        table.add_row(named, *counts)
    console.print(table)
    console.print(say("Computed in {crs}.", lang, crs=_named(intake.crs)), soft_wrap=True)
    for row in intake.account["sources"].to_dict(orient="records"):
        if row["columns_unused"]:
            unused = {"file": row["file"], "columns": row["columns_unused"]}
            console.print(say("Columns not used of {file}: {columns}", lang, **unused), soft_wrap=True)
        if row[f"notes_{lang}"]:
            console.print(f"{say('note', lang)}: {row['file']}: {row[f'notes_{lang}']}", soft_wrap=True)
    missing = intake.layers.missing()
    if missing:
        console.print(
            say(
                "Layers that are missing: {named}",
                lang,
                named=", ".join(_title(name, lang) for name in missing),
            ),
            soft_wrap=True,
        )
    _print_entries(intake, lang)
    console.print("SHA-256")
    for one in intake.inputs:
        console.print(f"  {one['sha256']}  {one['path']}", soft_wrap=True)
    _print_protection(intake, lang)
    for file in written:
        console.print(say("wrote {file}", lang, file=file), soft_wrap=True)
    console.print(
        say(
            "Clean: nothing rejected, no faults." if intake.clean else "There are rejects or faults to mend.",
            lang,
        )
    )


def _named(crs: CRS) -> str:
    """A system by its name, and its number where it has one."""
    code = crs.to_epsg()
    return f"{crs.name} (EPSG:{code})" if code else str(crs.name)


def _print_protection(intake: Intake, lang: str) -> None:
    """How the files were opened, and which limits did not hold."""
    console = out()
    if not intake.protection.isolated:
        console.print(
            say("The files were opened in this process, without limits (--trusted).", lang), soft_wrap=True
        )
        return
    limits = intake.protection.limits().values()
    held, open_ways = (
        [said.speak(lang) for said, holds in limits if holds is wanted] for wanted in (True, False)
    )
    console.print(
        say(
            "The files were opened in a process of their own; these limits held: {held}.",
            lang,
            held=say("; ", lang).join(held),
        ),
        soft_wrap=True,
    )
    if open_ways:
        console.print(
            say(
                "Limits that this system does not offer: {named}.",
                lang,
                named=say("; ", lang).join(open_ways),
            ),
            soft_wrap=True,
        )


def _print_entries(intake: Intake, lang: str) -> None:
    import pandas as pd

    console = out()
    for row in intake.account["rejects"].to_dict(orient="records"):
        where = say("row not known", lang) if pd.isna(row["row"]) else say("row {row}", lang, row=row["row"])
        place = f"{row['file']} {where}"
        named = " · ".join(part for part in (_title(row["layer"], lang), place, row["id"]) if part)
        console.print(
            f"{say('rejected', lang)}: {named}: {row[f'reason_{lang}']} — {row[f'mend_{lang}']}",
            soft_wrap=True,
        )
    for row in intake.account["repairs"].to_dict(orient="records"):
        place = f"{row['file']} " + say("row {row}", lang, row=row["row"])
        areas = f"{row['area_before_m2']:.3f} → {row['area_after_m2']:.3f} m²"
        console.print(
            f"{say('repaired', lang)}: {_title(row['layer'], lang)} · {place} · {row['id']}: {row[f'what_{lang}']}, {areas}",
            soft_wrap=True,
        )
    for row in intake.account["faults"].to_dict(orient="records"):
        rows = " " + say("rows {rows}", lang, rows=row["rows"]) if row["rows"] else ""
        mend = f" — {row[f'mend_{lang}']}" if row[f"mend_{lang}"] else ""
        place = " · ".join(
            part for part in (_title(row["layer"], lang), f"{row['file']}{rows}".strip()) if part
        )
        console.print(f"{say(row['severity'], lang)}: {place}: {row[f'what_{lang}']}{mend}", soft_wrap=True)


def _title(name: str, lang: str) -> str:
    """A layer's title; rasters have no schema."""
    from parkgeo.layers import schemas

    if name not in schemas():
        return say(name, lang)
    return schemas()[name].zh if lang == "zh" else schemas()[name].en
