"""What a request asks about sites: a brief or a portfolio as JSON, or which fits."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from api.asked.params import read_limit
from api.asked.reading import demand_code
from api.asked.token import Token, read_token
from api.errors import FaultsError, RequestError, TooMuchError, quote_short
from api.jobs.receive import check_media_type, receive_bytes
from api.reply import JSON
from parkgeo.errors import name_some

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request

    from api.asked.ask import Ask
    from api.siting.limits import SitingLimits
    from parkgeo.errors import InputError

__all__ = ["GRADES", "FitAsked", "demand_bounds", "demand_few", "read_body", "read_fits", "refused"]

GRADES = ("high", "medium", "low", "undetermined", "no")
"""Grades in the order in which fits are listed."""

_FAULT, _FAULTS = "\n  - ", 50
_LONGEST = 400


async def read_body(request: Request, most_bytes: int) -> dict[str, Any]:
    """A body that is a JSON object.

    Raises
    ------
    MediaTypeError, TooMuchError, RequestError
        It is of another kind, too large, or no such thing.
    """
    check_media_type(request, (JSON,))
    body = await receive_bytes(request, most_bytes)
    try:
        told = orjson.loads(body)
    except ValueError as error:
        raise RequestError(
            f"the body cannot be read as JSON ({str(error)[:_LONGEST]})",
            mend="send a JSON object in UTF-8, numbers finite",
        ) from error
    if not isinstance(told, dict):
        raise RequestError(
            "the body is no JSON object", mend='such as {"industry": "machinery", "needs": {"area": "30 亩"}}'
        )
    return told


def refused(error: InputError) -> FaultsError:
    r"""The error for a body with faults, each of them named.

    Examples
    --------
    >>> from parkgeo.errors import InputError
    >>> told = refused(InputError("the brief has 2 to mend\n  - area is 0\n  - unknown key 'industri'"))
    >>> told.what, told.faults
    ("the brief has 2 to mend: area is 0; unknown key 'industri'", ('area is 0', "unknown key 'industri'"))
    """
    head, *faults = error.what.split(_FAULT)
    # A fault quotes what was sent, which may be long.
    shown = [fault if len(fault) <= _LONGEST else f"{fault[:_LONGEST]}…" for fault in faults[:_FAULTS]]
    what = f"{head}: {'; '.join(shown)}" if shown else head
    most = _LONGEST * 4
    return FaultsError(
        what if len(what) <= most else f"{what[:most]}…", shown or [what[:_LONGEST]], mend=error.mend
    )


def demand_bounds(brief: Any, limits: SitingLimits) -> None:
    """See that a brief asks for no more than is answered here.

    Raises
    ------
    FaultsError
        It does; each of its demands that goes too far.
    """
    bounds = {"top": limits.listed, "shown": limits.listed, "draws": limits.draws}
    faults = [
        f"{name} is at most {most} here, not {getattr(brief, name)}"
        for name, most in bounds.items()
        if (getattr(brief, name) or 0) > most
    ]
    if faults:
        raise FaultsError(f"the brief asks for too much: {'; '.join(faults)}", faults, mend="ask for less")


def demand_few(portfolio: dict[str, Any], limits: SitingLimits) -> None:
    """See that a portfolio has no more projects than are placed here.

    Raises
    ------
    TooMuchError
        It has.
    """
    projects = portfolio.get("projects")
    if isinstance(projects, list) and len(projects) > limits.projects:
        raise TooMuchError(
            f"{len(projects)} projects are more than the {limits.projects} that are placed at once here",
            mend="place fewer, or run parkgeo allocate where the snapshot is",
        )


@dataclass(frozen=True, slots=True)
class FitAsked:
    """Which fits are wanted.

    Attributes
    ----------
    industries
        Keys; empty for all.
    parcel
        Only sites of which this parcel is part; empty for all.
    grades
        Of `GRADES`; empty for all.
    limit
        Most rows on a page.
    after
        Rows before the page.
    """

    industries: tuple[str, ...]
    parcel: str
    grades: tuple[str, ...]
    limit: int
    after: int

    def token(self, ask: Ask, after: int) -> str:
        """What leads to the page that begins after so many rows."""
        return str(Token(ask.edition.name, self._mark(ask), [after]))

    def _mark(self, ask: Ask) -> str:
        told = (self.industries, self.parcel, self.grades, ask.caller.parks)
        return hashlib.blake2s(repr(told).encode(), digest_size=6).hexdigest()


def read_fits(ask: Ask, industries: Iterable[str], most: int) -> FitAsked:
    """Which fits a request asks for.

    Parameters
    ----------
    ask
        The request.
    industries
        Keys of those that the packs in force know.
    most
        Most rows on a page.

    Raises
    ------
    RequestError
        A parameter cannot be followed.
    """
    given = ask.given
    named, grades = _list(given, "industry"), _list(given, "grade")
    known = list(industries)
    for one in named:
        if one not in known:
            raise RequestError(
                f"no industry {quote_short(one)} in the packs in force",
                where="industry",
                mend=f"there are {name_some(known, shown=40)}",
            )
    for one in grades:
        demand_code("grade", one, GRADES)
    limit = min(read_limit(given.get("limit")), most)
    asked = FitAsked(named, given.get("parcel", ""), grades, limit, 0)
    token = read_token(given.get("token"))
    if token is None:
        return asked
    match token.after:
        case [int(after)] if after > 0 and token == Token(ask.edition.name, asked._mark(ask), [after]):  # noqa: SLF001  its own
            return FitAsked(named, asked.parcel, grades, limit, after)
    raise RequestError(
        "the token belongs to another question", where="token", mend="follow the link called next"
    )


def _list(given: dict[str, str], name: str) -> tuple[str, ...]:
    """A parameter with commas between, each once."""
    if name not in given:
        return ()
    parts = tuple(dict.fromkeys(given[name].split(",")))
    if "" in parts:
        raise RequestError(f"{name} names nothing", where=name, mend="leave it out, or name one")
    return parts
