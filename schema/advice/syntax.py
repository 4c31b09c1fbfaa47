"""Advice on documents that cannot be parsed."""

from __future__ import annotations

import re

EXAMPLE = "{ procurements { nodes { title } } }"
SQL = re.compile(r"\s*(select|insert|update|delete|with)\s", re.IGNORECASE)
BEGINNINGS = re.compile(r"\s*(\{|query\b|mutation\b|subscription\b|fragment\b|#|\")")

#: What the parser's message says, and what to do.
ADVICE = (
    (re.compile(r"found <EOF>|Unexpected <EOF>"), "The document ends too early: add the missing `}` or `)`."),
    (re.compile(r"Expected ':'"), "Write an argument or an input field as `name: value`."),
    (re.compile(r"Unterminated string"), 'End the text with `"`; a text of several lines needs `"""`.'),
    (re.compile(r"found '}'|Unexpected '}'"), "A selection cannot be empty, and each `}` needs its `{`."),
    (re.compile(r"single quote"), 'Write texts in double quotes: `"…"`.'),
)


def advise_syntax(text: str, message: str) -> str:
    """Return how to mend the document `text`; `message` is that of the parser."""
    if SQL.match(text):
        return f"This is SQL. Write GraphQL, such as `{EXAMPLE}`."
    if not BEGINNINGS.match(text):
        return f"A document begins with `{{`, `query`, `mutation` or `fragment`, such as `{EXAMPLE}`."
    return next((advice for pattern, advice in ADVICE if pattern.search(message)), "")
