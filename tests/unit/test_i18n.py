"""Two languages: every sentence that is said has its Chinese, and the Chinese says the same."""

from __future__ import annotations

import ast
import re
import string
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from babel.messages.pofile import read_po

from parkgeo.errors import ProjectError
from parkgeo.i18n import choose_language, figure, messages, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).parents[2]
PACKAGES = ("parkgeo", "maps", "api")
_IN_TEMPLATE = re.compile(r"""\bsay\(\s*(["'])(.+?)\1""")


@cache
def modules() -> dict[Path, ast.Module]:
    files = (file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py")))
    return {file: ast.parse(file.read_text(encoding="utf-8")) for file in files}


@cache
def templates() -> tuple[str, ...]:
    return tuple(
        found.group(2)
        for package in PACKAGES
        for file in sorted((ROOT / package).rglob("*.html"))
        for found in _IN_TEMPLATE.finditer(file.read_text(encoding="utf-8"))
    )


@cache
def walked(node: ast.AST) -> tuple[ast.AST, ...]:
    """All that stands in a node, itself included; looked up once, for the search comes by again and again."""
    return tuple(ast.walk(node))


def called(call: ast.Call) -> str:
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


@cache
def speakers() -> dict[str, int]:
    """Functions that say one of their own parameters → that parameter's position; those that look up themselves first."""
    calls = [
        (
            function.name,
            [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)],
            call,
        )
        for tree in modules().values()
        for function in walked(tree)
        if isinstance(function, ast.FunctionDef)
        for call in walked(function)
        if isinstance(call, ast.Call)
    ]
    found = {"say": 0, "compose": 0}
    while True:
        more = dict(found)
        for name, parameters, call in calls:
            said = spoken(call, found)
            if isinstance(said, ast.Name) and said.id in parameters and name not in found:
                more[name] = parameters.index(said.id)
        if more == found:
            return found
        found = more


def spoken(call: ast.Call, known: dict[str, int]) -> ast.expr | None:
    at = known.get(called(call))
    return call.args[at] if at is not None and len(call.args) > at else None


def texts(node: ast.AST) -> Iterator[str]:
    """Sentences in an expression: of a mapping its values, of rows of a table their first cells."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            yield node.value
    elif isinstance(node, ast.IfExp):
        yield from texts(node.body)
        yield from texts(node.orelse)
    elif isinstance(node, ast.Dict):
        for value in node.values:
            yield from texts(value)
    elif isinstance(node, ast.Tuple | ast.List):
        for element in node.elts:
            is_row = isinstance(element, ast.Tuple | ast.List) and element.elts
            yield from texts(element.elts[0] if is_row else element)


def said_in(tree: ast.Module) -> Iterator[str]:
    """Every sentence that a module says, where it stands as a literal, a module's constant or a function's own."""
    shared = constants_of(tree.body)
    functions = [node for node in walked(tree) if isinstance(node, ast.FunctionDef)]
    for scope in (*functions, *(node for node in tree.body if not isinstance(node, ast.FunctionDef))):
        constants = shared | constants_of(walked(scope))
        for node in walked(scope):
            if isinstance(node, ast.Call) and (said := spoken(node, speakers())) is not None:
                yield from texts(said)
                tables = ast.Constant | ast.IfExp | ast.Dict
                known = (constants[name] for name in sorted(names(said) & set(constants)))
                yield from (text for value in known if isinstance(value, tables) for text in texts(value))
            elif isinstance(node, ast.comprehension):
                calls = (call for call in walked(parent_of(scope, node)) if isinstance(call, ast.Call))
                if any(names(spoken(call, speakers())) & names(node.target) for call in calls):
                    yield from (
                        text
                        for name in sorted(names(node.iter) & set(constants))
                        for text in texts(constants[name])
                    )


def constants_of(nodes: Iterable[ast.AST]) -> dict[str, ast.expr]:
    return {
        target.id: node.value
        for node in nodes
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }


def names(node: ast.AST | None) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)} if node else set()


def parent_of(scope: ast.AST, child: ast.AST) -> ast.AST:
    return next(node for node in walked(scope) if child in ast.iter_child_nodes(node))


@cache
def every_sentence() -> dict[str, str]:
    """Sentence → where it is said."""
    found = dict.fromkeys(templates(), "a template")
    for file, tree in modules().items():
        for sentence in said_in(tree):
            found.setdefault(sentence, str(file.relative_to(ROOT)))
    return {
        sentence: where
        for sentence, where in found.items()
        if any(letter.isalpha() for letter in fixed(sentence))
    }


def fixed(sentence: str) -> str:
    return "".join(text for text, *_ in string.Formatter().parse(sentence))


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


@cache
def chinese() -> dict[str, str]:
    with (ROOT / "parkgeo" / "locale" / "zh.po").open("rb") as file:
        return {str(entry.id): str(entry.string) for entry in read_po(file, locale="zh") if entry.id}


def test_the_search_finds_what_is_said():
    """The search itself, on the ways of saying that are in use."""
    found = every_sentence()
    assert "The layer {layer} is missing." in found  # a constant
    assert (
        "Suspected idle: {basis}, no start reported by {as_of}: {days} days from then, idle since {idle_from} ({clause})."
        in found
    )  # of a mapping
    assert "Undetermined: no registered area to compare the drawn one with." in found  # through a function
    assert "Undetermined: data are missing" in found  # in a template
    assert {"Verified", "Unverified"} <= set(found)  # by a condition
    assert len(found) > 150


def test_every_sentence_that_is_said_has_its_chinese():
    missing = {sentence: where for sentence, where in every_sentence().items() if not chinese().get(sentence)}
    assert not missing


@pytest.mark.parametrize("sentence", chinese())
def test_both_languages_have_the_same_placeholders(sentence):
    translation = chinese()[sentence]
    assert translation.strip()
    assert placeholders(translation) == placeholders(sentence)


def test_every_translation_is_used():
    constants = {
        node.value
        for tree in modules().values()
        for node in walked(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    # Codes and severities are said with a capital.
    capital = {text.replace("_", " ").capitalize() for text in constants}
    parts = {text for value in constants for text in value.split("\n")}
    unused = set(chinese()) - constants - capital - parts - set(templates())
    assert not unused


def test_no_sentence_is_translated_twice():
    ids = re.findall(
        r'^msgid "(.+)"$', (ROOT / "parkgeo/locale/zh.po").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert sorted(ids) == sorted(set(ids))


def test_say_fills_in_values_and_never_reads_them_as_a_pattern():
    assert say("{count} parcels", "en", count="{x}{{y}}%s") == "{x}{{y}}%s parcels"
    assert say("The layer {layer} is missing.", "zh", layer="{x}") == "缺少图层：{x}。"
    assert say("a sentence that nobody translated {x}", "zh", x=1) == "a sentence that nobody translated 1"
    assert messages("en") == {}


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (12345.678, 1, "12,345.7"),
        (12345.678, 0, "12,346"),
        (3.0, 2, "3"),
        (0.0, 1, "0"),
        (-1.25, 1, "-1.2"),
        (None, 1, "—"),
        (float("nan"), 1, "—"),
    ],
)
def test_figures(value, digits, text):
    assert figure(value, "en", digits=digits) == figure(value, "zh", digits=digits) == text


def test_the_language_spoken(monkeypatch):
    monkeypatch.setenv("PARKGEO_LANG", "zh")
    assert choose_language() == "zh"
    assert choose_language("en") == "en"
    with pytest.raises(ProjectError, match="use zh or en"):
        choose_language("fr")
    monkeypatch.delenv("PARKGEO_LANG")
    for system, spoken_here in (
        ("zh_CN", "zh"),
        ("Chinese (Simplified)_China", "zh"),
        ("en_GB", "en"),
        (None, "en"),
    ):
        monkeypatch.setattr("locale.getlocale", lambda system=system: (system, None))
        assert choose_language() == spoken_here
