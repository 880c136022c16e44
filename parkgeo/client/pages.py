"""Features page by page, all of one snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from parkgeo.client.problems import ClientError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from parkgeo.client.wire import Wire

__all__ = ["Page", "read_pages"]


@dataclass(frozen=True, slots=True)
class Page:
    """Some features of a collection.

    Attributes
    ----------
    features
        GeoJSON features.
    matched
        How many there are in all.
    """

    features: list[dict[str, Any]]
    matched: int


def read_pages(
    wire: Wire,
    path: tuple[str, ...],
    query: Mapping[str, str],
    *,
    page_size: int,
    limit: int | None = None,
    rows: str = "features",
) -> Iterator[Page]:
    """Pages of an address of features, as the service links them.

    A page's link to the next holds the snapshot of the first, so all of them are of one. What was read is counted against
    what the service said there is: a part is never taken for the whole.

    Parameters
    ----------
    wire
        The service.
    path, query
        The address.
    page_size
        Most features a page.
    limit
        Most features in all.
    rows
        What the answer calls them.

    Raises
    ------
    ClientError
        The service refused, no longer keeps the snapshot (410), or gave another number of features than it said.
    """
    read, asked = 0, {**query, "limit": str(page_size if limit is None else min(page_size, limit))}
    matched: int | None = None
    while True:
        told = wire.read(*path, query=asked)
        page = _page(told, path, rows)
        if matched is not None and page.matched != matched:
            raise _broken(path, f"there were {matched} features at first, and are {page.matched} now")
        matched = page.matched
        left = None if limit is None else limit - read
        features = page.features[:left]
        read += len(features)
        yield Page(features, matched)
        following = _next(told)
        if limit is not None and read >= limit:
            return
        if following is None:
            if read != matched:
                raise _broken(path, f"{read} of {matched} features came")
            return
        if following == asked:
            raise _broken(path, "the link to the next page leads to the same")
        asked = following


def _page(told: dict[str, Any], path: tuple[str, ...], rows: str) -> Page:
    features, matched = told.get(rows), told.get("numberMatched")
    if not isinstance(features, list) or not isinstance(matched, int):
        raise _broken(path, f"the answer is no page of {rows}")
    return Page(features, matched)


def _next(told: dict[str, Any]) -> dict[str, str] | None:
    """The query of the link to the next page.

    Only its query: the page is asked for where the first was, so that a key is sent nowhere else, and a service behind a
    proxy that it does not know of is read all the same.
    """
    for link in told.get("links", ()):
        if isinstance(link, dict) and link.get("rel") == "next":
            return dict(parse_qsl(urlsplit(str(link.get("href", ""))).query, keep_blank_values=True))
    return None


def _broken(path: tuple[str, ...], what: str) -> ClientError:
    return ClientError(what, where=f"GET /{'/'.join(path)}", mend="start again at the first page")
