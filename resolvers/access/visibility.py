"""The visibility table: for each type, the predicate that its rows must meet to be seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, cast, inspect, or_, select, true
from sqlalchemy.orm import aliased

import models as m
from models.types import KEY
from resolvers.access.visibility_rules import (
    Rule,
    doer_or_writers_then,
    everybody,
    marking_admits,
    no_foreign_draft,
    signed_in,
)
from resolvers.sql.json_expressions import constant, each_item, item_part

if TYPE_CHECKING:
    from collections.abc import Collection

    from models import Identified
    from resolvers.access.visibility_rules import Rights


@dataclass(frozen=True)
class With:
    """Whoever sees what the row belongs to; where it belongs to nothing, there is nothing to hide."""

    relation: str

    def __call__(self, row: Any, rights: Rights) -> ColumnElement[bool]:
        """Give the condition that the other row is visible."""
        return self.seen(row, lambda other: visible(other, rights))

    def seen(self, row: Any, condition: Any) -> ColumnElement[bool]:
        """Give whether the row this one belongs to is there and meets a condition, or there is none."""
        relation = inspect(row).mapper.relationships[self.relation]
        other = aliased(relation.mapper.class_)
        ((local, _),) = relation.local_remote_pairs or []
        key = getattr(row, inspect(row).mapper.get_property_by_column(local).key)
        source = inspect(other).selectable
        found = select(1).select_from(source).where(other.id == key, condition(other)).correlate_except(source).exists()
        return or_(key.is_(None), found) if local.nullable else found


@dataclass(frozen=True)
class Names:
    """Whoever sees everything that the row names: a list of types and keys in a column."""

    column: str

    def __call__(self, row: Any, rights: Rights) -> ColumnElement[bool]:
        """Give the condition that nothing of it is hidden."""
        return self.seen(row, lambda other: visible(other, rights))

    def seen(self, row: Any, condition: Any) -> ColumnElement[bool]:
        """Give whether all that the row names is there and meets a condition."""
        item = each_item(getattr(row, self.column)).table_valued("value")
        kind, key = item_part(item.c.value, 0), cast(item_part(item.c.value, 1), KEY)
        kinds = []
        for model in GUARDED:
            other = aliased(model)
            source = inspect(other).selectable
            there = select(1).select_from(source).where(other.id == key, condition(other)).correlate_except(source)
            kinds.append(and_(kind == constant(model.__name__), there.exists()))
        return ~select(1).select_from(item).where(~or_(*kinds)).correlate_except(item).exists()


#: Who sees the rows of each type: all its rules must hold.
SEEN_BY: dict[type[Identified], tuple[Rule, ...]] = {
    m.Participant: (everybody,),
    m.CoalitionMembership: (everybody,),
    m.ExpertGroup: (everybody,),
    m.CapabilityArea: (everybody,),
    m.PublishedFigure: (everybody,),
    m.Account: (signed_in,),
    m.GroupMembership: (signed_in,),
    m.Document: (marking_admits, no_foreign_draft),
    m.DocumentVersion: (With("document"),),
    m.CapabilityNeed: (marking_admits, no_foreign_draft),
    # A roadmap that is no more than a draft is the Steering Group's, known as such: its marking says who reads it.
    m.Roadmap: (marking_admits,),
    m.RoadmapLine: (With("roadmap"), With("need")),
    m.Contribution: (marking_admits,),
    m.ContributionDonor: (With("contribution"),),
    m.Allocation: (With("contribution"), With("procurement")),
    m.Procurement: (marking_admits,),
    m.PurchaseOrder: (no_foreign_draft, With("procurement")),
    m.OrderLine: (With("purchase_order"),),
    m.Delivery: (marking_admits, With("purchase_order"), With("contribution")),
    m.DeliveryLine: (With("delivery"),),
    m.Meeting: (marking_admits,),
    m.AgendaItem: (With("meeting"),),
    m.Attendance: (With("meeting"),),
    m.Decision: (With("meeting"),),
    m.Vote: (With("decision"),),
    m.DecisionTarget: (With("decision"), With("procurement"), With("roadmap")),
    m.AuditEvent: (doer_or_writers_then, Names("names")),
}


#: What may be hidden by itself, and not only with what it belongs to.
GUARDED = tuple(model for model, rules in SEEN_BY.items() if {marking_admits, no_foreign_draft} & {*rules})


def visible(row: Any, rights: Rights, known: Collection[str] = ()) -> ColumnElement[bool]:
    """Give the predicate of the rows that may be seen.

    Args:
        row: The entity, or an alias of it.
        rights: The rights of whoever asks.
        known: Relations of the row whose targets are known to be visible, so that none is asked of them again.

    Raises:
        LookupError: for a type that has no line in the table.
    """
    rules = SEEN_BY[inspect(row).mapper.class_]
    needed = [rule for rule in rules if not (isinstance(rule, With) and rule.relation in known)]
    return and_(true(), *(rule(row, rights) for rule in needed if rule is not everybody))


def belongs_to(model: type[Identified]) -> frozenset[str]:
    """Give the relations of a type without whose targets its rows are not seen."""
    return frozenset(rule.relation for rule in SEEN_BY[model] if isinstance(rule, With))


def is_draft(row: Any) -> bool:
    """Tell whether an object is a draft that only those see who write in its group."""
    return no_foreign_draft in SEEN_BY[type(row)] and row.status.name == "DRAFT"
