"""Every figure of the shipped packs is read by some rule, or said to be read by none."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import parkgeo
from parkgeo.packs.book import known_figures
from parkgeo.packs.reading import OPEN_GROUPS
from parkgeo.packs.unread import UNREAD

CODE = Path(parkgeo.__file__).parent


def read_keys(sources: dict[str, str], keys: set[str]) -> set[str]:
    """Those of the keys that code can ask for.

    A key is read where it stands in the code as a text; where a text with gaps, ``f"ledger.{name}"``, makes it out of names
    that stand in the code as texts; and where its whole group is asked for and its name stands in the code.
    """
    words: set[str] = set()
    patterns: set[str] = set()
    for source in sources.values():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                words.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = [
                    re.escape(each.value) if isinstance(each, ast.Constant) else "(.*)"
                    for each in node.values
                ]
                if re.match(r"[a-z_]+\\\.", "".join(parts)):
                    patterns.add("".join(parts))
            elif (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "group"
            ):
                group = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else ""
                patterns |= {rf"{group}\.(.*)"} if group else set()

    def made(key: str) -> bool:
        found = (re.fullmatch(pattern, key) for pattern in patterns)
        return any(
            match is not None and all(each in words or not each for each in match.groups()) for match in found
        )

    return {key for key in keys if key in words or made(key)}


def code() -> dict[str, str]:
    own = CODE / "packs" / "unread.py"
    return {str(path): path.read_text(encoding="utf-8") for path in CODE.rglob("*.py") if path != own}


def test_what_no_rule_reads_is_said_and_nothing_else_is():
    # Of a group to which offices add entries all are read, whatever they are called.
    keys = {key for key in known_figures() if key.partition(".")[0] not in OPEN_GROUPS}
    silent = keys - read_keys(code(), keys)
    assert silent - UNREAD == set(), (
        "no rule reads these: have one read them, or list them in packs/unread.py"
    )
    assert UNREAD - silent == set(), "listed as unread in packs/unread.py, and read or gone"


def test_a_key_is_found_as_text_with_gaps_and_by_its_group():
    sources = {
        "a.py": 'rules.get("idle.fee_share")\n[rules[f"idle.{name}_years"] for name in ("full", "half")]\nrules.group("zone")["low"]\n',
        "b.py": 'f"{one}.toml"\n',
    }  # fmt: skip
    keys = {
        "idle.fee_share",
        "idle.full_years",
        "idle.other_years",
        "idle.fee",
        "zone.low",
        "zone.high",
        "park.toml",
    }
    assert read_keys(sources, keys) == {"idle.fee_share", "idle.full_years", "zone.low"}
