"""What the service is told: which workspace, at which address, for whom, and how much of it."""

from __future__ import annotations

import ipaddress
import os
import types
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_type_hints
from urllib.parse import urlsplit

from api.exports.limits import ExportLimits
from api.jobs.limits import JobLimits
from api.siting.limits import SitingLimits
from parkgeo.errors import ProjectError, name_some
from parkgeo.i18n import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Access", "Limits", "Logs", "Settings", "Variable", "variables"]

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_EVERY_ADDRESS = frozenset({"", "0.0.0.0", "::"})  # noqa: S104  compared with, never bound
_LARGEST_PORT = 65_535
_YES = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False, "": False}
_LOG_FORMS = ("text", "json", "off")


def _told(default: Any, variable: str, says: str) -> Any:
    """A setting that the environment may state."""
    return field(default=default, metadata={"variable": variable, "says": says})


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one request, one caller and all together may ask for."""

    address_bytes: int = _told(8_192, "PARKGEO_ADDRESS_BYTES", "Longest path and query; 414 beyond")
    header_bytes: int = _told(32_768, "PARKGEO_HEADER_BYTES", "Largest sum of all headers; 431 beyond")
    headers: int = _told(100, "PARKGEO_HEADERS", "Most headers; 431 beyond")
    body_bytes: int = _told(
        16_777_216, "PARKGEO_BODY_BYTES", "Largest body, but of an upload; counted as it comes; 413 beyond"
    )
    upload_bytes: int = _told(
        536_870_912, "PARKGEO_UPLOAD_BYTES", "Largest body of `/uploads`; counted as it comes; 413 beyond"
    )
    rate_per_s: float | None = _told(
        None,
        "PARKGEO_RATE_PER_S",
        "Requests a second of one key, or of one address without one; 429 beyond. Unset: 100, and without end for "
        "programs on this machine; 0: without end",
    )
    burst: int = _told(500, "PARKGEO_BURST", "Requests that may come at once before that rate holds")
    at_once: int = _told(256, "PARKGEO_AT_ONCE", "Requests answered at once; 503 beyond")
    heavy_at_once: int = _told(
        4, "PARKGEO_HEAVY_AT_ONCE", "Of exports, maps and the like at once; others wait, then 503"
    )
    heavy_waiting: int = _told(32, "PARKGEO_HEAVY_WAITING", "Of these that may wait for their turn")
    slow_at_once: int = _told(
        64, "PARKGEO_SLOW_AT_ONCE", "Uploads on their way and clients that watch jobs, at once; 503 beyond"
    )
    wait_s: float = _told(10.0, "PARKGEO_WAIT_S", "Seconds that a heavy request waits for its turn")
    time_s: float = _told(30.0, "PARKGEO_TIME_S", "Seconds within which an answer begins; 504 beyond")
    heavy_time_s: float = _told(
        600.0, "PARKGEO_HEAVY_TIME_S", "The same for exports and maps, and until any answer ends"
    )

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if value is not None and (value < 0 or (value == 0 and one.name != "rate_per_s")):
                raise ProjectError(
                    f"{value} is no limit",
                    where=str(one.metadata["variable"]),
                    mend="use a number above 0",
                )


@dataclass(frozen=True, slots=True)
class Access:
    """Who may ask, and from where."""

    keys: Path | None = _told(  # noqa: RUF009  a field, made by a function
        None, "PARKGEO_KEYS", "The file of the keys; unset: `keys.json` in the workspace"
    )
    insecure: bool = _told(
        False,
        "PARKGEO_INSECURE",
        "Serve an address that others reach without keys: everybody may read, nobody write",
    )
    trusted_proxies: tuple[str, ...] = _told(
        (),
        "PARKGEO_TRUSTED_PROXIES",
        "Addresses or networks of proxies whose `X-Forwarded-*` headers hold, with commas between",
    )
    cors_origins: tuple[str, ...] = _told(
        (),
        "PARKGEO_CORS_ORIGINS",
        "Origins whose pages may read answers in a browser, such as `https://maps.example.cn`; `*` is any",
    )

    def __post_init__(self) -> None:
        for proxy in self.trusted_proxies:
            try:
                ipaddress.ip_network(proxy, strict=False)
            except ValueError as error:
                raise ProjectError(
                    f"{proxy!r} is no address and no network",
                    where="PARKGEO_TRUSTED_PROXIES",
                    mend="write it like 10.0.0.2 or 10.0.0.0/8",
                ) from error
        for origin in self.cors_origins:
            parts = urlsplit(origin)
            whole = origin == f"{parts.scheme}://{parts.netloc}" and parts.scheme in {"http", "https"}
            if origin != "*" and not (whole and parts.hostname):
                raise ProjectError(
                    f"{origin!r} is no origin",
                    where="PARKGEO_CORS_ORIGINS",
                    mend="write it like https://maps.example.cn, without a path",
                )


@dataclass(frozen=True, slots=True)
class Logs:
    """What is written down of requests."""

    form: str = _told(
        "text", "PARKGEO_LOG", "`text`, `json` (a JSON object a line) or `off`; on standard error"
    )
    audit_bytes: int = _told(
        16_777_216,
        "PARKGEO_AUDIT_BYTES",
        "The audit log is set aside under its day when it grows beyond this",
    )

    def __post_init__(self) -> None:
        if self.form not in _LOG_FORMS:
            raise ProjectError(
                f"no log {self.form!r} here", where="PARKGEO_LOG", mend=f"use {name_some(_LOG_FORMS)}"
            )


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of one service.

    Attributes
    ----------
    workspace
        Folder of snapshots.
    base_url
        Address under which clients reach the service, with a path if a proxy adds one. All links start with it. None
        means ``http://host:port``, or what a trusted proxy says; it is never taken from a client's request, whose Host
        header anyone can write.
    host, port
        Where the service listens.
    lang
        Language of pages and titles where the client states none: ``zh`` or ``en``.
    allowed_hosts
        Host names a request may be addressed to, beside loopback, `host` and the host of `base_url`; ``*`` is any.
    check_s
        Seconds between two looks at which snapshot is live.
    keep
        Snapshots held in memory, the live one included, so that paging begun on an older one can go on.
    page_bytes
        Most bytes of features in one response; a page that would be larger ends early and goes on at ``next``.
    gzip_bytes
        Responses smaller than this are not compressed.
    store
        Address of a database whose snapshots are served, and not those of the workspace; empty for none.
    store_connections, store_timeout_ms
        Most connections to it, and how long one question may take.
    tile_cache_bytes
        Bytes of drawn vector tiles held in memory.
    limits, access, logs, exports, jobs, siting
        How much, who, what is written down, how large files to take away may be, how much jobs may use, and how much may be asked of
        sites.

    Raises
    ------
    ProjectError
        A value that cannot be followed.

    Examples
    --------
    >>> Settings(Path("ws"), port=8001).url
    'http://127.0.0.1:8001'
    >>> Settings(Path("ws"), base_url="https://gis.example.cn/park/").url
    'https://gis.example.cn/park'
    """

    workspace: Path = _told(Path("workspace"), "PARKGEO_WORKSPACE", "Folder of the analyses")  # noqa: RUF009  a field, made by a function
    base_url: str | None = _told(
        None,
        "PARKGEO_BASE_URL",
        "Address that clients use, such as `https://gis.example.cn/park`; links start with it",
    )
    host: str = _told("127.0.0.1", "PARKGEO_HOST", "Address to listen at")
    port: int = _told(8000, "PARKGEO_PORT", "Port to listen at")
    lang: str = _told(
        "zh",
        "PARKGEO_LANG",
        "Language where the client states none: `zh` or `en`; unset, `parkgeo serve` speaks the system's",
    )
    allowed_hosts: tuple[str, ...] = _told(
        (),
        "PARKGEO_ALLOWED_HOSTS",
        "Further host names that requests may be addressed to, with commas; `*` is any",
    )
    check_s: float = _told(1.0, "PARKGEO_CHECK_S", "Seconds between two looks at which snapshot is live")
    keep: int = _told(3, "PARKGEO_KEEP", "Snapshots held in memory, the live one included")
    page_bytes: int = _told(64_000_000, "PARKGEO_PAGE_BYTES", "Most bytes of features in one answer")
    gzip_bytes: int = _told(1_024, "PARKGEO_GZIP_BYTES", "Answers smaller than this are not compressed")
    # Not shown with the others: the address may hold a password.
    store: str = field(
        default="",
        repr=False,
        metadata={
            "variable": "PARKGEO_STORE",
            "says": "Address of a PostGIS database, `postgresql://…`: serve what was published there, and not what lies in the workspace",
        },
    )
    store_connections: int = _told(8, "PARKGEO_STORE_CONNECTIONS", "Most connections to that database")
    store_timeout_ms: int = _told(
        10_000, "PARKGEO_STORE_TIMEOUT_MS", "A question to it that takes longer is given up"
    )
    tile_cache_bytes: int = _told(
        64_000_000, "PARKGEO_TILE_CACHE_BYTES", "Bytes of drawn vector tiles held in memory; 0: none"
    )
    basemaps: Path | None = _told(  # noqa: RUF009  a field, made by a function
        None,
        "PARKGEO_BASEMAPS",
        "TOML file of the basemaps that pages offer, see [Maps](maps.md); without it there is none",
    )
    # Not shown with the others: it is a key.
    tianditu_key: str = field(
        default="",
        repr=False,
        metadata={
            "variable": "PARKGEO_TIANDITU_KEY",
            "says": "Key for the basemaps of Tianditu; browsers that open a page come to know it",
        },
    )
    limits: Limits = Limits()
    access: Access = Access()
    logs: Logs = Logs()
    exports: ExportLimits = field(default=ExportLimits())
    jobs: JobLimits = field(default=JobLimits())
    siting: SitingLimits = field(default=SitingLimits())

    def __post_init__(self) -> None:
        if self.lang not in LANGUAGES:
            raise ProjectError(
                f"language {self.lang!r} is not spoken here", mend=f"use {name_some(LANGUAGES)}"
            )
        if not 0 < self.port <= _LARGEST_PORT:
            raise ProjectError(f"{self.port} is not a port", mend=f"use 1 to {_LARGEST_PORT}")
        if self.store_connections < 1 or self.store_timeout_ms < 1:
            raise ProjectError("store_connections and store_timeout_ms must be at least 1")
        if self.keep < 1 or self.page_bytes < 1 or self.check_s < 0:
            raise ProjectError("keep and page_bytes must be at least 1, and check_s not negative")
        if self.base_url is not None:
            _check_base_url(self.base_url)
        elif self.host in _EVERY_ADDRESS and not self.access.trusted_proxies:
            raise ProjectError(
                f"the service listens on every address ({self.host!r}), so its own cannot be known",
                mend="state base_url (PARKGEO_BASE_URL), the address that clients use",
            )

    @property
    def url(self) -> str:
        """Address with which every link starts, without a slash at its end."""
        if self.base_url is not None:
            return self.base_url.rstrip("/")
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def hosts(self) -> frozenset[str]:
        """Host names to which a request may be addressed, in lower case, without ports."""
        own = {self.host, urlsplit(self.url).hostname or ""} - _EVERY_ADDRESS
        return frozenset(name.casefold() for name in (*_LOOPBACK, *own, *self.allowed_hosts))

    @property
    def on_loopback(self) -> bool:
        """Whether only programs on this machine reach the service."""
        return self.host.casefold() in _LOOPBACK

    @property
    def behind_proxy(self) -> bool:
        """Whether requests are said to come through a proxy, so that an address of this machine says nothing of who asks."""
        told = urlsplit(self.url).hostname or ""
        return bool(self.access.trusted_proxies) or (
            self.base_url is not None and told.casefold() not in _LOOPBACK
        )

    @property
    def keys_file(self) -> Path:
        """The file of the keys."""
        return self.access.keys or self.workspace / "keys.json"

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Settings from ``PARKGEO_*`` variables.

        Parameters
        ----------
        environ
            Variables; None reads the process's own. `variables` lists those that mean something; an empty one is as
            one that is not there. Lists have commas between.

        Raises
        ------
        ProjectError
            A value that cannot be followed.

        Examples
        --------
        >>> Settings.from_environ({"PARKGEO_PORT": "9000"}).port
        9000
        """
        told = os.environ if environ is None else environ
        groups = {name: group(**_read_group(group, told)) for name, group in _GROUPS.items()}
        return cls(**_read_group(cls, told), **groups)


_GROUPS: dict[str, Any] = {
    "limits": Limits,
    "access": Access,
    "logs": Logs,
    "exports": ExportLimits,
    "jobs": JobLimits,
    "siting": SitingLimits,
}


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of the environment.

    Attributes
    ----------
    name
        Such as ``PARKGEO_PORT``.
    default
        What holds without it, as one would write it; empty where nothing does.
    says
        What it decides.
    """

    name: str
    default: str
    says: str


def variables() -> Iterator[Variable]:
    """Every variable that `Settings.from_environ` reads."""
    for group in (Settings, *_GROUPS.values()):
        for one in fields(group):
            if "variable" in one.metadata:
                yield Variable(one.metadata["variable"], _written(one.default), one.metadata["says"])


def _written(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ",".join(value)
    return f"{value:g}" if isinstance(value, float) else str(int(value) if isinstance(value, bool) else value)


def _read_group(group: Any, told: Mapping[str, str]) -> dict[str, Any]:
    hints = get_type_hints(group)
    given = ((one, told.get(one.metadata.get("variable", ""), "")) for one in fields(group))
    return {one.name: _read(hints[one.name], text, one.metadata["variable"]) for one, text in given if text}


def _read(hint: Any, text: str, variable: str) -> Any:
    """One variable as its type wants it."""
    wanted = (
        {kind for kind in get_args(hint) if kind is not type(None)}
        if isinstance(hint, types.UnionType)
        else {hint}
    )
    if bool in wanted:
        if text.casefold() not in _YES:
            raise ProjectError(f"{text!r} is neither yes nor no", where=variable, mend="use 1 or 0")
        return _YES[text.casefold()]
    if int in wanted:
        if not (text.isascii() and text.isdigit()):
            raise ProjectError(f"{text!r} is not a whole number", where=variable, mend="write digits only")
        return int(text)
    if float in wanted:
        return _read_float(text, variable)
    if Path in wanted:
        return Path(text)
    return text if str in wanted else tuple(name.strip() for name in text.split(",") if name.strip())


def _read_float(text: str, variable: str) -> float:
    whole, _, parts = text.partition(".")
    if not (text.isascii() and whole.isdigit() and (parts.isdigit() or "." not in text)):
        raise ProjectError(f"{text!r} is not a number", where=variable, mend="write it like 2.5")
    return float(text)


def _check_base_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ProjectError(
            f"{url!r} is not the address of a service",
            where="base_url",
            mend="write it like https://gis.example.cn/park",
        )
