"""Records which documents are parsed: only this shows whether an operation came from the cache."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import parse
from strawberry.schema import schema as strawberry_schema

if TYPE_CHECKING:
    import pytest


def note_parsing(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that grows with every document that is parsed for an operation."""
    found: list[str] = []

    def note_and_parse(text: str, **options: Any) -> Any:
        found.append(text)
        return parse(text, **options)

    monkeypatch.setattr(strawberry_schema, "parse", note_and_parse)
    return found
