"""Declares the queries and commands of participants and their memberships."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models import CoalitionMembership, Participant, ParticipantKind
from resolvers.commands.errors import INPUT, Violation
from resolvers.commands.rules.periods import overlapping, period_violations
from resolvers.commands.spec import ChildSpec, MutationSpec, register_mutation_spec
from resolvers.query.spec import QuerySpec, register_query_spec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from resolvers.commands.unit_of_work import UnitOfWork

register_query_spec(
    QuerySpec(
        Participant,
        filterable=(
            "id",
            "code",
            "name",
            "kind",
            "country_code",
            "beneficiary",
            "memberships",
            "led_procurements",
            "roadmap_lines",
            "attendances",
            "donations",
            "deliveries",
            "created_at",
            "updated_at",
        ),
        sortable=("code", "name", "created_at", "updated_at"),
        lookup_by=("code",),
        groupable=("kind", "beneficiary"),
    )
)

register_query_spec(
    QuerySpec(
        CoalitionMembership,
        filterable=("id", "role", "valid_from", "valid_to", "participant", "created_at", "updated_at"),
        sortable=("valid_from", "valid_to", "created_at", "updated_at"),
        groupable=("role", "participant"),
    )
)

MEMBERSHIP = ("role", "instrument", "valid_from", "valid_from_precision", "valid_to")


def country_code_of_a_state(_unit: UnitOfWork, row: Participant) -> Iterator[Violation]:
    """Only a state can have a country code (ISO 3166-1)."""
    if row.country_code and row.kind is not ParticipantKind.STATE:
        message = "Only a STATE has a country code. Omit countryCode or correct the kind."
        yield Violation((*INPUT, "countryCode"), "country_code_of_a_state", message)


def periods_do_not_overlap(_unit: UnitOfWork, row: Participant) -> Iterator[Violation]:
    """A participant must not have two roles at the same time; a database trigger also checks this."""
    for place, membership in enumerate(row.memberships):
        at = (*INPUT, "memberships", str(place))
        yield from period_violations(membership, "valid_from", "valid_to", at)
    for place in overlapping([(each.valid_from, each.valid_to) for each in row.memberships]):
        message = "This period overlaps another one. End the other period on the day before this one begins."
        yield Violation((*INPUT, "memberships", str(place), "validFrom"), "membership_periods", message)


def others_give_a_role(unit: UnitOfWork, row: Participant) -> Iterator[Violation]:
    """The role of a participant decides what its accounts may do: the accounts of another one decide it."""
    if row.id == unit.viewer.participant and "memberships" in unit.input:
        message = "You cannot change the memberships of your own participant: ask a lead of another one."
        yield Violation((*INPUT, "memberships"), "oneself", message)


register_mutation_spec(
    MutationSpec(
        Participant,
        fields=("code", "name", "kind", "country_code", "beneficiary"),
        children={"memberships": ChildSpec(CoalitionMembership, fields=MEMBERSHIP, back="participant")},
        validators=(country_code_of_a_state, periods_do_not_overlap, others_give_a_role),
    )
)
