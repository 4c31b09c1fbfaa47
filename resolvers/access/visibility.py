"""The visibility table: for each type, the rules that a row must meet to be visible."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, cast, inspect, or_, select, true
from sqlalchemy.orm import aliased

import models as m
from models.derived.computed_rows import ComputedRows
from models.documents.comment_threads import COMMENTED
from models.documents.document_links import LINKED
from models.types import KEY
from resolvers.access.viewer_parameters import BoundClaims, PlacedClaims
from resolvers.access.visibility_rules import (
    VisibilityRule,
    actor_or_group_writers,
    allowed_by_marking,
    authenticated,
    not_others_draft,
    not_others_version,
    own_or_of_a_member,
    public,
)
from resolvers.sql.json_expressions import each_item, item_part, literal_text
from resolvers.sql.rendered_once import RenderedOnce, place

if TYPE_CHECKING:
    from collections.abc import Collection

    from models import HasId
    from resolvers.access.visibility_rules import ViewerClaims


@dataclass(frozen=True)
class VisibleThrough:
    """A rule: a row is visible if its parent is visible, or if it has no parent."""

    relation: str

    def __call__(self, row: Any, rights: ViewerClaims) -> ColumnElement[bool]:
        """Return the condition that the parent row is visible."""
        return self.seen(row, lambda other: visibility_predicate(other, rights))

    def seen(self, row: Any, condition: Any) -> ColumnElement[bool]:
        """Return whether the parent row exists and meets a condition, or the row has no parent."""
        relation = inspect(row).mapper.relationships[self.relation]
        other = aliased(relation.mapper.class_)
        ((local, _),) = relation.local_remote_pairs or []
        key = getattr(row, inspect(row).mapper.get_property_by_column(local).key)
        source = inspect(other).selectable
        found = select(1).select_from(source).where(other.id == key, condition(other)).correlate_except(source).exists()
        return or_(key.is_(None), found) if local.nullable else found


@dataclass(frozen=True)
class AllMentionedVisible:
    """A rule: a row is visible if all objects that it mentions, in a column of types and keys, are visible."""

    column: str

    def __call__(self, row: Any, rights: ViewerClaims) -> ColumnElement[bool]:
        """Return the condition that every mentioned object is visible."""
        return self.seen(row, lambda other: visibility_predicate(other, rights))

    def seen(self, row: Any, condition: Any) -> ColumnElement[bool]:
        """Return whether all mentioned objects exist and meet a condition."""
        item = each_item(getattr(row, self.column)).table_valued("value")
        kind, key = item_part(item.c.value, 0), cast(item_part(item.c.value, 1), KEY)
        kinds = []
        for model in RESTRICTED:
            other = aliased(model)
            source = inspect(other).selectable
            there = select(1).select_from(source).where(other.id == key, condition(other)).correlate_except(source)
            kinds.append(and_(kind == literal_text(model.__name__), there.exists()))
        return ~select(1).select_from(item).where(~or_(*kinds)).correlate_except(item).exists()


@dataclass(frozen=True)
class VisibleObject:
    """A rule: a row is visible if the object that it names by type and key exists and is visible, or if it names none.

    Attributes:
        kind: The column with the name of the type.
        key: The column with the key.
        is_reference: Whether the object is the target of a reference or a link; the row can name none.
    """

    kind: str
    key: str
    is_reference: bool = False

    def __call__(self, row: Any, rights: ViewerClaims) -> ColumnElement[bool]:
        """Return the condition that the object is visible."""
        kind, key = getattr(row, self.kind), getattr(row, self.key)
        if not isinstance(rights, BoundClaims):
            return self.seen(row, lambda other: visibility_predicate(other, rights))

        def build() -> ColumnElement[bool]:
            placed = place("kind", kind.type), place("key", key.type)
            return self._exists(*placed, lambda other: visibility_predicate(other, PlacedClaims()))

        found = RenderedOnce(self, build, {"kind": kind, "key": key, **PlacedClaims.values(rights)})
        return or_(kind.is_(None), found) if self.is_reference else found

    def seen(self, row: Any, condition: Any) -> ColumnElement[bool]:
        """Return whether the object exists, meets a condition and is not an erased person, or the row names none."""
        kind, key = getattr(row, self.kind), getattr(row, self.key)
        found = self._exists(kind, key, condition)
        return or_(kind.is_(None), found) if self.is_reference else found

    def _exists(self, kind: Any, key: Any, condition: Any) -> ColumnElement[bool]:
        kinds = []
        for model in reference_targets() if self.is_reference else changed_models():
            other: Any = aliased(model)
            source = inspect(other).selectable
            kept = [other.erased_at.is_(None)] if model is m.Account else []
            there = select(1).select_from(source).where(other.id == key, condition(other), *kept)
            kinds.append(and_(kind == literal_text(model.__name__), there.correlate_except(source).exists()))
        return or_(*kinds)


#: For each type, the rules that a row must meet to be visible; all rules must hold.
VISIBILITY: dict[type[HasId], tuple[VisibilityRule, ...]] = {
    m.Participant: (public,),
    m.CoalitionMembership: (public,),
    m.FormerName: (public,),
    m.ExpertGroup: (public,),
    m.CapabilityArea: (public,),
    m.Account: (authenticated,),
    m.GroupMembership: (authenticated,),
    m.Contact: (own_or_of_a_member,),
    m.Deputy: (authenticated,),
    m.Delegate: (authenticated,),
    m.Document: (allowed_by_marking, not_others_draft),
    m.DocumentVersion: (not_others_version, VisibleThrough("document")),
    m.DocumentLink: (VisibleThrough("document"), *map(VisibleThrough, LINKED)),
    # What reviewers write is for people of the coalition, also about a public document.
    m.ReviewRequest: (authenticated, VisibleThrough("document_version")),
    m.CapabilityNeed: (allowed_by_marking, not_others_draft),
    # Draft roadmaps belong to the Steering Group and are no secret, so only the marking decides.
    m.Roadmap: (allowed_by_marking,),
    m.RoadmapLine: (VisibleThrough("roadmap"), VisibleThrough("need")),
    m.Milestone: (allowed_by_marking,),
    m.Contribution: (allowed_by_marking,),
    m.ContributionDonor: (VisibleThrough("contribution"),),
    m.ContributionTranche: (VisibleThrough("contribution"),),
    # A figure about one contribution would reveal it, and compared with all others it would be wrong.
    m.PublishedFigure: (VisibleThrough("contribution"),),
    m.Disbursement: (VisibleThrough("contribution"),),
    m.Allocation: (VisibleThrough("contribution"), VisibleThrough("procurement")),
    m.Supplier: (allowed_by_marking,),
    m.Procurement: (allowed_by_marking,),
    m.ProcurementItem: (VisibleThrough("procurement"),),
    m.Award: (VisibleThrough("procurement"),),
    m.PurchaseOrder: (not_others_draft, VisibleThrough("procurement")),
    m.OrderLine: (VisibleThrough("purchase_order"),),
    m.OrderAmendment: (VisibleThrough("purchase_order"),),
    m.OrderAmendmentLine: (VisibleThrough("amendment"),),
    m.Delivery: (allowed_by_marking, VisibleThrough("purchase_order"), VisibleThrough("contribution")),
    m.DeliveryLine: (VisibleThrough("delivery"),),
    m.DeliveryReturn: (VisibleThrough("delivery_line"),),
    m.Meeting: (allowed_by_marking,),
    m.AgendaItem: (VisibleThrough("meeting"), VisibleThrough("action_item")),
    m.Attendance: (VisibleThrough("meeting"),),
    # Names of persons are not public, also where the meeting is.
    m.Attendee: (authenticated, VisibleThrough("attendance")),
    m.Minutes: (VisibleThrough("meeting"), VisibleThrough("document")),
    m.Decision: (VisibleThrough("meeting"),),
    m.Vote: (VisibleThrough("decision"),),
    m.DecisionTarget: (VisibleThrough("decision"), VisibleThrough("procurement"), VisibleThrough("roadmap")),
    m.ActionItem: (allowed_by_marking,),
    m.ActionItemTarget: (
        VisibleThrough("action_item"),
        *map(VisibleThrough, ("need", "contribution", "document", "purchase_order", "procurement", "roadmap")),
    ),
    m.CommentThread: (authenticated, *map(VisibleThrough, COMMENTED)),
    m.Comment: (VisibleThrough("thread"),),
    m.AuditEvent: (actor_or_group_writers, AllMentionedVisible("names")),
    m.Change: (
        VisibleObject("entity_type", "entity_key"),
        VisibleObject("through_type", "through_key", is_reference=True),
    ),
}


@cache
def changed_models() -> tuple[type[m.Entity], ...]:
    """Return the types whose changes are in the feed: all with a version."""
    return tuple(model for model in VISIBILITY if issubclass(model, m.Entity))


@cache
def reference_targets() -> tuple[type[m.Entity], ...]:
    """Return those of these types to which a reference or a link leads, and which some viewers do not see."""
    relations = [each for model in changed_models() for each in inspect(model).relationships if not each.viewonly]
    targets = {each.mapper.class_ for each in relations if each.secondary is not None or not each.uselist}
    return tuple(model for model in changed_models() if model in targets and VISIBILITY[model] != (public,))


def check_visibility(model: type[HasId]) -> None:
    """Check that a type has an entry in the table. Raises LookupError if it has none."""
    if model not in VISIBILITY and not issubclass(model, ComputedRows):
        message = (
            f"{model.__name__} has no entry in VISIBILITY of resolvers/access/visibility.py. Add the rules that its "
            f"rows must meet to be visible, such as `m.{model.__name__}: (allowed_by_marking,)`."
        )
        raise LookupError(message)


#: The types with rules of their own that hide rows, not only through a parent.
RESTRICTED = tuple(
    model
    for model, rules in VISIBILITY.items()
    if {allowed_by_marking, not_others_draft, not_others_version} & {*rules}
)


#: The types whose rows all accounts see.
OPEN = frozenset(model for model, rules in VISIBILITY.items() if {*rules} <= {public, authenticated})


def visibility_predicate(row: Any, rights: ViewerClaims, known: Collection[str] = ()) -> ColumnElement[bool]:
    """Return the predicate of the visible rows.

    Args:
        row: The entity, or an alias of it.
        rights: The claims of the viewer.
        known: Relations of the row whose targets are known to be visible and need no further check.

    Raises:
        LookupError: the type has no entry in the table.
    """
    model = inspect(row).mapper.class_
    rules = VISIBILITY[model]
    if not {*known}.isdisjoint(one_of := getattr(model, "exactly_one_of", ())):
        # The relation that is set is known, so the others have no target. The statement becomes much shorter.
        known = {*known, *one_of}
    needed = [rule for rule in rules if not (isinstance(rule, VisibleThrough) and rule.relation in known)]
    return and_(true(), *(rule(row, rights) for rule in needed if rule is not public))


def visibility_parents(model: type[HasId]) -> frozenset[str]:
    """Return the relations of a type whose targets must be visible for its rows to be visible."""
    return frozenset(rule.relation for rule in VISIBILITY[model] if isinstance(rule, VisibleThrough))


def is_part(model: type[HasId]) -> bool:
    """Return whether the rows of a type are visible if those are that `visibility_parents` names."""
    return all(isinstance(rule, VisibleThrough) for rule in VISIBILITY[model])


def is_unpublished(row: Any) -> bool:
    """Return whether only the writers of its group see an object: a draft, or what ended as one."""
    return bool({not_others_draft, not_others_version} & {*VISIBILITY[type(row)]}) and row.is_unpublished
