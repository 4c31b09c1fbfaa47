"""Milestones in the contract."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import models
from models import Marking, MilestoneStatus
from schema.builder.entity_types import Transitions, entity_type
from schema.entity import Entity

if TYPE_CHECKING:
    from schema.people.expert_groups import ExpertGroup


@entity_type(models.Milestone, root="milestones", description="The milestones of the expert groups.")
class Milestone(Entity):
    """A milestone."""

    reference: str
    title: str
    description: str | None
    status: MilestoneStatus
    available_transitions: list[MilestoneStatus]
    transitions: Transitions
    marking: Marking
    due_on: dt.date
    is_overdue: bool
    ended_on: dt.date | None
    drop_reason: str | None
    group: ExpertGroup | None
