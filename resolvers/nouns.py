"""Loads the declarations of all nouns."""

from __future__ import annotations

from importlib import import_module

from models import NOUNS
from resolvers.commands import judge_transitions  # noqa: F401 - it registers the judge of statuses


def load_nouns() -> None:
    """Import the file of every noun, which registers its declarations."""
    for noun in NOUNS:
        import_module(f"resolvers.{noun}")
