"""What codes of land use mean: digits by the classification that the office's are of, letters always by GB 50137."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parkgeo.errors import PackError, name_some

if TYPE_CHECKING:
    from parkgeo.packs import RuleBook

__all__ = ["CLASSIFICATIONS", "LETTERS", "chosen_classification", "use_prefixes"]

LETTERS = "GB 50137"
CLASSIFICATIONS = ("2023", "GB/T 21010", LETTERS)
"""What ``ledger.classification`` may say; the last has no codes in digits."""

_CURRENT, _SURVEY = CLASSIFICATIONS[:2]
_SURVEY_LISTS = "land.gbt_21010"


def chosen_classification(rules: RuleBook, unsaid: str) -> str:
    """The classification that digits are of; another where no pack says.

    Raises
    ------
    PackError
        It is none of `CLASSIFICATIONS`.
    """
    figure = rules.get("ledger.classification")
    chosen = figure.text() if figure else unsaid
    if figure and chosen not in CLASSIFICATIONS:
        raise PackError(
            f"{figure.key} has no codes for the classification {chosen!r}",
            where=figure.pack,
            mend=f"set ledger.classification to one of {name_some(CLASSIFICATIONS)}",
        )
    return chosen


def use_prefixes(rules: RuleBook, key: str) -> tuple[str, ...]:
    """Prefixes of a list of land-use codes, as the packs have them read.

    Parameters
    ----------
    rules
        The packs in force.
    key
        Of a list of prefixes, ``land.construction``. Its digits are of the classification of 2023.

    Returns
    -------
    tuple of str
        Its digits and letters; under GB/T 21010 its letters and the digits of the list so called in ``land.gbt_21010``,
        under GB 50137 its letters alone. Empty where no pack has the list.

    Notes
    -----
    10, 11 and 12 are mining and industry, storage, and transport in the classification of 2023 and transport, water, and
    other land in GB/T 21010; which of the two a code is of cannot be seen in it.

    Examples
    --------
    >>> from pathlib import Path
    >>> from parkgeo.packs import load_packs
    >>> use_prefixes(load_packs(["national"], Path()), "state.storage_codes")
    ('1101', '0604', 'W')
    """
    figure = rules.get(key)
    if figure is None:
        return ()
    prefixes = figure.texts()
    chosen = chosen_classification(rules, _CURRENT)
    if chosen == _CURRENT:
        return prefixes
    survey = rules.get(_SURVEY_LISTS) if chosen == _SURVEY else None
    digits = survey.lists().get(key.partition(".")[2], ()) if survey else ()
    return (*digits, *(prefix for prefix in prefixes if not prefix[:1].isdigit()))
