"""The settings that say how much may be asked for, how often, and how long it may take."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from pydantic import Field
from pydantic_settings import BaseSettings

from resolvers.core.limits import Limits

_USUAL = Limits()


def _number(default: float, least: float, most: int, counted: str) -> Any:
    return Field(default=default, ge=least, le=most, description=f"a number of {counted} from {least} to {most}")


class LimitSettings(BaseSettings):
    """What an operator can set of it; `docs/limits.md` says why the figures are what they are."""

    max_characters: int = _number(_USUAL.characters, 100, 1_000_000, "characters of a document")
    max_tokens: int = _number(_USUAL.tokens, 100, 20_000, "tokens of a document")
    max_depth: int = _number(_USUAL.depth, 3, 20, "levels of fields")
    max_fields: int = _number(_USUAL.fields, 10, 2_000, "fields")
    max_aliases: int = _number(_USUAL.aliases, 0, 2_000, "aliases")
    max_directives: int = _number(_USUAL.directives, 0, 2_000, "directives")
    max_root_fields: int = _number(_USUAL.root_fields, 1, 500, "fields at the root of a query")
    max_root_mutations: int = _number(_USUAL.root_mutations, 1, 100, "changes in a mutation")
    max_nodes: int = _number(_USUAL.nodes, 100, 1_000_000, "objects in an answer")
    max_conditions: int = _number(_USUAL.conditions, 10, 2_000, "conditions and steps of orders")
    max_introspection_fields: int = _number(_USUAL.introspection_fields, 0, 2_000, "fields of introspection")
    max_introspection_lists: int = _number(_USUAL.introspection_lists, 1, 5, "lists of members inside each other")
    max_introspection_values: int = _number(_USUAL.introspection_values, 0, 10_000_000, "values of introspection")

    max_cost: int = _number(100_000, 100, 1_000_000_000, "objects that an account may read at once")
    cost_per_second: int = _number(5_000, 1, 1_000_000_000, "objects that an account may read in a second")
    max_running_per_account: int = _number(10, 1, 1_000, "operations that an account may have running")
    max_running: int = _number(12, 1, 1_000, "operations that run at once in a worker")
    max_waiting: int = _number(100, 0, 10_000, "operations that wait for their turn in a worker")
    max_seconds: float = _number(10, 0.1, 600, "seconds that an operation may take")
    max_file_bytes: int = _number(100 * 1024 * 1024, 1024, 5 * 1024**3, "bytes of a file")
    max_body_seconds: float = _number(10, 0.1, 600, "seconds that a body may take to arrive")

    def limits(self) -> Limits:
        """Give how much one operation may ask for."""
        return Limits(**{field.name: getattr(self, f"max_{field.name}") for field in fields(Limits)})
