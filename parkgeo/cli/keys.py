"""``parkgeo keys``: who may ask the service, for what, until when."""

from __future__ import annotations

import datetime as dt
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from parkgeo.cli.console import out, print_json, print_whole
from parkgeo.cli.options import Json, Lang  # noqa: TC001 - typer reads the annotations
from parkgeo.errors import ProjectError, StoreError

if TYPE_CHECKING:
    from api.guard.keys import Key, KeyFile

__all__ = ["keys_app"]

_DAYS = re.compile(r"([1-9][0-9]{0,4})d")

keys_app = typer.Typer(
    no_args_is_help=True, help="Keys of the service: who may read, write, see personal fields."
)

WorkspaceDir = Annotated[
    Path, typer.Option("--workspace", "-w", help="Folder of the analyses, beside which the keys are kept.")
]


@keys_app.command(name="new")
def keys_new(
    *,
    workspace: WorkspaceDir,
    name: Annotated[str, typer.Option(help="What it is for: QGIS of the land office.")] = "",
    scope: Annotated[
        list[str] | None, typer.Option(help="read, write or personal; may be given again. Else read.")
    ] = None,
    park: Annotated[
        list[str] | None,
        typer.Option(help="Only this park, by its id; may be given again.", metavar="PARK_ID"),
    ] = None,
    expires: Annotated[
        str, typer.Option(help="Its last day (2027-12-31), or how long (90d). Else it does not end.")
    ] = "",
    as_json: Json = False,
    lang: Lang = "",
) -> None:
    """Make a key and show it, once: only its fingerprint is kept.

    From the first key on, nothing is served without one, on this machine neither.
    """
    from parkgeo.i18n import choose_language, say

    spoken = choose_language(lang or None)
    _check_parks(workspace, park or [])
    made, secret = _keys(workspace).new(
        name, scopes=scope or ["read"], parks=park or [], expires=_until(expires)
    )
    _audit(workspace, "key made", made)
    if as_json:
        print_json({**_told(made), "key": secret})
        return
    out().print(say("The key, which is shown only now:", spoken))
    out().print(secret, soft_wrap=True)
    out().print(
        say("Programs send it as a header: Authorization: Bearer {key}", spoken, key="<key>"), soft_wrap=True
    )
    out().print(
        say("Programs that cannot, such as some GIS: {address}", spoken, address="http://…/k/<key>/"),
        soft_wrap=True,
    )


@keys_app.command(name="list")
def keys_list(*, workspace: WorkspaceDir, as_json: Json = False, lang: Lang = "") -> None:
    """List the keys, without their secrets."""
    from rich.table import Table

    from parkgeo.i18n import choose_language, say

    spoken = choose_language(lang or None)
    keys = _keys(workspace).read()
    if as_json:
        print_json({"keys": [_told(key) for key in keys]})
        return
    if not keys:
        out().print(
            say("No keys: only this machine is served, and may read and write.", spoken), soft_wrap=True
        )
        return
    table = Table(box=None)
    for title in ("Key", "Name", "May", "Parks", "Until", "State"):
        table.add_column(say(title, spoken))
    for key in keys:
        parks = ", ".join(key.parks) if key.parks else say("all", spoken)
        until = key.expires or say("no end", spoken)
        table.add_row(key.id, key.name, ", ".join(key.scopes), parks, until, say(key.state(), spoken))
    print_whole(table)


@keys_app.command(name="revoke")
def keys_revoke(
    number: Annotated[str, typer.Argument(help="The key's id, as parkgeo keys list shows it.", metavar="ID")],
    *,
    workspace: WorkspaceDir,
    lang: Lang = "",
) -> None:
    """End a key at once; a running service sees it without a restart."""
    from parkgeo.i18n import choose_language, say

    ended = _keys(workspace).revoke(number)
    _audit(workspace, "key revoked", ended)
    out().print(say("revoked {key}", choose_language(lang or None), key=f"{ended.id} {ended.name}".strip()))


def _keys(workspace: Path) -> KeyFile:
    from api.guard.keys import KeyFile

    told = os.environ.get("PARKGEO_KEYS")
    return KeyFile(Path(told) if told else workspace / "keys.json")


def _told(key: Key) -> dict[str, object]:
    return {
        "id": key.id, "name": key.name, "scopes": key.scopes, "parks": key.parks, "created": key.created,
        "expires": key.expires, "revoked": key.revoked, "state": key.state(),
    }  # fmt: skip


def _audit(workspace: Path, what: str, key: Key) -> None:
    from api.guard.audit import Audit

    Audit(workspace).note(
        what=what, key=key.id, name=key.name, scopes=key.scopes, parks=key.parks, by="command line"
    )


def _until(text: str) -> dt.datetime | None:
    """The moment at which a key ends: with the end of its last day, or that many days from now."""
    if not text:
        return None
    now = dt.datetime.now(dt.UTC)
    days = _DAYS.fullmatch(text)
    try:
        moment = (
            now + dt.timedelta(days=int(days.group(1)))
            if days
            else dt.datetime.combine(dt.date.fromisoformat(text), dt.time(), dt.UTC) + dt.timedelta(days=1)
        )
    except (ValueError, OverflowError) as error:
        raise ProjectError(
            f"--expires must be a day such as 2027-12-31, or days such as 90d, not {text!r}"
        ) from error
    if moment <= now:
        raise ProjectError(f"{text} is over", mend="state a day to come")
    return moment


def _check_parks(workspace: Path, parks: list[str]) -> None:
    """Refuse a park that the live analysis does not have; where there is none yet, any is taken."""
    from api.served.parks import Parks
    from parkgeo.errors import name_some
    from parkgeo.store import Workspace

    if not parks:
        return
    try:
        known = Parks(Workspace(workspace).current()).names
    except StoreError:
        return
    wrong = sorted(set(parks) - set(known))
    if wrong:
        raise ProjectError(
            f"no park {name_some(wrong)} in the live analysis", mend=f"there are {name_some(known, shown=30)}"
        )
