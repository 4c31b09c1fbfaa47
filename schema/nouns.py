"""Loads the types of every noun, in the order in which the contract lists them."""

from __future__ import annotations

from importlib import import_module

from models import NOUNS
from resolvers.nouns import load_nouns


def load_types() -> None:
    """Import every noun's file of this floor, and before it what may be read and changed of the nouns."""
    load_nouns()
    # A source belongs to no noun: many of them cite it.
    for name in (*NOUNS, "sources"):
        import_module(f"schema.{name}")
