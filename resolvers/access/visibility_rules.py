"""The visibility rules: conditions on a row. `visibility` lists the rules of each type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from sqlalchemy import ColumnElement, String, and_, cast, inspect, or_, select, true, type_coerce
from sqlalchemy.orm import aliased

import models as m
from models.drafts import DRAFT
from models.types import KEY
from resolvers.access.ownership import group_or_leads, owning_group_key
from resolvers.access.viewer import LEADS_GROUP
from resolvers.sql.json_expressions import each_item, item_part, literal_text


class ViewerClaims(Protocol):
    """The claims of the viewer, as SQL expressions."""

    def account(self) -> ColumnElement[Any]:
        """Return the key of the viewer's account; null for the public."""
        ...

    def contains(self, value: Any, name: str) -> ColumnElement[bool]:
        """Return whether `value` is one of the viewer's `markings`, `groups` or `writes`."""
        ...


#: A function from an entity (or an alias of it) and the viewer's claims to the condition for visibility.
VisibilityRule = Callable[[Any, ViewerClaims], ColumnElement[bool]]


def public(_row: Any, _rights: ViewerClaims) -> ColumnElement[bool]:
    """All viewers, for published reference data: participants and groups."""
    return true()


def authenticated(_row: Any, rights: ViewerClaims) -> ColumnElement[bool]:
    """Viewers with an account, because group memberships are not public."""
    return rights.account().is_not(None)


def own_or_of_a_member(row: Any, rights: ViewerClaims) -> ColumnElement[bool]:
    """The account itself, the leads, and members of a group of which the account is a member today."""
    membership = aliased(m.GroupMembership)
    of_account = membership.account_id == row.account_id
    is_in_group = rights.contains(membership.group_id, "groups")
    source = inspect(membership).selectable
    shared = select(1).select_from(source).where(of_account, membership.in_force, is_in_group)
    return or_(
        row.account_id == rights.account(),
        rights.contains(cast(literal_text(LEADS_GROUP), KEY), "groups"),
        shared.correlate_except(source).exists(),
    )


def allowed_by_marking(row: Any, rights: ViewerClaims) -> ColumnElement[bool]:
    """Viewers whom the row's marking allows."""
    marking = type_coerce(row.marking, String)
    within = marking.in_([literal_text(m.Marking.AMBER.name), literal_text(m.Marking.AMBER_STRICT.name)])
    admitted = [rights.contains(marking, "markings"), and_(within, rights.contains(owning_group_key(row), "groups"))]
    if "shared_with" in inspect(row).mapper.relationships:
        shared = _linked(row, "shared_with", lambda group: rights.contains(group, "groups"))
        admitted.append(and_(marking == literal_text(m.Marking.AMBER.name), shared))
    named = _linked(row, "recipients", lambda account: account == rights.account())
    admitted.append(and_(marking == literal_text(m.Marking.RED.name), named))
    return or_(*admitted)


def not_others_draft(row: Any, rights: ViewerClaims) -> ColumnElement[bool]:
    """Viewers who write in the owning group, for rows that never left their draft; all viewers, for other rows."""
    return or_(_was_shown(row), rights.contains(owning_group_key(row), "writes"))


def not_others_version(row: Any, rights: ViewerClaims) -> ColumnElement[bool]:
    """All versions but drafts beside a released one; those are for the writers of the owning group."""
    return or_(row.draft_since.is_(None), rights.contains(owning_group_key(row), "writes"))


def _was_shown(row: Any) -> ColumnElement[bool]:
    model, status = inspect(row).mapper.class_, type_coerce(row.status, String)
    left_draft = status != literal_text(DRAFT)
    ends = [literal_text(name) for name in model.draft_ends()]
    return and_(left_draft, or_(status.not_in(ends), row.visible_since.is_not(None))) if ends else left_draft


def actor_or_group_writers(row: Any, rights: ViewerClaims) -> ColumnElement[bool]:
    """The actor, and writers of the group that owned the object at that time, if its markings then allow them."""
    admitted = or_(row.marking.is_(None), rights.contains(type_coerce(row.marking, String), "markings"))
    reader = each_item(row.readers).table_valued("value")
    named = select(1).select_from(reader).where(cast(item_part(reader.c.value, 1), KEY) == rights.account())
    as_recipient = or_(row.readers.is_(None), named.correlate_except(reader).exists())
    return or_(
        row.actor_id == rights.account(),
        and_(rights.contains(group_or_leads(row.group_id), "writes"), admitted, as_recipient),
    )


def _linked(row: Any, relation: str, condition: Any) -> ColumnElement[bool]:
    """Return whether a many-to-many relation links a row to a key that meets a condition."""
    found = inspect(row).mapper.relationships[relation]
    link = found.secondary.alias()
    ((_, near),), ((_, far),) = found.synchronize_pairs, found.secondary_synchronize_pairs
    linked = select(1).select_from(link).where(link.c[near.key] == row.id, condition(link.c[far.key]))
    return linked.correlate_except(link).exists()
