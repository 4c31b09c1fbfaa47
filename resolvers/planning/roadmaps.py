"""Declares the queries and commands of roadmaps and their lines, and the command that plans a need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from models import CapabilityNeed, MeetingBody, NeedStatus, Roadmap, RoadmapLine, RoadmapStatus
from models.figures.in_force import roadmap_in_force
from resolvers.access.permissions import Action
from resolvers.access.readers import why_hidden
from resolvers.audit.versions import touch
from resolvers.commands.assignment import assign_input
from resolvers.commands.command import EXPECTED_VERSION, Command, command, id_of
from resolvers.commands.errors import INPUT, ValidationError, Violation
from resolvers.commands.input_fields import InputField, fields_to_create
from resolvers.commands.rules.lists import lists_are_not_empty
from resolvers.commands.rules.planned_lines import lines_hold, outside_violations, planned_violations
from resolvers.commands.rules.quantities import POSITIVE, quantities_of_lines_fit_unit, quantity_fits_unit
from resolvers.commands.spec import ChildSpec, MutationSpec, mutation_spec_of, register_mutation_spec
from resolvers.commands.standard_changes import check_version, validate_and_flush
from resolvers.core.attributes import Kind
from resolvers.meetings.decisions import is_in_force
from resolvers.planning.capability_needs import take_unit, unit_violations
from resolvers.query.spec import DayLookup, QuerySpec, register_query_spec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from resolvers.commands.unit_of_work import UnitOfWork

register_query_spec(
    QuerySpec(
        Roadmap,
        filterable=(
            "id",
            "reference",
            "title",
            "status",
            "marking",
            "first_year",
            "last_year",
            "is_in_force",
            "supersedes",
            "lines",
            "created_at",
            "updated_at",
        ),
        sortable=("reference", "title", "first_year", "last_year", "created_at", "updated_at"),
        groupable=("marking", "status", "is_in_force"),
        day_lookup=DayLookup(
            "roadmap_in_force",
            "The roadmap in force on a day: the latest that a meeting endorsed on or before it; null if there is none, "
            "or if a decision of then or earlier revokes its endorsement.",
            roadmap_in_force,
        ),
    )
)

register_query_spec(
    QuerySpec(
        RoadmapLine,
        filterable=(
            "id",
            "ordinal",
            "year",
            "quarter",
            "quantity",
            "planned_amount",
            "lead_participant",
            "roadmap",
            "need",
            "created_at",
            "updated_at",
        ),
        sortable=("ordinal", "year", "quarter", "quantity", "planned_amount", "created_at", "updated_at"),
        groupable=("year", "quarter", "lead_participant", "roadmap", "need"),
        summable={"planned_amount": "planned_amount"},
    )
)

LINE = ChildSpec(
    RoadmapLine,
    fields=("need", "year", "quarter", "quantity", "unit", "planned_amount", "lead_participant"),
    back="roadmap",
    ranges={"year": (2023, 2100), "quarter": (1, 4), "quantity": POSITIVE},
    filled_in=(take_unit,),
)

#: The bodies whose decisions can endorse a roadmap.
ENDORSING = frozenset({MeetingBody.STEERING_GROUP, MeetingBody.UDCG})


def endorsed_by_a_body(unit: UnitOfWork, row: Roadmap) -> Iterator[Violation]:
    """A roadmap is endorsed by a decision in force of the Steering Group, or of the Contact Group, as on 2025-01-09."""
    endorses = unit.input.get("to") is RoadmapStatus.ENDORSED
    if row.endorsed_by is None or (endorses and not unit.seen(row.endorsed_by)):
        if row.status is RoadmapStatus.ENDORSED:
            message = "The roadmap has no endorsing decision. Set `endorsedById` first."
            yield Violation((*INPUT, "to"), "endorsed_by", message)
    elif row.endorsed_by.meeting.body not in ENDORSING:
        message = "The decision is not of the Steering Group or of the Contact Group. Choose a decision of one of them."
        yield Violation((*INPUT, "endorsedById"), "endorsed_by", message)
    elif ("to" in unit.input or "endorsed_by_id" in unit.input) and not is_in_force(row.endorsed_by):
        at = "endorsedById" if "endorsed_by_id" in unit.input else "to"
        message = (
            "The endorsing decision is not adopted, or a later one revokes it. Choose a decision that is in force."
        )
        yield Violation((*INPUT, at), "endorsed_by", message)


def years_in_order(_unit: UnitOfWork, row: Roadmap) -> Iterator[Violation]:
    """The last year of the horizon must not be before its first year."""
    if row.first_year and row.last_year and row.last_year < row.first_year:
        message = "The horizon ends before it begins. lastYear must not be before firstYear."
        yield Violation((*INPUT, "lastYear"), "period", message)


def units_agree(_unit: UnitOfWork, row: Roadmap) -> Iterator[Violation]:
    """A line has the unit of its need."""
    for place, line in enumerate(row.lines):
        yield from unit_violations(line, line.need, "need", (*INPUT, "lines", str(place)))


def endorsed_with_lines(unit: UnitOfWork, row: Roadmap) -> Iterator[Violation]:
    """A roadmap can be endorsed only if it has lines that the viewer sees."""
    if unit.input.get("to") is RoadmapStatus.ENDORSED and not unit.seen(*row.lines):
        yield Violation((*INPUT, "to"), "lines", "The roadmap has no lines. Add them first.")


def succession_holds(unit: UnitOfWork, row: Roadmap) -> Iterator[Violation]:
    """A roadmap supersedes one that is ENDORSED, and only if all readers of that one see it."""
    endorsed, old = unit.input.get("to") is RoadmapStatus.ENDORSED, row.supersedes
    if old is None or not (endorsed or "supersedes_id" in unit.input):
        return
    at = (*INPUT, "to" if endorsed else "supersedesId")
    hidden = unit.not_visible([old])
    name = "The roadmap that it supersedes" if hidden else old.reference
    if old.status is not RoadmapStatus.ENDORSED:
        message = (
            f"{name} is {'not in force' if hidden else old.status.name}. Choose an ENDORSED one as `supersedesId`."
        )
        yield Violation(at, "supersedes", message)
    elif remedy := why_hidden(row, old, "this roadmap", "the superseded roadmap"):
        yield Violation(at, "succession", f"Some readers of {name} would not see this roadmap. {remedy}")


def names_what_it_supersedes(unit: UnitOfWork, row: Roadmap) -> Iterator[Violation]:
    """A roadmap supersedes the one in force, if the viewer sees that one and its readers see this one."""
    if unit.input.get("to") is not RoadmapStatus.ENDORSED or unit.seen(row.supersedes):
        return
    with unit.session.no_autoflush:
        others = [each for each in _not_superseded(unit) if each is not row and each.status is RoadmapStatus.ENDORSED]
    hidden = unit.not_visible(others)
    seen = (each for each in others if each not in hidden and not why_hidden(row, each))
    names = ", ".join(sorted(each.reference for each in seen))
    if names:
        message = f"A roadmap is ENDORSED: {names}. Name the roadmap that this one supersedes: set `supersedesId`."
        yield Violation((*INPUT, "to"), "supersedes", message)


def _not_superseded(unit: UnitOfWork) -> Sequence[Roadmap]:
    found = select(Roadmap).where(Roadmap.status != RoadmapStatus.SUPERSEDED).order_by(Roadmap.reference)
    return unit.session.scalars(found).all()


def _all_that_can_be_endorsed(unit: UnitOfWork, _row: Roadmap) -> Sequence[Roadmap]:
    """Return the roadmaps that are locked while one is endorsed, so that no two are endorsed at once."""
    return _not_superseded(unit) if unit.input.get("to") is RoadmapStatus.ENDORSED else ()


def superseded_in_order(_unit: UnitOfWork, row: Roadmap) -> Iterator[Violation]:
    """A roadmap in force has superseded the one that it names, and all readers of that one see it."""
    old, at = row.supersedes, (*INPUT, "supersedes")
    if old is None or row.status is RoadmapStatus.DRAFT:
        return
    if old.status is not RoadmapStatus.SUPERSEDED:
        message = f"{old.reference} is {old.status.name}, but {row.reference} supersedes it. Make it SUPERSEDED."
        yield Violation(at, "supersedes", message)
    elif remedy := why_hidden(row, old, "the roadmap", "the superseded roadmap"):
        yield Violation(at, "succession", f"Some readers of {old.reference} would not see {row.reference}. {remedy}")


def supersede_the_named(_unit: UnitOfWork, row: Roadmap) -> None:
    """Supersede the roadmap that an endorsed one names."""
    if row.status is RoadmapStatus.ENDORSED and row.supersedes:
        row.supersedes.status = RoadmapStatus.SUPERSEDED


def plan_need(unit: UnitOfWork, values: Mapping[str, Any]) -> CapabilityNeed:
    """Add a need to a roadmap. Raises CommandError."""
    need = unit.find(CapabilityNeed, values["id"])
    roadmap = unit.resolve_reference(Roadmap, values["roadmap_id"], ("roadmap_id",))
    unit.lock(roadmap, need)
    unit.require(Action.DECIDE, need)
    check_version(need, values["expected_version"])
    line = RoadmapLine(need=need, need_id=need.id)
    assign_input(unit, LINE, line, {name: value for name, value in values.items() if name in PLANNED_FIELDS})
    if broken := [
        *_cannot_plan(need, roadmap),
        *outside_violations(roadmap, line, INPUT),
        *planned_violations(roadmap, line),
        *_quantity_fits(unit, line),
    ]:
        raise ValidationError(broken)
    line.ordinal = 1 + max((each.ordinal for each in roadmap.lines if each is not line), default=0)
    roadmap.lines.append(line)
    # The status follows in any case; here it is set at once, so that the need is written only once.
    need.status = NeedStatus.PLANNED
    # A new line changes both objects, even if their own fields do not change.
    touch(roadmap, line)
    touch(need, line)
    validate_and_flush(unit, mutation_spec_of(Roadmap), roadmap)
    validate_and_flush(unit, mutation_spec_of(CapabilityNeed), need)
    return need


def _cannot_plan(need: CapabilityNeed, roadmap: Roadmap) -> Iterator[Violation]:
    if need.status not in {NeedStatus.VALIDATED, NeedStatus.PLANNED}:
        message = f"The need is {need.status.name}. Only a VALIDATED need can be planned."
        yield Violation((*INPUT, "id"), "validated", message)
    if roadmap.status is not RoadmapStatus.DRAFT:
        message = f"The roadmap is {roadmap.status.name}. Choose a roadmap that is a DRAFT."
        yield Violation((*INPUT, "roadmapId"), "sealed", message)


def _quantity_fits(unit: UnitOfWork, line: RoadmapLine) -> Iterator[Violation]:
    yield from quantity_fits_unit("quantity")(unit, line)
    yield from unit_violations(line, line.need, "need", INPUT)


register_mutation_spec(
    MutationSpec(
        Roadmap,
        fields=(
            "reference",
            "title",
            "horizon",
            "first_year",
            "last_year",
            "marking",
            "note",
            "endorsed_by",
            "supersedes",
        ),
        auto_named=("reference",),
        name_prefix="RM",
        many_to_many={"recipients": "recipient_ids"},
        ranges={"first_year": (2023, 2100), "last_year": (2023, 2100)},
        children={"lines": LINE},
        locked_fields={
            RoadmapStatus.ENDORSED: ("horizon", "first_year", "last_year", "endorsed_by", "supersedes", "lines")
        },
        # Lock the needs, whose statuses follow, and the meeting, so that its body does not change while its decision
        # endorses the roadmap.
        lock_also=("supersedes", "endorsed_by.meeting", "lines.need", _all_that_can_be_endorsed),
        validators=(
            lists_are_not_empty("lines"),
            quantities_of_lines_fit_unit("quantity"),
            endorsed_by_a_body,
            years_in_order,
            lines_hold,
            units_agree,
            endorsed_with_lines,
            succession_holds,
            names_what_it_supersedes,
        ),
        before_flush=(supersede_the_named,),
        load_rules=(superseded_in_order,),
    )
)

PLANNED_FIELDS = ("year", "quarter", "quantity", "unit", "planned_amount", "lead_participant_id")

command(
    Command(
        "plan_capability_need",
        CapabilityNeed,
        "Add a validated need to a draft roadmap. The need becomes PLANNED.",
        (
            id_of(CapabilityNeed),
            EXPECTED_VERSION,
            InputField("roadmap_id", Kind.REFERENCE, "The id of the roadmap.", required=True, target=Roadmap),
            *(field for field in fields_to_create(LINE) if field.name in PLANNED_FIELDS),
        ),
        plan_need,
    )
)
