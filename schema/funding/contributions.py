"""Contributions and their donors in the contract."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import models
from models import ContributionKind, ContributionStatus, DatePrecision, Marking, Qualifier, StatementKind, SumExclusion
from schema.builder.entity_types import Connection, Explained, Transitions, entity_type
from schema.builder.money import Money
from schema.entity import Entity

if TYPE_CHECKING:
    from schema.documents.document_links import DocumentLink
    from schema.funding.allocations import Allocation
    from schema.funding.disbursements import ContributionTranche, Disbursement
    from schema.meetings.action_items import ActionItem
    from schema.orders.deliveries import Delivery
    from schema.people.expert_groups import ExpertGroup
    from schema.people.participants import Participant
    from schema.planning.capability_needs import CapabilityArea, CapabilityNeed
    from schema.planning.clashes import Clash
    from schema.sources.published_figures import PublishedFigure
    from schema.sources.sources import Source


@entity_type(models.Contribution, root="contributions", description="The contributions of one or several donors.")
class Contribution(Entity):
    """A contribution."""

    reference: str
    kind: ContributionKind
    status: ContributionStatus
    available_transitions: list[ContributionStatus]
    transitions: Transitions
    marking: Marking
    statement_kind: StatementKind
    amount: Money | None
    amount_qualifier: Qualifier
    allocated: Money | None
    unallocated: Money | None
    paid: Money | None
    counts_in_sums: bool
    left_out_of_sums: SumExclusion | None
    announced_on: dt.date | None
    announced_on_precision: DatePrecision | None
    announced_year: int | None
    committed_on: dt.date | None
    committed_on_precision: DatePrecision | None
    earmark: str | None
    earmarked_areas: Connection[CapabilityArea]
    earmarked_groups: Connection[ExpertGroup]
    earmarked_needs: Connection[CapabilityNeed]
    note: str | None
    donor_codes: str | None
    donors: Connection[ContributionDonor]
    allocations: Connection[Allocation]
    part_of: Contribution | None
    parts: Connection[Contribution]
    tranches: Connection[ContributionTranche]
    disbursements: Connection[Disbursement]
    deliveries: Connection[Delivery]
    published_figures: Connection[PublishedFigure]
    action_items: Connection[ActionItem]
    document_links: Connection[DocumentLink]
    clashes: Connection[Clash]
    explain: Explained
    sources: list[Source]


@entity_type(models.ContributionDonor)
class ContributionDonor(Entity):
    """A donor's part in a contribution."""

    contribution: Contribution
    participant: Participant
    share: Money | None
    countable_share: Money | None
    counts_in_sums: bool
    left_out_of_sums: SumExclusion | None
