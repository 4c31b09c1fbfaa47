"""Loads the types of every noun, in the order in which the contract lists them."""

from __future__ import annotations

from importlib import import_module

from models import NOUNS
from resolvers.nouns import load_nouns


def load_types() -> None:
    """Import the types of every noun, after their query and mutation specs."""
    load_nouns()
    # A source is not a noun: objects of many nouns cite it.
    for name in (*NOUNS, "sources.sources"):
        import_module(f"schema.{name}")
