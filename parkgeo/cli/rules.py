"""``parkgeo packs``: list, show, check and begin rule packs."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from parkgeo.cli.console import out, print_json, print_whole
from parkgeo.cli.options import Json, Lang  # noqa: TC001 - typer reads the annotations
from parkgeo.errors import PackError, ProjectError, name_some

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from parkgeo.packs import Checked, Figure, Pack, Remark, RuleBook

__all__ = ["packs_app"]

_CLEAN, _TO_LOOK_AT, _REFUSED = 0, 1, 2

_PLACES = {
    "common": "under all others, always",
    "national": "the first to name in China",
    "local": "over the national pack",
    "abroad": "by itself, outside China",
    "office": "an office's own",
}
_REMARKS = {
    "off": "{key}: not verified, so it is off; list it under switch_on, or state its source and verified = true",
    "on_unverified": "{key}: in force on your word; findings that rest on it are marked unverified",
    "same": "{key}: the same as in {pack}; leave it out, or a later edition of that pack will not reach you",
    "replaces": "{key}: {now} in place of {before} ({pack})",
    "left_empty": "{key}: left empty, so {before} ({pack}) is no longer in force",
    "unknown_name": "{key}: no shipped pack has {now} in this table; is it misspelled?",
}

packs_app = typer.Typer(no_args_is_help=True, help="Rule packs: figures with clause and source.")

Over = Annotated[
    list[str],
    typer.Option(
        "--over", help="A pack that it lies over, the most general first; else national.", metavar="PACK"
    ),
]
Groups = Annotated[
    list[str], typer.Option("--keys", help="Only this group of figures, such as idle.", metavar="GROUP")
]


@packs_app.command(name="list")
def packs_list(*, as_json: Json = False, lang: Lang = "") -> None:
    """List the packs that come with parkgeo, and where each lies."""
    from parkgeo.i18n import choose_language, say
    from parkgeo.packs import shipped_packs

    if as_json:
        print_json({"packs": [_pack_json(pack) for pack in shipped_packs()]})
        return
    spoken = choose_language(lang or None)
    screen = out()
    packs = shipped_packs()
    for place in dict.fromkeys(pack.place for pack in packs):
        screen.print(say(_PLACES[place], spoken), style="bold")
        for pack in (one for one in packs if one.place == place):
            title = pack.zh if spoken == "zh" else pack.en
            edition = "" if pack.edition == "not stated" or pack.edition in title else pack.edition
            screen.print(f"  {pack.name}  {title} {edition}".rstrip(), soft_wrap=True)
            told = say(
                "figures: {verified} verified, {settings} settings, {off} off", spoken, **_counts(pack)
            )
            screen.print(f"      {told}", soft_wrap=True)


def _counts(pack: Pack) -> dict[str, int]:
    """Figures; of them those whose source was seen, parkgeo's own settings and readings, and those that are off."""
    figures = pack.figures.values()
    own = ("setting", "reading")
    return {
        "figures": len(figures),
        "verified": sum(figure.verified and figure.kind not in own for figure in figures),
        "settings": sum(figure.kind in own for figure in figures),
        "off": sum(not figure.on for figure in figures),
    }


def _pack_json(pack: Pack) -> dict[str, Any]:
    head = {"name": pack.name, "zh": pack.zh, "en": pack.en, "edition": pack.edition, "place": pack.place}
    return head | _counts(pack) | {"sha256": pack.sha256}


@packs_app.command(name="show")
def packs_show(
    names: Annotated[
        list[str],
        typer.Argument(help="Shipped packs or pack files, the most general first.", metavar="PACK..."),
    ],
    *,
    keys: Groups = [],  # noqa: B006 - typer reads the default and never changes it
    as_json: Json = False,
    lang: Lang = "",
) -> None:
    """Show the figures that are in force when packs are laid over each other.

    Each with value, clause, source and state, and what it overrides. A single file is laid over the national pack.
    """
    from parkgeo.i18n import choose_language
    from parkgeo.packs import load_packs
    from parkgeo.packs.unread import UNREAD

    spoken = choose_language(lang or None)
    alone = len(names) == 1 and Path(names[0]).suffix != ""
    book = load_packs(["national", *names] if alone else names, Path())
    figures = _of_groups(book.figures.values(), keys)
    if as_json:
        print_json(
            {
                "packs": [_pack_json(pack) for pack in book.packs],
                "figures": [
                    asdict(figure) | {"over": _over_json(book, figure), "read": figure.key not in UNREAD}
                    for figure in figures
                ],
            }
        )
    else:
        _print_figures(book, figures, spoken)


def _of_groups(figures: Iterable[Figure], groups: Sequence[str]) -> list[Figure]:
    """The figures of some groups; all where none is named."""
    every = list(figures)
    held = {figure.key.split(".")[0] for figure in every}
    if missing := [group for group in groups if group not in held]:
        raise PackError(
            f"no group {name_some(missing)}", mend=f"name some of {name_some(sorted(held), shown=99)}"
        )
    return [figure for figure in every if not groups or figure.key.split(".")[0] in groups]


def _over_json(book: RuleBook, figure: Figure) -> list[dict[str, Any]]:
    return [{"pack": one.pack, "value": one.value, "unit": one.unit} for one in book.below(figure.key)]


def _print_figures(book: RuleBook, figures: Iterable[Figure], lang: str) -> None:
    from rich.table import Table

    from parkgeo.i18n import say
    from parkgeo.packs.sources import source_in

    table = Table(box=None, pad_edge=False, show_lines=False)
    for at, title in enumerate(("Figure", "Value", "What it says", "Clause and source", "State")):
        table.add_column(say(title, lang), overflow="fold", no_wrap=at == 0)
    for figure in figures:
        table.add_row(
            figure.key,
            figure.written() or say("left empty", lang),
            figure.zh if lang == "zh" else figure.en,
            "; ".join(part for part in (figure.clause(lang), source_in(figure.cite(), lang)) if part),
            _state(book, figure, lang),
        )
    print_whole(table)


def _state(book: RuleBook, figure: Figure, lang: str) -> str:
    from parkgeo.i18n import say
    from parkgeo.packs.unread import UNREAD

    told = [say("setting", lang)] if figure.kind == "setting" else []
    if figure.kind != "setting":
        told.append(say("verified" if figure.verified else "unverified", lang))
    if not figure.on:
        told.append(say("off", lang))
    if figure.key in UNREAD:
        told.append(say("not used by any rule yet", lang))
    told += [
        say(
            "in place of {before} ({pack})",
            lang,
            before=one.written() or say("left empty", lang),
            pack=one.pack,
        )
        for one in book.below(figure.key)
    ]
    return ", ".join(told)


@packs_app.command(name="check")
def packs_check(
    file: Annotated[Path, typer.Argument(help="A pack's file.", metavar="FILE")],
    *,
    over: Over = ["national"],  # noqa: B006 - typer reads the default and never changes it
    as_json: Json = False,
    lang: Lang = "",
) -> None:
    """Say all that is to be mended in a pack, and what is likely not meant.

    Exit codes: 0 in order, 1 something is to be looked at, 2 it cannot be used.
    """
    from parkgeo.i18n import choose_language
    from parkgeo.packs import check_pack

    spoken = choose_language(lang or None)
    checked = check_pack(file, over)
    if as_json:
        print_json(_checked_json(checked))
    else:
        _print_checked(checked, file, spoken)
    raise typer.Exit(_REFUSED if checked.faults else _CLEAN if checked.clean else _TO_LOOK_AT)


def _checked_json(checked: Checked) -> dict[str, Any]:
    return {
        "pack": _pack_json(checked.pack),
        "faults": list(checked.faults),
        "remarks": [asdict(remark) | {"warns": remark.warns} for remark in checked.remarks],
    }


def _print_checked(checked: Checked, file: Path, lang: str) -> None:
    from parkgeo.i18n import say

    screen = out()
    if checked.faults:
        screen.print(say("To mend in {file}:", lang, file=file), soft_wrap=True)
        for fault in checked.faults:
            screen.print(f"  - {fault}", soft_wrap=True)
    for title, warns in (("To look at:", True), ("What it changes:", False)):
        remarks = [remark for remark in checked.remarks if remark.warns == warns]
        if remarks:
            screen.print(say(title, lang))
        for remark in remarks:
            screen.print(f"  - {_remark(remark, lang)}", soft_wrap=True)
    if checked.clean:
        count = len(checked.pack.figures)
        screen.print(say("In order; figures set: {count}.", lang, count=count))


def _remark(remark: Remark, lang: str) -> str:
    from parkgeo.i18n import say

    told = {"key": remark.key, "now": remark.now, "before": remark.before, "pack": remark.pack}
    return say(_REMARKS[remark.about], lang, **told)


@packs_app.command(name="new")
def packs_new(
    file: Annotated[Path, typer.Argument(help="The file to write, ending in .toml.", metavar="FILE")],
    *,
    base: Annotated[
        str, typer.Option("--from", help="Begin with the figures of this shipped pack.", metavar="PACK")
    ] = "",
    keys: Groups = [],  # noqa: B006 - typer reads the default and never changes it
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    lang: Lang = "",
) -> None:
    """Write a pack to begin with: every figure commented, with what it says and its present value.

    As written it changes nothing; taking away one # sets a figure, and its source is then to be filled in.
    """
    import datetime as dt

    from parkgeo.files import publish_file
    from parkgeo.i18n import choose_language, say
    from parkgeo.packs import starter

    spoken = choose_language(lang or None)
    if file.suffix.lower() != ".toml":
        raise ProjectError(f"a pack is a .toml file, not {file.name!r}", mend="end the name in .toml")
    if file.exists() and not force:
        raise ProjectError(
            "there is a file already", where=str(file), mend="choose another name, or add --force"
        )
    figures, over = _to_begin_with(base)
    today = dt.datetime.now(tz=dt.UTC).date().isoformat()
    text = starter(file.name, today, _of_groups(figures, keys), over)
    with publish_file(file) as beside:
        beside.write_text(text, encoding="utf-8", newline="\n")
    out().print(say("wrote {file}", spoken, file=file), soft_wrap=True)


def _to_begin_with(base: str) -> tuple[list[Figure], tuple[str, ...]]:
    """Figures to show, and the packs to lie over: of one abroad none but that, else the national one."""
    from parkgeo.packs import load_packs, shipped_packs

    if not base:
        return list(load_packs(["national"], Path()).figures.values()), ("national",)
    found = {pack.name: pack for pack in shipped_packs()}.get(base)
    if found is None:
        raise PackError(f"no shipped pack {base!r}", mend="parkgeo packs list names them")
    over = () if found.place == "abroad" else ("national",)
    return list(found.figures.values()), over
