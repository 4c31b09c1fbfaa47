"""What every resolver and plan of one request may reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from resolvers.database import Database


@dataclass(frozen=True, slots=True)
class Context:
    """The GraphQL context: one per request, and the same for every field of it."""

    database: Database
