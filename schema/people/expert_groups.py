"""Expert groups and their memberships in the contract."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import models
from models import ExpertGroupStatus, GroupRole, ThemeStatus
from schema.builder.entity_types import Connection, Transitions, entity_type
from schema.entity import Entity

if TYPE_CHECKING:
    from schema.administration.accounts import Account
    from schema.documents.documents import Document
    from schema.funding.contributions import Contribution
    from schema.meetings.action_items import ActionItem
    from schema.meetings.decisions import Decision
    from schema.meetings.meetings import Meeting
    from schema.people.deputies import Deputy
    from schema.planning.capability_needs import CapabilityNeed
    from schema.planning.clashes import Clash
    from schema.planning.coverages import Coverage
    from schema.planning.milestones import Milestone
    from schema.procurement.procurements import Procurement
    from schema.sources.sources import Source


@entity_type(models.ExpertGroup, root="expert_groups", description="The thematic expert groups.")
class ExpertGroup(Entity):
    """An expert group."""

    ordinal: int
    code: str
    name: str | None
    theme: str | None
    theme_status: ThemeStatus
    mandate: str | None
    status: ExpertGroupStatus
    available_transitions: list[ExpertGroupStatus]
    transitions: Transitions
    created_by: Decision | None
    merged_into: ExpertGroup | None
    merged_groups: Connection[ExpertGroup]
    memberships: Connection[GroupMembership]
    documents: Connection[Document]
    shared_documents: Connection[Document]
    capability_needs: Connection[CapabilityNeed]
    milestones: Connection[Milestone]
    procurements: Connection[Procurement]
    earmarked_contributions: Connection[Contribution]
    meetings: Connection[Meeting]
    action_items: Connection[ActionItem]
    owned_action_items: Connection[ActionItem]
    clashes: Connection[Clash]
    coverages: Connection[Coverage]
    sources: list[Source]


@entity_type(models.GroupMembership)
class GroupMembership(Entity):
    """A membership in an expert group."""

    group: ExpertGroup
    account: Account
    role: GroupRole
    valid_from: dt.date
    expires_on: dt.date | None
    in_force: bool
    deputies: Connection[Deputy]
