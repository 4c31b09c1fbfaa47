"""What a random row of groups and participants must be bent to."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import models
from models import ExpertGroupStatus, GroupRole, MilestoneStatus
from tests.generators.discussion_constraints import keep_one

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from models import Base
    from tests.generators.values import Values

Row = dict[str, Any]


def expert_group(row: Row, _rows: Mapping[type[Base], Sequence[Row]], _values: Values) -> bool:
    """Merge only a group that is dissolved."""
    if row["status"] is not ExpertGroupStatus.DISSOLVED:
        row["merged_into_id"] = None
    return True


def former_name(row: Row, rows: Mapping[type[Base], Sequence[Row]], _values: Values) -> bool:
    """Let no two participants have had the same code."""
    row["code"] = f"FORMER-{len(rows[models.FormerName])}"
    return True


def group_membership(row: Row, rows: Mapping[type[Base], Sequence[Row]], _values: Values) -> bool:
    """Let a group have one chair."""
    chairs = [other for other in rows[models.GroupMembership] if other["role"] is GroupRole.CHAIR]
    if row["role"] is GroupRole.CHAIR and any(other["group_id"] == row["group_id"] for other in chairs):
        row["role"] = GroupRole.CO_CHAIR
    return True


def deputy(row: Row, rows: Mapping[type[Base], Sequence[Row]], _values: Values) -> bool:
    """Let a deputy act for another person."""
    member = next(each for each in rows[models.GroupMembership] if each["id"] == row["deputy_for_id"])
    return bool(member["account_id"] != row["account_id"])


def delegate(row: Row, rows: Mapping[type[Base], Sequence[Row]], values: Values) -> bool:
    """Let a delegate be one person, and a person be a delegate of a participant once."""
    if keep_one(row, ("account_id", "person_name"), values) is None:
        return False
    person = ("participant_id", "account_id", "person_name")
    return all(any(each[name] != row[name] for name in person) for each in rows[models.Delegate])


def milestone(row: Row, _rows: Mapping[type[Base], Sequence[Row]], _values: Values) -> bool:
    """Let a milestone have a day of its end, and a reason, only if it has ended."""
    is_open = row["status"] is MilestoneStatus.OPEN
    row["ended_on"] = None if is_open else row["ended_on"] or dt.date(2024, 4, 3)
    row["drop_reason"] = row["drop_reason"] if row["status"] is MilestoneStatus.DROPPED else None
    return True
