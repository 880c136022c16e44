"""The error tree: as drawn, and what a message holds."""

from __future__ import annotations

import re

import pytest

from parkgeo import errors
from parkgeo.errors import InputError, ParkgeoError, StoreError, gather, name_some

CLASSES = {
    name: value
    for name, value in vars(errors).items()
    if isinstance(value, type) and issubclass(value, ParkgeoError)
}


def drawn() -> dict[str, str]:
    """Class → the built-in that the drawing gives it."""
    return dict(re.findall(r"[├└]── (\w+) \((\w+)\)", errors.__doc__ or ""))


def test_the_tree_is_as_drawn():
    found = {name: kind.__bases__[1].__name__ for name, kind in CLASSES.items() if kind is not ParkgeoError}
    assert drawn() == found
    assert all(kind.__bases__[0] is ParkgeoError for kind in CLASSES.values() if kind is not ParkgeoError)


def test_public_names_are_what_is_exported():
    functions = {
        name
        for name, value in vars(errors).items()
        if callable(value) and value.__module__ == errors.__name__
    }
    assert functions == set(errors.__all__)


@pytest.mark.parametrize("kind", CLASSES.values(), ids=CLASSES)
def test_a_message_says_what_where_and_how_to_mend(kind):
    error = kind("what", where="here", mend="mend it")
    assert str(error) == "what — here — mend it"
    assert (error.what, error.where, error.mend) == ("what", "here", "mend it")
    assert str(kind("what")) == "what"
    assert str(kind("what", mend="mend it")) == "what — mend it"


def test_a_store_error_is_caught_as_an_os_error():
    with pytest.raises(OSError, match="full"):
        raise StoreError("full", where="disk")


def test_some_are_named_and_all_are_counted():
    assert name_some([]) == ""
    assert name_some("abcde") == "a, b, c, d, e"
    assert name_some("abcdef") == "a, b, c, d, e … (6 in all)"
    assert name_some(iter("abc"), shown=2) == "a, b … (3 in all)"


def test_several_errors_become_one_of_the_asked_kind():
    single = StoreError("alone")
    assert gather([single], InputError) is single
    both = gather([single, InputError("b", where="file")], InputError)
    assert isinstance(both, InputError)
    assert str(both).splitlines() == ["2 to mend", "  - alone", "  - b — file"]
