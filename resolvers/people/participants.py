"""Declares the queries and commands of participants and their memberships."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from models import CoalitionMembership, FormerName, Participant, ParticipantKind
from models.base import now
from resolvers.access.permissions import Action
from resolvers.commands.command import EXPECTED_VERSION, Command, command, id_of
from resolvers.commands.errors import INPUT, ValidationError, Violation
from resolvers.commands.input_fields import InputField, fields_to_update
from resolvers.commands.rules.periods import overlapping, period_violations, reason_violations
from resolvers.commands.spec import ChildSpec, MutationSpec, mutation_spec_of, register_mutation_spec
from resolvers.commands.standard_changes import check_version, validate_and_flush
from resolvers.core.attributes import Kind
from resolvers.query.spec import QuerySpec, register_query_spec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
            "former_names",
            "memberships",
            "led_procurements",
            "requested_needs",
            "roadmap_lines",
            "attendances",
            "donations",
            "deliveries",
            "created_at",
            "updated_at",
        ),
        sortable=("code", "name", "created_at", "updated_at"),
        lookup_by=("code",),
        former_names="former_names",
        groupable=("kind", "beneficiary"),
    )
)

register_query_spec(
    QuerySpec(
        FormerName,
        filterable=("id", "name", "code", "until", "participant", "created_at", "updated_at"),
        sortable=("until", "name", "code", "created_at", "updated_at"),
    )
)

register_query_spec(
    QuerySpec(
        CoalitionMembership,
        filterable=("id", "role", "valid_from", "valid_to", "participant", "created_at", "updated_at"),
        sortable=("valid_from", "valid_to", "created_at", "updated_at"),
        as_of=lambda membership, day: membership.held_on(day),
        groupable=("role", "participant"),
    )
)

MEMBERSHIP = ("role", "instrument", "valid_from", "valid_from_precision", "valid_to")


def country_code_of_a_state(_unit: UnitOfWork, row: Participant) -> Iterator[Violation]:
    """Only a state can have a country code (ISO 3166-1)."""
    if row.country_code and row.kind is not ParticipantKind.STATE:
        message = "Only a STATE has a country code. Omit countryCode or correct the kind."
        yield Violation((*INPUT, "countryCode"), "country_code_of_a_state", message)


def periods_of_membership(unit: UnitOfWork, row: Participant) -> Iterator[Violation]:
    """A participant has one role at a time, which a database trigger also checks; it leaves with a reason."""
    for place, membership in enumerate(row.memberships):
        at = (*INPUT, "memberships", str(place))
        yield from period_violations(membership, "valid_from", "valid_to", at)
        if "memberships" in unit.input:
            yield from reason_violations(unit, membership, "valid_to")
    for place in overlapping([(each.valid_from, each.valid_to) for each in row.memberships]):
        message = "This period overlaps another one. End the other period on the day before this one begins."
        yield Violation((*INPUT, "memberships", str(place), "validFrom"), "membership_periods", message)


def others_give_a_role(unit: UnitOfWork, row: Participant) -> Iterator[Violation]:
    """The role of a participant decides what its accounts may do: the accounts of another one decide it."""
    if row.id == unit.viewer.participant and "memberships" in unit.input:
        message = "You cannot change the memberships of your own participant: ask a lead of another one."
        yield Violation((*INPUT, "memberships"), "oneself", message)


def code_is_its_own(unit: UnitOfWork, row: Participant) -> Iterator[Violation]:
    """A code that another participant once had must not be used again; a database trigger also checks this."""
    taken = select(Participant.name).join(Participant.former_names)
    if name := unit.session.scalar(taken.where(FormerName.code == row.code, Participant.id != row.id)):
        message = f"{row.code} is a former code of {name}, and a code that was once used stays its own. Choose another."
        yield Violation((*INPUT, "code"), "former_code", message)


def rename(unit: UnitOfWork, values: Mapping[str, Any]) -> Participant:
    """Rename a participant from a day on, and store the former name and code. Raises CommandError."""
    row = unit.find(Participant, values["id"])
    unit.lock(row)
    unit.require(Action.UPDATE, row)
    check_version(row, values["expected_version"])
    today = now().date()
    first = values.get("renamed_on") or today
    former = FormerName(name=row.name, code=row.code, until=first - dt.timedelta(days=1))
    undone = _undone(row, values, first, today)
    if broken := [*_rename_violations(row, values, first, today)] if undone is None else ():
        raise ValidationError(broken)
    if undone is None:
        row.former_names.append(former)
    else:
        # It was a mistake of the same day, so nothing of it stays.
        row.former_names.remove(undone)
        unit.session.delete(undone)
    row.name, row.code = values.get("name") or row.name, values.get("code") or row.code
    validate_and_flush(unit, mutation_spec_of(Participant), row)
    return row


def _undone(row: Participant, values: Mapping[str, Any], first: dt.date, today: dt.date) -> FormerName | None:
    """Return the former name that is given back, if the renaming from this day was entered today; else None."""
    given = (values.get("name") or row.name, values.get("code") or row.code)
    latest = max(row.former_names, key=lambda each: each.until, default=None)
    if latest is None or (latest.until + dt.timedelta(days=1), latest.created_at.date()) != (first, today):
        return None
    return latest if (latest.name, latest.code) == given else None


def _rename_violations(
    row: Participant, values: Mapping[str, Any], first: dt.date, today: dt.date
) -> Iterator[Violation]:
    if (values.get("name") or row.name, values.get("code") or row.code) == (row.name, row.code):
        message = f"The participant already has the name {row.name} and the code {row.code}. Enter the new one."
        yield Violation((*INPUT, "name"), "renamed", message)
    if first > today:
        message = f"The present name is in force until the renaming. Rename the participant on {first}, or later."
        yield Violation((*INPUT, "renamedOn"), "future", message)
    latest = max((each.until for each in row.former_names), default=None)
    if latest is not None and first <= latest + dt.timedelta(days=1):
        message = (
            f"The participant was renamed on {latest + dt.timedelta(days=1)}. Enter a later day. To correct the "
            "name, use updateParticipant. To undo a renaming that was sent today, send its day with the former name "
            "and code."
        )
        yield Violation((*INPUT, "renamedOn"), "renamed", message)


register_mutation_spec(
    MutationSpec(
        Participant,
        fields=("code", "name", "kind", "country_code", "beneficiary"),
        children={"memberships": ChildSpec(CoalitionMembership, fields=MEMBERSHIP, back="participant")},
        validators=(country_code_of_a_state, periods_of_membership, others_give_a_role, code_is_its_own),
    )
)

_FIELDS = {field.name: replace(field, nullable=False) for field in fields_to_update(mutation_spec_of(Participant))}

command(
    Command(
        "rename_participant",
        Participant,
        "Rename a participant from a day on. `formerNames` has the former name and code; a lookup by the former code "
        "finds the participant. To undo a renaming on the day when it was sent, send its `renamedOn` with the "
        "former name and code. To correct a name, use `updateParticipant`.",
        (
            id_of(Participant),
            EXPECTED_VERSION,
            replace(_FIELDS["name"], doc="The new name in English; unchanged if it is absent."),
            replace(_FIELDS["code"], doc="The new code; unchanged if it is absent."),
            InputField("renamed_on", Kind.DATE, "The first day of the new name; today if it is absent."),
        ),
        rename,
    )
)
