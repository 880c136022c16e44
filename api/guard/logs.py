"""What is written down of each request: a line of JSON, or of words.

Neither the key, nor what a query asks for: its values may be a person's name. The names of its parameters are enough to
see what a client does.
"""

from __future__ import annotations

import datetime as dt
import logging
import sys
from typing import Any

import orjson

from api.guard.keys import blank_keys
from api.guard.trace import Trace

__all__ = ["JsonLines", "TextLines", "log_trace", "set_up_logs"]

_LOG = logging.getLogger("parkgeo.access")
_OURS = ("parkgeo", "uvicorn")
_SERVER_FAULT = 500


def log_trace(trace: Trace) -> None:
    """Write down a request that was answered."""
    level = logging.WARNING if trace.status >= _SERVER_FAULT else logging.INFO
    if _LOG.isEnabledFor(level):
        # Not through `log`, which looks up the line of code that calls it; each form of the log writes what it needs.
        _LOG.handle(logging.LogRecord(_LOG.name, level, __file__, 0, trace, None, None))


class JsonLines(logging.Formatter):
    """A record as an object on a line of its own."""

    def format(self, record: logging.LogRecord) -> str:
        """One line; line breaks in what it says are escaped."""
        told: dict[str, Any] = {
            "time": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.casefold(),
            "logger": record.name,
        }
        told.update(record.msg.told if isinstance(record.msg, Trace) else {"message": record.getMessage()})
        if record.exc_info:
            told["traceback"] = self.formatException(record.exc_info)
        return blank_keys(orjson.dumps(told, default=str).decode("utf-8", "replace"))


class TextLines(logging.Formatter):
    """A record as words."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S%z")
        self._stamp = (-1, "")

    def format(self, record: logging.LogRecord) -> str:
        """The record, without keys: also errors of others may quote what a client sent."""
        if isinstance(record.msg, Trace):
            # Nearly all lines; what logging does beyond this for each of them it needs for others.
            return blank_keys(f"{self.formatTime(record, self.datefmt)} {record.levelname} {record.msg}")
        return blank_keys(super().format(record))

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802  logging's name
        """The second of a record, written once for all that fall into it."""
        second = int(record.created)
        stamp = self._stamp
        if stamp[0] != second:
            stamp = self._stamp = (second, super().formatTime(record, datefmt))
        return stamp[1]


def set_up_logs(form: str) -> None:
    """Send the service's own log to standard error.

    Parameters
    ----------
    form
        ``text``, ``json`` or ``off``, which leaves warnings and errors in words.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    for name in _OURS:
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.propagate = False
        logger.setLevel(logging.WARNING if form == "off" or name == "uvicorn" else logging.INFO)
