"""Declares the queries and commands of delegates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models import Delegate
from resolvers.commands.errors import INPUT, Violation
from resolvers.commands.rules.active_owners import person_is_active
from resolvers.commands.rules.periods import ends_after_start, overlap
from resolvers.commands.spec import MutationSpec, register_mutation_spec
from resolvers.query.spec import QuerySpec, register_query_spec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from resolvers.commands.unit_of_work import UnitOfWork

register_query_spec(
    QuerySpec(
        Delegate,
        filterable=(
            "id",
            "person_name",
            "valid_from",
            "expires_on",
            "participant",
            "account",
            "created_at",
            "updated_at",
        ),
        sortable=("person_name", "valid_from", "expires_on", "created_at", "updated_at"),
        groupable=("participant",),
    )
)


def _is_one_person(_unit: UnitOfWork, row: Delegate) -> Iterator[Violation]:
    """Check that a delegate is exactly one person."""
    if (row.account_id is None) == (row.person_name is None):
        message = "A delegate is one person. Set either accountId, or personName for a person without an account."
        yield Violation(INPUT, "one_person", message)


def _speaks_once(_unit: UnitOfWork, row: Delegate) -> Iterator[Violation]:
    """Check that a person is a delegate of the participant once on each day; a database trigger also checks this."""
    period, person = (row.valid_from, row.expires_on), (row.account_id, row.person_name)
    others = (each for each in row.participant.delegates if each is not row)
    for each in others:
        if (each.account_id, each.person_name) == person and overlap(period, (each.valid_from, each.expires_on)):
            until = f"until {each.expires_on}" if each.expires_on else "without an end"
            message = (
                f"This person is a delegate from {each.valid_from} {until} (Delegate:{each.id}). Change that with "
                "updateDelegate, or choose another period."
            )
            yield Violation((*INPUT, "validFrom"), "delegated_once", message)
            return


register_mutation_spec(
    MutationSpec(
        Delegate,
        create_only=("participant", "account", "person_name"),
        fields=("valid_from", "expires_on"),
        lock_also=("participant",),
        validators=(ends_after_start("valid_from", "expires_on"), _is_one_person, _speaks_once, person_is_active),
    )
)
