"""How meetings, their agendas, attendances and decisions may be read."""

from models import AgendaItem, Attendance, Decision, DecisionTarget, Meeting, Vote
from resolvers.reading import Reading, readable

readable(
    Reading(
        Meeting,
        where=(
            "id",
            "reference",
            "body",
            "number",
            "title",
            "marking",
            "held_on",
            "held_year",
            "place",
            "host",
            "group",
            "attendances",
            "decisions",
            "documents",
            "created_at",
            "updated_at",
        ),
        order=("reference", "number", "title", "held_on", "place", "created_at", "updated_at"),
        groups=("marking", "body", "held_year", "host", "group"),
    )
)

readable(
    Reading(
        AgendaItem,
        where=("id", "ordinal", "title", "meeting", "created_at", "updated_at"),
        order=("ordinal", "title", "created_at", "updated_at"),
    )
)

readable(
    Reading(
        Attendance,
        where=("id", "capacity", "meeting", "participant", "created_at", "updated_at"),
        order=("created_at", "updated_at"),
        groups=("capacity", "participant"),
    )
)

readable(
    Reading(
        Decision,
        where=("id", "reference", "ordinal", "kind", "meeting", "targets", "votes", "created_at", "updated_at"),
        order=("reference", "ordinal", "created_at", "updated_at"),
        groups=("kind", "meeting"),
    )
)

readable(
    Reading(
        Vote,
        where=("id", "choice", "decision", "participant", "created_at", "updated_at"),
        order=("created_at", "updated_at"),
        groups=("choice", "participant"),
    )
)

readable(
    Reading(
        DecisionTarget,
        where=(
            "id",
            "ordinal",
            "decision",
            "expert_group",
            "procurement",
            "roadmap",
            "participant",
            "created_at",
            "updated_at",
        ),
        order=("ordinal", "created_at", "updated_at"),
    )
)
