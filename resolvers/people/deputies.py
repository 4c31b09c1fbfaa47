"""Declares the queries and commands of deputies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models import Deputy
from resolvers.commands.errors import INPUT, Violation
from resolvers.commands.rules.active_owners import person_is_active
from resolvers.commands.rules.appointments import deputy_appoints_within_own_days, not_by_oneself
from resolvers.commands.rules.periods import ends_after_start
from resolvers.commands.spec import MutationSpec, register_mutation_spec
from resolvers.commands.uniqueness import created_once
from resolvers.query.spec import QuerySpec, register_query_spec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from resolvers.commands.unit_of_work import UnitOfWork

register_query_spec(
    QuerySpec(
        Deputy,
        filterable=(
            "id",
            "valid_from",
            "expires_on",
            "deputy_for",
            "account",
            "meeting",
            "created_at",
            "updated_at",
        ),
        sortable=("valid_from", "expires_on", "created_at", "updated_at"),
    )
)


def _acts_for_another(_unit: UnitOfWork, row: Deputy) -> Iterator[Violation]:
    """Check that a deputy is another person than the member; a database trigger also checks this."""
    if row.account_id == row.deputy_for.account_id:
        message = "This is the account of the member. Choose the account of another person."
        yield Violation((*INPUT, "accountId"), "deputy_itself", message)


def _within_the_membership(_unit: UnitOfWork, row: Deputy) -> Iterator[Violation]:
    """Check that a deputy is appointed for days of the membership."""
    first, last = row.deputy_for.valid_from, row.deputy_for.expires_on
    if row.valid_from < first:
        message = f"The membership begins on {first}. Give this day or a later one."
        yield Violation((*INPUT, "validFrom"), "deputy_period", message)
    if last and row.expires_on > last:
        message = f"The membership ends on {last}. Give this day or an earlier one."
        yield Violation((*INPUT, "expiresOn"), "deputy_period", message)


def _on_the_days_of_the_meeting(_unit: UnitOfWork, row: Deputy) -> Iterator[Violation]:
    """Check that a deputy for one meeting is appointed for its days, and that the meeting is one of the group."""
    if row.meeting is None:
        return
    if row.meeting.group_id != row.deputy_for.group_id:
        message = "It is not a meeting of the group. Choose one of its meetings, or omit meetingId."
        yield Violation((*INPUT, "meetingId"), "meeting_of_the_group", message)
    elif row.meeting.days is None:
        message = f"The meeting is {row.meeting.status.name} and has no day. Plan it first, or omit meetingId."
        yield Violation((*INPUT, "meetingId"), "meeting_day", message)
    elif row.meeting.days != (row.valid_from, row.expires_on):
        first, last = row.meeting.days
        message = f"The meeting is from {first} to {last}. Send validFrom {first} and expiresOn {last}."
        yield Violation((*INPUT, "validFrom"), "meeting_day", message)


register_mutation_spec(
    MutationSpec(
        Deputy,
        create_only=("deputy_for", "account", "meeting"),
        fields=("valid_from", "expires_on"),
        lock_also=("deputy_for", "deputy_for.group"),
        validators=(
            created_once("deputy_for_id", "account_id", "valid_from"),
            ends_after_start("valid_from", "expires_on"),
            not_by_oneself,
            deputy_appoints_within_own_days,
            person_is_active,
            _acts_for_another,
            _within_the_membership,
            _on_the_days_of_the_meeting,
        ),
    )
)
