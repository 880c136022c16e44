"""An uploaded park.toml names nothing but what was uploaded with it: no path out, no address, nothing to be fetched."""

from __future__ import annotations

import tomllib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from parkgeo.errors import ProjectError, gather

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from parkgeo.project import Project

__all__ = ["check_files", "check_text"]

_MOST_BYTES = 2 << 20
_INSIDE = 'name files of the upload only, relative to park.toml: "parcels/dk.shp"'
_NOT_FETCHED = "the service fetches nothing: put the data into the upload"


def check_text(path: Path) -> None:
    """See that a park.toml names only files beside it, before anything is looked for.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    ProjectError
        It does not, or is too big; all at once. What is no TOML is left to `parkgeo.project.read_project`.
    """
    if path.stat().st_size > _MOST_BYTES:
        raise ProjectError(
            f"park.toml is bigger than {_MOST_BYTES} bytes", mend="it names files and columns only"
        )
    try:
        content = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
        problems = list(_problems(content))
    except (ValueError, RecursionError):
        return
    if problems:
        raise gather(problems, ProjectError)


def check_files(project: Project) -> None:
    """See that what a project reads truly lies in its folder.

    Raises
    ------
    ProjectError
        A file lies elsewhere.
    """
    home = project.folder.resolve()
    files = [file for sources in project.sources.values() for source in sources for file in source.files]
    listed = [one.get("path", []) for one in project.scenarios]
    drawn = [name for one in listed for name in ([one] if isinstance(one, str) else one)]
    named = [project.folder / name for name in (*project.packs, *drawn)]
    for file in (*files, *project.mended, *named):
        if not file.resolve().is_relative_to(home):
            raise ProjectError("park.toml names a file that was not uploaded", mend=_INSIDE)


def _problems(content: dict[str, Any]) -> Iterator[ProjectError]:
    if "osm" in content:
        yield ProjectError("[osm] asks servers elsewhere", where="[osm]", mend=_NOT_FETCHED)
    for layer, entries in _table(content.get("layers")).items():
        for entry in entries if isinstance(entries, list) else [entries]:
            where = f"[layers.{layer[:40]}]"
            if "place" in _table(entry):
                yield ProjectError("place asks servers elsewhere", where=where, mend=_NOT_FETCHED)
            yield from _paths(_table(entry).get("path"), where)
    park = _table(content.get("park"))
    for key in ("mended", "packs"):
        yield from _paths(park.get(key), f"[park] {key}")
    scenarios = content.get("scenarios")
    for entry in scenarios if isinstance(scenarios, list) else [scenarios]:
        yield from _paths(_table(entry).get("path"), "[[scenarios]]")


def _table(value: object) -> dict[str, Any]:
    """A table; what is none is said by the reader of park.toml."""
    return value if isinstance(value, dict) else {}


def _paths(value: object, where: str) -> Iterator[ProjectError]:
    for text in value if isinstance(value, list) else [value]:
        if isinstance(text, str) and _leads_out(text):
            yield ProjectError(f"{text[:80]!r} leads out of the upload", where=where, mend=_INSIDE)


def _leads_out(text: str) -> bool:
    """Whether a path could lead out of the folder on any system, or is an address.

    Examples
    --------
    >>> [_leads_out(text) for text in ("a/b.shp", "*.shp", "../a.shp", "/vsicurl/http://a.example", "C:a.shp")]
    [False, False, True, True, True]
    """
    parts = PurePosixPath(text.replace("\\", "/")).parts
    return not parts or ".." in parts or ":" in text or "\0" in text or text.startswith(("/", "\\", "~"))
