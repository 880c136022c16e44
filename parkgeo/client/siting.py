"""Questions about sites: a brief or a portfolio as it is sent, and the matrix of fit as a table."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parkgeo.client.pages import read_pages
from parkgeo.errors import InputError, unreadable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from parkgeo.client.wire import Wire

__all__ = ["Siting", "read_written"]

_PAGE = 1_000
_COLUMNS = ("site_id", "kind", "parcel_ids", "industry", "title", "grade", "score", "known_weight", "failed", "counterfactual", "ask")  # fmt: skip
_NUMBERS = ("score", "known_weight")


class Siting:
    """What a client asks of sites; `parkgeo.client.Client` is one of these."""

    _wire: Wire
    _root: tuple[str, ...]

    def search_sites(self, brief: Mapping[str, Any] | Path | str) -> dict[str, Any]:
        """Sites for a project: ranked, why not for the rest, and what is not known.

        Parameters
        ----------
        brief
            What the project needs, with the keys of the file that ``parkgeo sites`` reads; or such a file, TOML or JSON.

        Returns
        -------
        dict
            ``ranked``, ``why_not`` and ``undetermined``, lists of sites with score, breakdown and limits; ``counts``.

        Raises
        ------
        ClientError
            The brief has faults; `ClientError.faults` has them all.
        InputError
            The file cannot be read.

        Examples
        --------
        >>> found = client.search_sites({"industry": "machinery", "needs": {"area": "30 亩"}})  # doctest: +SKIP
        >>> found["ranked"][0]["rank"], len(found["why_not"]) > 0  # doctest: +SKIP
        (1, True)
        """
        return self._asked("sites", "search", body=read_written(brief))

    def fit(
        self,
        *,
        industry: str | Sequence[str] = (),
        parcel: str | None = None,
        grade: str | Sequence[str] = (),
        limit: int | None = None,
    ) -> pd.DataFrame:
        """Which industries fit where, as a table; needs pandas.

        Parameters
        ----------
        industry
            Keys of industries of the rule packs; else all.
        parcel
            Only this parcel, whatever its state, and the joined sites that it is part of; else all land that could come free.
        grade
            Of ``high``, ``medium``, ``low``, ``undetermined``, ``no``; else all.
        limit
            Most rows.

        Returns
        -------
        pandas.DataFrame
            One row a site and industry, the best first: ``site_id``, ``kind``, ``parcel_ids``, ``industry``, ``title``, ``grade``, ``score``
            (0 to 100, NaN where it is not known), ``known_weight``, ``failed`` (limits with their margins), ``counterfactual``, ``ask``.

        Examples
        --------
        >>> rows = client.fit(industry="machinery", grade="high")  # doctest: +SKIP
        >>> rows["score"].is_monotonic_decreasing  # doctest: +SKIP
        True
        """
        query = {} if parcel is None else {"parcel": parcel}
        for name, value in (("industry", industry), ("grade", grade)):
            names = [value] if isinstance(value, str) else list(value)
            query.update({name: ",".join(names)} if names else {})
        pages = read_pages(self._wire, (*self._root, "fit"), query, page_size=_PAGE, limit=limit, rows="fits")
        return _table([row for page in pages for row in page.features])

    def allocate(self, portfolio: Mapping[str, Any] | Path | str, *, join: bool = False) -> dict[str, Any]:
        """Sites for many projects at once.

        Parameters
        ----------
        portfolio
            Projects and rules, with the keys of the file that ``parkgeo allocate`` reads; or such a file, TOML or JSON.
        join
            Also on parcels that could be joined.

        Returns
        -------
        dict
            ``projects`` with their sites, ``state``, ``proven``, ``gap``, further plans (``others``), demands that clash (``clash``).

        Raises
        ------
        ClientError
            The portfolio has faults; `ClientError.faults` has them all.
        InputError
            The file cannot be read.

        Examples
        --------
        >>> plan = client.allocate({"projects": [{"name": "Gearbox works", "industry": "machinery"}]})  # doctest: +SKIP
        >>> plan["state"], plan["gap"]  # doctest: +SKIP
        ('optimal', 0.0)
        """
        query = {"join": "true"} if join else None
        return self._asked("allocations", body=read_written(portfolio), query=query)

    def _asked(
        self, *parts: str, body: Mapping[str, Any], query: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """The answer to a question that is sent as JSON."""
        try:
            told = json.dumps(body, ensure_ascii=False, allow_nan=False, default=str).encode()
        except (TypeError, ValueError) as error:
            raise InputError(
                f"this cannot be sent as JSON ({error})", mend="use texts, finite numbers, lists and tables"
            ) from error
        headers = {"Content-Type": "application/json"}
        path = (*self._root, *parts)
        return self._wire.read(*path, query=query, method="POST", headers=headers, body=lambda: told)


def read_written(told: Mapping[str, Any] | Path | str) -> Mapping[str, Any]:
    """A brief or a portfolio: as it is, or out of a file.

    Parameters
    ----------
    told
        The thing itself, or a file, JSON where its name ends so, else TOML.

    Raises
    ------
    InputError
        The file cannot be read.

    Examples
    --------
    >>> read_written({"industry": "machinery"})
    {'industry': 'machinery'}
    """
    if not isinstance(told, str | Path):
        return told
    path = Path(told)
    try:
        text = path.read_text(encoding="utf-8-sig")
        read: Mapping[str, Any] = (
            json.loads(text) if path.suffix.casefold() == ".json" else tomllib.loads(text)
        )
    except OSError as error:
        raise unreadable(path, error) from error
    except ValueError as error:
        raise InputError(
            f"cannot be read ({error})", where=str(path), mend="write it as TOML, or as JSON in a file .json"
        ) from error
    return read


def _table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    columns = {name: pd.Series([row.get(name) for row in rows], dtype=object) for name in _COLUMNS}
    table = pd.DataFrame(columns, columns=list(_COLUMNS))
    return table.astype(dict.fromkeys(_NUMBERS, "float64"))
