"""Loads the declarations of every noun: what may be read and changed of it."""

from __future__ import annotations

from importlib import import_module

from models import NOUNS


def load_nouns() -> None:
    """Import every noun's file, which registers what it declares."""
    # By name, which is the order of the mutations in the contract.
    for noun in sorted(NOUNS):
        import_module(f"resolvers.{noun}")
