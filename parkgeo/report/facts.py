"""What a snapshot tells a document: tables without what is personal, titles, words, benchmarks, and what is not there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from parkgeo.errors import ProjectError
from parkgeo.packs.sources import source_in
from parkgeo.report.visible import visible
from parkgeo.report.words import amount, code_word, day, is_missing, join, unit_word
from parkgeo.units import convert_factor

if TYPE_CHECKING:
    from parkgeo.store import Snapshot

__all__ = ["Benchmark", "Facts"]

_ASKED = ("supply", "parcels", "buildings", "performance", "occupancy", "enterprises", "parks", "delays")
"""Tables in which a field named as missing is looked up for its title."""


@dataclass(frozen=True)
class Benchmark:
    """A figure to hold a measure against."""

    value: float
    title: str
    source: str
    verified: bool


class Facts:
    """A snapshot, read for a document in one language; what an older one lacks is empty and never an error.

    Parameters
    ----------
    snapshot
        Of a finished analysis.
    lang
        ``zh`` or ``en``.
    """

    def __init__(self, snapshot: Snapshot, lang: str) -> None:
        self.snapshot = snapshot
        self.lang = lang
        self._tables: dict[str, pd.DataFrame] = {}

    @property
    def park(self) -> str:
        """The park's name."""
        return visible(str(self.snapshot.manifest.get("park", "")), most=120)

    def has(self, table: str, *columns: str) -> bool:
        """Whether there is such a table, with rows and these columns."""
        frame = self.table(table)
        return len(frame) > 0 and set(columns) <= set(frame.columns)

    def table(self, name: str) -> pd.DataFrame:
        """A table without personal fields; an empty one where the snapshot has none."""
        if name not in self._tables:
            frame = self.snapshot.read(name) if name in self.snapshot.tables else pd.DataFrame()
            private = [
                column for column in frame.columns if self.snapshot.field(name, str(column)).get("personal")
            ]
            self._tables[name] = frame.drop(columns=private)
        return self._tables[name]

    @property
    def parcels(self) -> Any:
        """The parcels, with geometry."""
        return self.table("parcels")

    def column(self, name: str, table: str = "parcels") -> pd.Series:
        """A column; all missing where the table has none of that name."""
        frame = self.table(table)
        return frame[name] if name in frame else pd.Series(None, index=frame.index, dtype=object, name=name)

    def numbers(self, name: str, table: str = "parcels") -> pd.Series:
        """A column as numbers; all missing where there is none."""
        return pd.to_numeric(self.column(name, table), errors="coerce").astype("float64")

    def title(self, table: str, column: str) -> str:
        """What a column is called."""
        if column in self.snapshot.catalogue.get("findings", {}):
            return str(self.snapshot.findings_catalogue[column][self.lang])
        return visible(str(self._about(table, column)[self.lang]), most=120)

    def knows(self, table: str, column: str) -> bool:
        """Whether the catalogue has a title for a column."""
        return column in self.snapshot.catalogue.get("findings", {}) or bool(
            self._about(table, column)["en"] != column
        )

    def _about(self, table: str, column: str) -> dict[str, Any]:
        """The catalogue's entry; a parcel's fields from the supply ledger are found there too."""
        found = self.snapshot.field(table, column)
        if found["en"] == column and table == "parcels":
            return self.snapshot.field("supply", column)
        return found

    def unit(self, table: str, column: str) -> str:
        """The unit of a column, as the catalogue names it."""
        return str(self._about(table, column)["unit"] or "")

    def table_title(self, table: str) -> str:
        """What a table is called."""
        known = self.snapshot.catalogue.get("tables", {}).get(table)
        return str(known[self.lang]) if known else table.replace("_", " ")

    def word(self, table: str, column: str, code: Any) -> str:
        """A code as words."""
        if is_missing(code):
            return "—"
        known = self._about(table, column).get("codes")
        plain = {
            key: value if isinstance(value, str) else str(value[0]) for key, value in (known or {}).items()
        }
        return visible(code_word(str(code), self.lang, known=plain, state=column == "land_state"), most=120)

    def shown(self, table: str, column: str, value: Any, *, unit: bool = True) -> str:
        """A cell as a reader sees it: a number with its unit, a day, a word for a code, a text."""
        if is_missing(value):
            return "—"
        about = self._about(table, column)
        if hasattr(value, "item"):
            value = value.item()
        if isinstance(value, bool):
            return code_word("yes" if value else "no", self.lang)
        if isinstance(value, int | float):
            return self._number(value, about, unit=unit)
        if hasattr(value, "strftime") or about["type"] == "date":
            return day(value)
        if about["type"] in ("code", "verdict"):
            return self.word(table, column, value)
        return visible(str(value))

    def _number(self, value: float, about: dict[str, Any], *, unit: bool) -> str:
        word = str(about["unit"] or "")
        if about["type"] == "integer" and not word:
            return str(int(value))  # a year, a row: no separators
        told = amount(value, word, self.lang)
        return told if unit else told.split(" ", maxsplit=1)[0]

    def unit_of(self, table: str, column: str) -> str:
        """The unit of a column in words."""
        return unit_word(self.unit(table, column), self.lang)

    def fields_named(self, missing: Any) -> tuple[str, ...]:
        """Titles of the fields in a list joined by commas."""
        names = (
            [] if is_missing(missing) else [name.strip() for name in str(missing).split(",") if name.strip()]
        )
        found = []
        for name in names:
            titles = (str(self.snapshot.field(table, name)[self.lang]) for table in _ASKED)
            found.append(next((title for title in titles if title != name), self.table_title(name)))
        return tuple(dict.fromkeys(found))

    def spelled(self, missing: Any) -> str:
        """The same in one text."""
        return join(self.fields_named(missing), self.lang)

    @property
    def figures(self) -> dict[str, dict[str, Any]]:
        """The packs' figures by key."""
        known: dict[str, dict[str, Any]] = self.snapshot.catalogue.get("figures", {})
        return known

    def benchmark(self, metric: str, unit: str) -> Benchmark | None:
        """The pack's benchmark of a measure, in the unit of the measure."""
        figure = self.figures.get(f"benchmark.{metric}")
        if not figure or not figure.get("on") or not isinstance(figure.get("value"), int | float):
            return None
        try:
            factor = convert_factor(str(figure["unit"]), unit)
        except ProjectError:
            return None  # an office's own pack in a unit that the measure cannot be held against
        return Benchmark(
            float(figure["value"]) * factor,
            str(figure[self.lang]),
            visible(source_in(f"{figure['source']}, {figure['edition']}", self.lang), most=400),
            bool(figure["verified"]),
        )

    def gaps(self, *fields: str, parcel: str | None = None) -> tuple[str, ...]:
        """What to ask for: of a whole layer or field, and of a parcel where one is named; each sentence once."""
        frame = self.table("gaps")
        if not {"field", "parcel_id", f"ask_{self.lang}"} <= set(frame.columns):
            return ()
        chosen = frame["parcel_id"].isna() | (frame["parcel_id"] == parcel if parcel is not None else False)
        if fields:
            chosen &= frame["field"].isin(fields) | frame.get("table", frame["field"]).isin(fields)
        asks = frame.loc[chosen, f"ask_{self.lang}"].dropna()
        return tuple(dict.fromkeys(visible(str(ask)) for ask in asks))

    def judged(self) -> tuple[str, ...]:
        """Codes of the rules that judge parcels and were applied."""
        named = self.snapshot.manifest.get("findings_judged") or tuple(
            self.snapshot.catalogue.get("findings", {})
        )
        return tuple(code for code in named if code in self.parcels.columns)
