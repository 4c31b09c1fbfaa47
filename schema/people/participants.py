"""Participants and their memberships in the contract."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import models
from models import CoalitionRole, DatePrecision, ParticipantKind
from schema.builder.entity_types import Connection, entity_type
from schema.builder.scalars import CountryCode
from schema.entity import Entity

if TYPE_CHECKING:
    from schema.administration.accounts import Account
    from schema.funding.contributions import ContributionDonor
    from schema.funding.ledger_entries import LedgerEntry
    from schema.meetings.action_items import ActionItem
    from schema.meetings.meetings import Attendance
    from schema.orders.deliveries import Delivery
    from schema.people.delegates import Delegate
    from schema.planning.capability_needs import CapabilityNeed
    from schema.planning.clashes import Clash
    from schema.planning.coverages import Coverage
    from schema.planning.roadmaps import RoadmapLine
    from schema.procurement.procurements import Procurement
    from schema.sources.published_figures import PublishedFigure
    from schema.sources.sources import Source


@entity_type(
    models.Participant,
    root="participants",
    description="The states, organisations and agencies that take part in the coalition.",
)
class Participant(Entity):
    """A participant."""

    code: str
    name: str
    kind: ParticipantKind
    country_code: CountryCode | None
    beneficiary: bool
    former_names: Connection[FormerName]
    memberships: Connection[CoalitionMembership]
    donations: Connection[ContributionDonor]
    delegates: Connection[Delegate]
    attendances: Connection[Attendance]
    led_procurements: Connection[Procurement]
    requested_needs: Connection[CapabilityNeed]
    ledger: Connection[LedgerEntry]
    coverages: Connection[Coverage]
    roadmap_lines: Connection[RoadmapLine]
    deliveries: Connection[Delivery]
    accounts: Connection[Account]
    published_figures: Connection[PublishedFigure]
    action_items: Connection[ActionItem]
    clashes: Connection[Clash]
    sources: list[Source]


@entity_type(
    models.CoalitionMembership,
    root="coalition_memberships",
    description="The memberships in the coalition over time: with `asOf`, the roles of all participants on a day.",
)
class CoalitionMembership(Entity):
    """A membership in the coalition."""

    participant: Participant
    role: CoalitionRole
    instrument: str | None
    valid_from: dt.date | None
    valid_from_precision: DatePrecision | None
    valid_to: dt.date | None
    sources: list[Source]


@entity_type(models.FormerName)
class FormerName(Entity):
    """A former name of a participant."""

    participant: Participant
    name: str
    code: str
    until: dt.date
