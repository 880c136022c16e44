"""What takes long to make is made by one of the workers that run the tests, and each has a copy of its own."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from filelock import FileLock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A copy of a folder that the first worker to ask for it made; what is done in the copy no other worker sees.

    Parameters
    ----------
    factory
        Gives the folders of this run of the tests.
    name
        Of what is made.
    make
        Fills the empty folder that it is given.
    """
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent  # where the workers' folders lie side by side
    whole = base / f"{name}-whole"
    with FileLock(base / f"{name}.lock"):
        if not whole.is_dir():
            begun = factory.mktemp(f"{name}-begun")
            make(begun)
            begun.rename(whole)
    return shutil.copytree(whole, factory.mktemp(name), dirs_exist_ok=True)
