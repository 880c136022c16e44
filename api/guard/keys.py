"""The file of the keys: who may ask, for what, until when. It holds no secret, only fingerprints of secrets.

A secret is 256 random bits. Nobody guesses one, with any number of computers, so its fingerprint is a plain SHA-256: the
slow hashes that passwords need are slow because people choose passwords that can be guessed, and here they would only
make every request slow.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import logging
import os
import re
import secrets
import time
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from parkgeo.errors import NotFoundError, ProjectError, StoreError, name_some
from parkgeo.files import publish_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["SCOPES", "Key", "KeyFile", "KeyRing", "blank_keys"]

SCOPES = ("read", "write", "personal")

_LOG = logging.getLogger("parkgeo.guard")
_FORM = re.compile(r"pgk_([0-9a-f]{8})_[A-Za-z0-9_-]{43}")
_LIKE_KEY = re.compile(r"pgk(?:_|%(?:25)*5[Ff])[A-Za-z0-9_%-]{9,}")
"""Also a part of a key, one with something behind it and one that was escaped once more; not a number by itself."""
_RANDOM_BYTES = 32
_LOCK_S = 10.0
_LOOK_S = 0.1
_LONGEST_NAME = 100
_OTHERS = 0o077


@dataclass(frozen=True, slots=True)
class Key:
    """A key, without its secret.

    Attributes
    ----------
    id
        Eight hexadecimal digits; stands in logs and in the key itself.
    name
        What it is for, in the words of whoever made it.
    sha256
        Fingerprint of the whole key.
    scopes
        What it may: ``read``, ``write``, ``personal``.
    parks
        Parks to which it is bound; None for all.
    created, expires, revoked
        Moments in UTC as ISO 8601; None for never.
    """

    id: str
    name: str
    sha256: str
    scopes: tuple[str, ...]
    parks: tuple[str, ...] | None
    created: str
    expires: str | None = None
    revoked: str | None = None

    def state(self, now: dt.datetime | None = None) -> str:
        """``valid``, ``expired`` or ``revoked``, at a moment or now."""
        if self.revoked is not None:
            return "revoked"
        moment = now or dt.datetime.now(dt.UTC)
        return "expired" if self.expires and dt.datetime.fromisoformat(self.expires) <= moment else "valid"

    def opens(self, secret: str) -> bool:
        """Whether a key that someone shows is this one; takes as long whichever letter differs."""
        return hmac.compare_digest(self.sha256, _fingerprint(secret))


class KeyFile:
    """The keys of a workspace.

    Parameters
    ----------
    path
        The file; it need not be there.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> tuple[Key, ...]:
        """All keys, also those that no longer open anything.

        Raises
        ------
        StoreError
            The file cannot be read, or is damaged.
        """
        try:
            told = json.loads(self.path.read_text(encoding="utf-8"))
            return tuple(_key(entry) for entry in told["keys"])
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StoreError(
                "the file of the keys cannot be read",
                where=str(self.path),
                mend="restore it from a copy, or remove it and make new keys",
            ) from error

    def new(
        self,
        name: str = "",
        *,
        scopes: Sequence[str] = ("read",),
        parks: Sequence[str] = (),
        expires: dt.datetime | None = None,
    ) -> tuple[Key, str]:
        """Make a key.

        Parameters
        ----------
        name
            What it is for.
        scopes
            What it may; who may write or see personal fields may also read.
        parks
            Parks to which it is bound; none for all.
        expires
            When it ends; None for never.

        Returns
        -------
        tuple of (Key, str)
            The key as it is kept, and the key as it is shown, once.

        Raises
        ------
        ProjectError, StoreError
            A scope is unknown or the name too long; the file cannot be written.
        """
        wrong = set(scopes) - set(SCOPES)
        if wrong:
            raise ProjectError(f"no scope {name_some(sorted(wrong))}", mend=f"use {name_some(SCOPES)}")
        if len(name) > _LONGEST_NAME or not name.isprintable():
            raise ProjectError(f"the name must be one line of at most {_LONGEST_NAME} letters")
        number = secrets.token_hex(4)
        secret = f"pgk_{number}_{secrets.token_urlsafe(_RANDOM_BYTES)}"
        made = Key(
            id=number,
            name=name,
            sha256=_fingerprint(secret),
            scopes=tuple(scope for scope in SCOPES if scope in {*scopes, "read"}),
            parks=tuple(parks) or None,
            created=_moment(dt.datetime.now(dt.UTC)),
            expires=None if expires is None else _moment(expires),
        )
        with self._locked():
            self._write((*self.read(), made))
        return made, secret

    def revoke(self, number: str) -> Key:
        """End a key at once. It stays in the list, so that a log's line still says whose it was.

        Raises
        ------
        NotFoundError, StoreError
            There is no such key; the file cannot be written.
        """
        with self._locked():
            keys = self.read()
            found = next((key for key in keys if key.id == number), None)
            if found is None:
                raise NotFoundError(
                    f"no key {number!r}",
                    where=str(self.path),
                    mend=f"there are {name_some([key.id for key in keys]) or 'none'}",
                )
            ended = replace(found, revoked=found.revoked or _moment(dt.datetime.now(dt.UTC)))
            self._write(tuple(ended if key is found else key for key in keys))
        return ended

    def _locked(self) -> Any:
        from filelock import FileLock

        self.path.parent.mkdir(parents=True, exist_ok=True)
        return FileLock(self.path.with_name(f".{self.path.name}.lock"), timeout=_LOCK_S)

    def _write(self, keys: tuple[Key, ...]) -> None:
        text = json.dumps({"version": 1, "keys": [asdict(key) for key in keys]}, ensure_ascii=False, indent=1)
        with publish_file(self.path) as beside:
            # Readable by nobody else from its first byte on; Windows takes the rights of the folder.
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(f"{text}\n".encode())


class KeyRing:
    """The keys as the service looks at them: read again as soon as their file changes.

    Parameters
    ----------
    file
        The keys.
    """

    def __init__(self, file: KeyFile) -> None:
        self._file = file
        self._seen: tuple[int, int, int] | None = None
        self._keys: dict[str, Key] = {}
        self._damage: StoreError | None = None
        self._look_at = 0.0
        self.refresh()

    @property
    def any(self) -> bool:
        """Whether keys were made here, be they ended: then nothing is open without one."""
        self.refresh()
        return bool(self._keys) or self._damage is not None

    def find(self, secret: str) -> Key | None:
        """The key that someone shows; None where it is none of ours.

        Raises
        ------
        StoreError
            The file is damaged: nobody is let in on what it said before.
        """
        self.refresh()
        if self._damage is not None:
            raise self._damage
        form = _FORM.fullmatch(secret)
        key = self._keys.get(form.group(1)) if form else None
        return key if key is not None and key.opens(secret) else None

    def refresh(self) -> None:
        """Read the file again if it changed; looked at ten times a second at most."""
        now = time.monotonic()
        if now < self._look_at:
            return
        self._look_at = now + _LOOK_S
        try:
            told = self._file.path.stat()
        except OSError:
            # Keys that were there and are gone do not open the door to everybody until the service is started again.
            if self._seen is not None:
                self._seen = (0, 0, 0)
                self._damage = StoreError("the file of the keys is gone", mend="restore it, or start again")
            return
        seen = (told.st_mtime_ns, told.st_ino, told.st_size)
        if seen == self._seen:
            return
        self._seen = seen
        try:
            self._keys, self._damage = {key.id: key for key in self._file.read()}, None
        except StoreError as error:
            self._keys, self._damage = {}, error
            _LOG.error("%s", error)
        if os.name != "nt" and told.st_mode & _OTHERS:
            _LOG.warning("other users of this machine may read %s: chmod 600", self._file.path.name)


def blank_keys(text: str) -> str:
    """A text that is written down or sent back, without what looks like a key, wherever in it a client put one.

    Examples
    --------
    >>> blank_keys("/collections/k/pgk_0123abcd_" + "x" * 43)
    '/collections/k/pgk_***'
    """
    return _LIKE_KEY.sub("pgk_***", text) if "pgk" in text else text


def _fingerprint(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def _moment(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds")


def _key(entry: dict[str, Any]) -> Key:
    key = Key(
        **{**entry, "scopes": tuple(entry["scopes"]), "parks": entry["parks"] and tuple(entry["parks"])}
    )
    if not all(isinstance(text, str) for text in (key.id, key.name, key.sha256, key.created)):
        raise TypeError("a key's text is not text")
    if key.expires is not None:
        dt.datetime.fromisoformat(key.expires)
    return key
