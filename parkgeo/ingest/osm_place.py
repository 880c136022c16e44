"""A place's name → its roads, buildings or facilities from OpenStreetMap's servers, asked once and kept.

osmnx asks the servers: Nominatim for the outline of the place, Overpass for what lies in it. The answer is kept as one
file; while it is there nothing is asked, so a project runs again without a network, and gives the same.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import socket
import tempfile
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from parkgeo.errors import InputError, StoreError
from parkgeo.files import publish_file
from parkgeo.ingest.osm import table_of
from parkgeo.ingest.osm_elements import elements_of_answer
from parkgeo.ingest.osm_tags import rules_of
from parkgeo.layers import sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parkgeo.ingest.osm_tags import Rules
    from parkgeo.ingest.raw import RawTable

__all__ = ["read_place"]

_OVERPASS = "https://overpass-api.de/api"
_NOMINATIM = "https://nominatim.openstreetmap.org"
_SECONDS = 90
_BUSY = (429, 502, 503, 504)
_INSTEAD = (
    "put an extract (.osm.pbf) beside park.toml and give its path instead of the place, "
    "or name your own servers under [osm]: overpass, nominatim"
)


def read_place(place: str, layer: str, osm: dict[str, str], cache_folder: Path) -> RawTable:
    """Read a layer of a place from OpenStreetMap.

    Parameters
    ----------
    place
        What one would search for: "苏州工业园区", "Bayreuth, Germany".
    layer
        ``roads``, ``buildings`` or ``facilities``.
    osm
        ``[osm]`` of park.toml: ``overpass`` and ``nominatim``, addresses of servers; the public ones where absent.
    cache_folder
        Where the answer is kept, one file a place and layer; delete the file to ask again.

    Returns
    -------
    RawTable
        As of `read_osm`; its path is the kept file.

    Raises
    ------
    InputError
        osmnx is not installed, a server cannot be reached, is busy or does not understand, the place is not known, or
        the kept file is damaged.
    StoreError
        The answer cannot be kept.
    """
    rules = rules_of(layer)
    overpass = _address(osm.get("overpass", "") or _OVERPASS, "overpass")
    nominatim = _address(osm.get("nominatim", "") or _NOMINATIM, "nominatim")
    kept = cache_folder / _file_name(place, rules, overpass, nominatim)
    if not kept.is_file():
        answer = _ask(place, rules, overpass, nominatim, cache_folder)
        with publish_file(kept) as beside:
            beside.write_text(
                json.dumps(answer, ensure_ascii=False, sort_keys=True), encoding="utf-8", newline="\n"
            )
    return _from_kept(kept, place, rules)


def _from_kept(kept: Path, place: str, rules: Rules) -> RawTable:
    try:
        answer = json.loads(kept.read_text(encoding="utf-8"))
        extract = elements_of_answer(answer["elements"], rules)
        asked = sentence(
            "{place} as {server} had it at {time}; delete {file} to ask again",
            place=place,
            server=str(answer["server"]),
            time=str(answer["time"]) or "?",
            file=kept.name,
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(
            f"the kept answer of OpenStreetMap cannot be read ({type(error).__name__}: {str(error)[:100]})",
            where=str(kept), mend="delete the file: it is then asked for again",
        ) from error  # fmt: skip
    return table_of(extract, rules.layer, kept, notes=(asked,))


def _file_name(place: str, rules: Rules, overpass: str, nominatim: str) -> str:
    """A name that holds for what is asked, and of whom."""
    asked = json.dumps([place, rules.query, overpass, nominatim], ensure_ascii=False)
    return f"osm-{rules.layer}-{hashlib.sha256(asked.encode()).hexdigest()[:16]}.json"


def _address(text: str, key: str) -> str:
    parts = urlsplit(text.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InputError(
            f"{text[:80]!r} is no address of a server", where=f"park.toml [osm] {key}",
            mend=f'write it as "{_OVERPASS if key == "overpass" else _NOMINATIM}"',
        )  # fmt: skip
    # osmnx appends the rest itself, also where an Overpass address is given to its very end.
    return text.strip().rstrip("/").removesuffix("/interpreter")


def _ask(place: str, rules: Rules, overpass: str, nominatim: str, cache_folder: Path) -> dict[str, Any]:
    """What the servers answer, each element once, in the order of their numbers."""
    try:
        import osmnx
    except ImportError as error:
        raise InputError(
            "place needs osmnx, which is not installed", where=f"[layers.{rules.layer}] place",
            mend=f'pip install "parkgeo[osm]"; or {_INSTEAD}',
        ) from error  # fmt: skip
    try:
        cache_folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"answers of OpenStreetMap cannot be kept ({error.strerror or error})",
            where=str(cache_folder), mend="name a folder you may write under [osm] cache",
        ) from error  # fmt: skip
    with (
        tempfile.TemporaryDirectory(dir=cache_folder, prefix=".asking-") as folder,
        _settings(osmnx, overpass, nominatim, Path(folder)),
    ):
        outline = _outline(osmnx, place, nominatim, rules.layer)
        with _understood(overpass, rules.layer):
            # It ends so once all answers lie in the folder: the elements are wanted as they are, not as its own frame.
            with contextlib.suppress(InterruptedError):
                osmnx.features_from_polygon(outline, rules.query)
            answer = _gathered(Path(folder), overpass)
            elements_of_answer(answer["elements"], rules)  # what cannot be read is not kept
    return answer


def _gathered(folder: Path, overpass: str) -> dict[str, Any]:
    elements: dict[tuple[str, int], Any] = {}
    times = set()
    for file in sorted(folder.glob("*.json")):
        answer = json.loads(file.read_text(encoding="utf-8"))
        if isinstance(answer, dict):  # the geocoder's is a list
            times.add(str(answer.get("osm3s", {}).get("timestamp_osm_base", "")))
            for one in answer["elements"]:
                found = elements.setdefault((one["type"], one["id"]), one)
                found.update(one)  # a node comes once with its tags and once as part of a way
    return {
        "attribution": "© OpenStreetMap contributors, ODbL",
        "server": overpass,
        "time": min(times, default=""),
        "elements": [elements[key] for key in sorted(elements)],
    }


def _outline(osmnx: Any, place: str, nominatim: str, layer: str) -> Any:
    unknown = InputError(
        f"OpenStreetMap knows no area called {place[:80]!r}", where=f"[layers.{layer}] place",
        mend="write it as openstreetmap.org finds it, with the city and the country, and see that it has an outline",
    )  # fmt: skip
    with _understood(nominatim, layer):
        try:
            found = osmnx.geocode_to_gdf(place)
        except (TypeError, ValueError) as error:  # of osmnx: found without an outline, or not at all
            if isinstance(error, InputError) or not _says_unknown(error):
                raise
            raise unknown from error
    return found.geometry.iloc[0]


def _says_unknown(error: Exception) -> bool:
    return isinstance(error, TypeError) or "geocoder returned" in str(error)


@contextlib.contextmanager
def _understood(server: str, layer: str) -> Iterator[None]:
    """What can go wrong on the way to a server and back, in one clear word."""
    import requests

    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"{server} gave an answer that cannot be understood ({str(error)[:100]})",
            where=f"[layers.{layer}] place", mend="see that the address is that of such a server, and try again",
        ) from error  # fmt: skip
    except requests.exceptions.RequestException as error:
        raise InputError(
            f"OpenStreetMap could not be reached at {server} ({type(error).__name__})",
            where=f"[layers.{layer}] place", mend=f"see that there is a network; else {_INSTEAD}",
        ) from error  # fmt: skip


@contextlib.contextmanager
def _settings(osmnx: Any, overpass: str, nominatim: str, folder: Path) -> Iterator[None]:
    """The settings of osmnx as we need them, and afterwards as they were.

    By itself it sleeps and asks again without end where a server is busy, and drops an answer in silence that is not complete; the
    hook says both instead. It also turns names into addresses by another service when the system cannot, and changes how
    the whole program does that.
    """
    ours: dict[str, Any] = {
        "overpass_url": overpass,
        "nominatim_url": nominatim,
        "overpass_rate_limit": False,
        "requests_timeout": _SECONDS,
        "requests_kwargs": {"hooks": {"response": _check_answer}},
        "http_user_agent": f"parkgeo/{metadata.version('parkgeo')} (with OSMnx)",
        "doh_url_template": None,
        "use_cache": True,
        "cache_folder": folder,
        "cache_only_mode": True,
        "log_file": False,
        "log_console": False,
    }
    before = {name: getattr(osmnx.settings, name) for name in ours}
    resolve = socket.getaddrinfo
    try:
        for name, value in ours.items():
            setattr(osmnx.settings, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(osmnx.settings, name, value)
        socket.getaddrinfo = resolve


def _check_answer(response: Any, *_: object, **__: object) -> None:
    """See that an answer is one, and complete, before osmnx does anything with it."""
    trouble = "" if response.is_redirect else _trouble(response)
    if trouble:
        response.close()
        server = urlsplit(response.url)
        raise InputError(
            f"{server.scheme}://{server.netloc} {trouble}",
            where="OpenStreetMap",
            mend=f"try again later; or {_INSTEAD}",
        )


def _trouble(response: Any) -> str:
    """Why an answer cannot be used; empty where nothing shows."""
    if response.status_code in _BUSY:
        return f"is busy (HTTP {response.status_code})"
    if not response.ok:
        return f"refuses (HTTP {response.status_code})"
    if b'"remark"' not in response.content:
        return ""
    answer = json.loads(response.content)
    remark = str(answer.get("remark", ""))[:150] if isinstance(answer, dict) else ""
    return f"did not finish: {remark}" if remark else ""
