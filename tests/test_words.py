"""Plain words: descriptions in the contract and docstrings use the words of the field, and no riddles."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from graphql import DirectiveNode, Visitor, parse, visit

from schema import schema

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = {name: f"{name}/**/*.py" for name in ("models", "schema", "resolvers", "server", "tests")} | {
    "alembic": "alembic/*.py"
}

#: Regular expressions of forbidden words, each with the words to use instead.
FORBIDDEN = {
    r"\bwho(m)?(so)?ever\b": "the viewer, the caller or the account",
    r"\bwhatever\b": "any, every or the noun",
    r"\bnought\b": "0 or zero",
    r"\b(no|some|every|any)body\b": "the viewer, the caller or the client",
    r"\b(let|lets|letting)\s+go\b": "drop, release or evict",
    r"\bpapers?\b": "document",
    r"\btrails?\b": "audit log",
    r"\b(the\s+wall|walls)\b": "row-level security",
    r"\bstands?\b": "is, is listed or the status",
    r"\b(told|tells?)\b": "says, reports or names",
    r"\bkept\b": "stored or retained",
    r"\bask(s|ed|ing)?\s+for\b": "requests or requested",
    r"\bas\s+far\s+as\b": "if, where or to the extent that",
    r"\bwhat\s+(is|was)\b(?!\s+wrong)": "a noun, such as the value or the status",
    r"\bby\s+(itself|themselves)\b": "alone, automatically or separately",
    r"\bnor\s+(is|are|was|were|do|does|did|has|have|can|may|must)\b": "and … not, in the order subject, verb, object",
    r"\bone('s|self)\b": "the account's, the viewer's or the participant's",
    r"\A\W*gives?\b": "Return",
}
PATTERNS = {re.compile(pattern, re.IGNORECASE): words for pattern, words in FORBIDDEN.items()}
CODE = re.compile(r"`[^`\n]+`")


class Text(NamedTuple):
    """A text for people, with the file and line where it begins."""

    file: str
    line: int
    text: str


def faults(text: Text) -> Iterator[str]:
    """Return a message for each forbidden word in a text; code between backticks is not checked."""
    prose = CODE.sub(lambda code: " " * len(code[0]), text.text)
    for pattern, words in PATTERNS.items():
        for found in pattern.finditer(prose):
            line = text.line + prose.count("\n", 0, found.end())
            yield f"{text.file}:{line}: {' '.join(found[0].split()).strip(chr(34))!r}: use {words}"


class ContractTexts(Visitor):
    """A visitor that collects the descriptions and the reasons of deprecations in a printed contract."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.source = source
        self.found: list[Text] = []

    def enter(self, node: Any, *_: Any) -> None:
        """Collect the description of a definition, or the arguments of `@deprecated`."""
        if isinstance(node, DirectiveNode) and node.name.value == "deprecated":
            self._add(*(argument.value for argument in node.arguments or ()))
        elif description := getattr(node, "description", None):
            self._add(description)

    def _add(self, *values: Any) -> None:
        for loc in (value.loc for value in values):
            self.found.append(Text("schema/schema.graphql", loc.start_token.line, self.source[loc.start : loc.end]))


def contract_texts() -> list[Text]:
    """Return the descriptions and deprecations in the contract, each text once."""
    texts = ContractTexts(schema.as_str())
    visit(parse(texts.source), texts)
    return [*{found.text: found for found in reversed(texts.found)}.values()][::-1]


def docstrings(pattern: str) -> Iterator[Text]:
    """Return the docstrings of the modules, classes and functions in the files of a pattern."""
    for file in sorted(ROOT.glob(pattern)):
        source = file.read_text()
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                first = node.body[0] if node.body else None
                if isinstance(first, ast.Expr) and ast.get_docstring(node, clean=False) is not None:
                    yield Text(
                        str(file.relative_to(ROOT)), first.lineno, ast.get_source_segment(source, first.value) or ""
                    )


def test_the_contract_is_in_plain_words() -> None:
    texts = contract_texts()
    assert len(texts) > 500
    found = [fault for text in texts for fault in faults(text)]
    assert not found, "\n".join(["", *found])


@pytest.mark.parametrize("folder", FOLDERS)
def test_docstrings_are_in_plain_words(folder: str) -> None:
    texts = [*docstrings(FOLDERS[folder])]
    assert texts
    found = [fault for text in texts for fault in faults(text)]
    assert not found, "\n".join(["", *found])


@pytest.mark.parametrize(
    ("prose", "fault"),
    [
        ('"""Give the rows."""', "a.py:7: 'Give': use Return"),
        (
            '"""The rows.\n\nNobody reads them."""',
            "a.py:9: 'Nobody': use the viewer, the caller or the client",
        ),
        ('"""What is asked\n    for."""', "a.py:8: 'asked for': use requests or requested"),
    ],
)
def test_a_fault_names_its_place_and_the_words_to_use(prose: str, fault: str) -> None:
    assert fault in [*faults(Text("a.py", 7, prose))]


@pytest.mark.parametrize(
    "prose",
    [
        '"""Return the rows; say what is wrong."""',
        '"""Return `papers`, and understand the standing instruction for newspapers."""',
        '"""Ask the provider; the forgiven tasks stay."""',
    ],
)
def test_plain_words_pass(prose: str) -> None:
    assert not [*faults(Text("a.py", 1, prose))]
