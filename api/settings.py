"""What the service is told: which workspace, at which address, for whom."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from parkgeo.errors import ProjectError, name_some
from parkgeo.i18n import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Settings"]

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_EVERY_ADDRESS = frozenset({"", "0.0.0.0", "::"})  # noqa: S104  compared with, never bound
_LARGEST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of one service.

    Attributes
    ----------
    workspace
        Folder of snapshots.
    base_url
        Address under which clients reach the service, with a path if a proxy adds one. All links start with it. None
        means ``http://host:port``; it is never taken from a request, whose Host header anyone can write.
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

    workspace: Path
    base_url: str | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    lang: str = "zh"
    allowed_hosts: tuple[str, ...] = ()
    check_s: float = 1.0
    keep: int = 3
    page_bytes: int = 64_000_000
    gzip_bytes: int = 1_024

    def __post_init__(self) -> None:
        if self.lang not in LANGUAGES:
            raise ProjectError(
                f"language {self.lang!r} is not spoken here", mend=f"use {name_some(LANGUAGES)}"
            )
        if not 0 < self.port <= _LARGEST_PORT:
            raise ProjectError(f"{self.port} is not a port", mend=f"use 1 to {_LARGEST_PORT}")
        if self.keep < 1 or self.page_bytes < 1 or self.check_s < 0:
            raise ProjectError("keep and page_bytes must be at least 1, and check_s not negative")
        if self.base_url is not None:
            _check_base_url(self.base_url)
        elif self.host in _EVERY_ADDRESS:
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

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Settings from ``PARKGEO_*`` variables.

        Parameters
        ----------
        environ
            Variables; None reads the process's own. ``PARKGEO_WORKSPACE`` (default ``workspace``),
            ``PARKGEO_BASE_URL``, ``PARKGEO_HOST``, ``PARKGEO_PORT``, ``PARKGEO_LANG`` and
            ``PARKGEO_ALLOWED_HOSTS`` (names with commas between) are read.

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
        port = told.get("PARKGEO_PORT", "8000")
        if not (port.isascii() and port.isdigit()):
            raise ProjectError(
                f"{port!r} is not a port", where="PARKGEO_PORT", mend=f"use 1 to {_LARGEST_PORT}"
            )
        return cls(
            workspace=Path(told.get("PARKGEO_WORKSPACE", "workspace")),
            base_url=told.get("PARKGEO_BASE_URL") or None,
            host=told.get("PARKGEO_HOST", "127.0.0.1"),
            port=int(port),
            lang=told.get("PARKGEO_LANG") or "zh",
            allowed_hosts=tuple(
                name.strip() for name in told.get("PARKGEO_ALLOWED_HOSTS", "").split(",") if name.strip()
            ),
        )


def _check_base_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ProjectError(
            f"{url!r} is not the address of a service",
            where="base_url",
            mend="write it like https://gis.example.cn/park",
        )
