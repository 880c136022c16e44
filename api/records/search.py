"""Where a word stands: parcels by id, name, holder and place, companies and parks by id and name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from api.asked.selection import Selection
from api.errors import RequestError

if TYPE_CHECKING:
    import pandas as pd

    from api.asked.ask import Ask
    from api.served.catalogue import Collection, FieldInfo

__all__ = ["MOST", "SHOWN", "read_word", "search"]

SHOWN, MOST = 20, 100
_LONGEST = 100
_WHERE = {
    "parcels": ("parcel_id", "name", "holder", "location"),
    "enterprises": ("enterprise_id", "name"),
    "parks": ("park_id", "name"),
}
"""Collection → fields that are looked at, the id first."""

_PARCELS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class _Place:
    """A collection, and the fields of it in which the caller may look."""

    collection: Collection
    fields: tuple[FieldInfo, ...]

    def condition(self, pattern: str) -> str:
        """A filter that finds a pattern in any of the fields, whatever the case of letters."""
        likes = [
            {
                "op": "like",
                "args": [
                    {"op": "casei", "args": [{"property": field.name}]},
                    {"op": "casei", "args": [pattern]},
                ],
            }
            for field in self.fields
        ]
        return _dump(likes[0] if len(likes) == 1 else {"op": "or", "args": likes})


def read_word(text: str | None) -> str:
    """What is searched for.

    Raises
    ------
    RequestError
        Nothing, too much, or what no text holds.

    Examples
    --------
    >>> read_word(" 长江 ")
    '长江'
    """
    word = (text or "").strip()
    if not word:
        raise RequestError(
            "nothing to search for", where="q", mend="give a part of an id or a name: /search?q=GB00012"
        )
    if len(word) > _LONGEST:
        raise RequestError(
            f"q has {len(word)} characters", where="q", mend=f"search for at most {_LONGEST} of them"
        )
    if "\x00" in word:
        raise RequestError("q holds a character that no text has (NUL)", where="q", mend="leave it out")
    return word


async def search(ask: Ask, word: str, limit: int) -> dict[str, Any]:
    """What holds a word: exact ids first, then what begins with it, then what holds it elsewhere.

    Parameters
    ----------
    ask
        The request.
    word
        As `read_word` gives it.
    limit
        Most results.

    Returns
    -------
    dict
        ``numberMatched`` and ``results``: kind, id, title, which field matched and its text; of a company the parcels that it
        is on.
    """
    places = [place for place in (_place(ask, name) for name in _WHERE) if place is not None]
    safe = "".join(f"\\{character}" if character in "\\%_" else character for character in word)
    matched = 0
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for place in places:
        selection = Selection(condition=place.condition(f"%{safe}%"), parks=ask.caller.parks)
        matched += await ask.rows(place.collection).matched(selection)
    # A pattern without a wildcard is the whole text.
    for pattern in (safe, f"{safe}%", f"%{safe}%"):
        for place in places:
            if matched and len(found) < limit:
                selection = Selection(condition=place.condition(pattern), parks=ask.caller.parks)
                frame = await ask.rows(place.collection).frame(selection, limit)
                for result in _results(place, frame, word):
                    found.setdefault((result["kind"], result["id"]), result)
    results = list(found.values())[:limit]
    for result in results:
        if result["kind"] == "enterprises":
            result["parcels"] = await _parcels_of(ask, result["id"])
    return {"q": word, "numberMatched": matched, "numberReturned": len(results), "results": results}


def _place(ask: Ask, name: str) -> _Place | None:
    collection = ask.edition.collections.get(name)
    if collection is None:
        return None
    known = {field.name: field for field in ask.fields(collection) if field.kind == "string"}
    fields = tuple(known[field] for field in _WHERE[name] if field in known)
    return _Place(collection, fields) if fields else None


def _results(place: _Place, frame: pd.DataFrame, word: str) -> list[dict[str, Any]]:
    key, name = _WHERE[place.collection.id][0], "name"
    names = [field.name for field in place.fields]
    if key not in frame:
        return []
    wanted = [column for column in dict.fromkeys((key, name, "holder", *names)) if column in frame]
    results = []
    for row in frame[wanted].astype(object).to_dict(orient="records"):
        texts = {column: value for column, value in row.items() if isinstance(value, str)}
        field = next(
            (column for column in names if word.casefold() in texts.get(column, "").casefold()), None
        )
        if key in texts:
            results.append(
                {
                    "kind": place.collection.id,
                    "id": texts[key],
                    "title": texts.get(name) or texts.get("holder") or texts[key],
                    "field": field,
                    "text": texts.get(field or ""),
                }
            )
    return results


async def _parcels_of(ask: Ask, company: str) -> list[str]:
    """The first parcels that a company is on."""
    occupancy = ask.edition.collections.get("occupancy")
    if occupancy is None or not {"parcel_id", "enterprise_id"} <= {field.name for field in occupancy.fields}:
        return []
    tree = {"op": "=", "args": [{"property": "enterprise_id"}, company]}
    frame = await ask.rows(occupancy).frame(
        Selection(condition=_dump(tree), parks=ask.caller.parks), _PARCELS_SHOWN
    )
    return [str(name) for name in frame["parcel_id"].dropna().unique()]


def _dump(tree: Any) -> str:
    return orjson.dumps(tree, option=orjson.OPT_SORT_KEYS).decode()
