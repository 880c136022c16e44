"""Options that several groups of commands share."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["Json", "Lang"]

Json = Annotated[bool, typer.Option("--json", help="Print JSON for a script.")]
Lang = Annotated[str, typer.Option(help="zh or en; else PARKGEO_LANG, else the system's language.")]
