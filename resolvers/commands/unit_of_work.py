"""The unit of work: the database access of one command, in one transaction.

A command finds objects only through this class, which applies the visibility predicate of their type and row-level
security. It changes them in a SQLAlchemy session that records every write in the audit log. It never commits;
`runner` commits after the whole command has succeeded.
"""

from __future__ import annotations

from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import bindparam, inspect, select

from models.base import new_key, now
from resolvers.access.account_claims import viewer_of
from resolvers.access.permissions import Action, denial_advice, is_allowed
from resolvers.commands.errors import INPUT, ForbiddenError, NotFoundError, ValidationError
from resolvers.core.naming import api_name, snake_case
from resolvers.query.visible_keys import visible_keys

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from models import Entity
    from resolvers.access.viewer import Viewer
    from resolvers.commands.errors import Path

Model = TypeVar("Model", bound="Entity")

#: All units of work take locks in this order, so that there are no deadlocks. The audit log is locked last.
LOCK_ORDER = ("Roadmap", "Contribution", "CapabilityNeed", "Procurement", "PurchaseOrder", "Delivery")


class UnitOfWork:
    """Finds, locks and authorizes the objects that one command changes, in one transaction."""

    def __init__(
        self,
        session: Session,
        viewer: Viewer,
        reason: str | None = None,
        given: Mapping[str, Any] | None = None,
        *,
        max_file_bytes: int | None = None,
    ) -> None:
        """Create the unit of work.

        Args:
            session: An open session.
            viewer: The viewer who makes the change.
            reason: The reason for the change.
            given: The validated values of the command's input; it has `to` if the command changes a status.
            max_file_bytes: The maximum length of a file; None for no limit.
        """
        self.session = session
        self.viewer = viewer
        self.reason = reason
        self.input = given or {}
        self.max_file_bytes = max_file_bytes
        #: Whether the change is only judged, because the database refused it before.
        self.is_judged = False
        #: Whether rules are evaluated over the visible rows alone at this moment.
        self.only_visible = False
        self._locked: set[Entity] = set()
        self._held: set[Entity] = set()

    @cached_property
    def new_key(self) -> str:
        """The key of the object that the command creates, if it creates one."""
        return new_key()

    def find(self, model: type[Model], key: str, path: Path = (*INPUT, "id")) -> Model:
        """Return the object with this key. Raises NotFoundError if the viewer sees no such object."""
        found = self._seen(model, [key]).get(key)
        if found is None:
            noun = snake_case(model.__name__).replace("_", " ")
            message = f"No {noun} with this id exists, or you may not see it. Send the id exactly as you received it."
            raise NotFoundError(message, path)
        return found

    def resolve_reference(self, model: type[Model], key: str, path: Sequence[str]) -> Model:
        """Return the object that an input refers to at `path`. Raises ValidationError if the viewer sees none."""
        try:
            return self.find(model, key)
        except NotFoundError as error:
            code = "reference"
            raise ValidationError.at(code, error.message, *map(api_name, path)) from None

    def resolve_references(self, model: type[Model], keys: Sequence[str], path: Sequence[str]) -> list[Model]:
        """Return the objects that an input refers to, in order. Raises ValidationError for the first not visible."""
        found = self._seen(model, keys)
        return [
            found.get(key) or self.resolve_reference(model, key, (*path, str(place))) for place, key in enumerate(keys)
        ]

    def not_visible(self, rows: Sequence[Model]) -> list[Model]:
        """Return those of the given rows, all of one type, that the viewer does not see."""
        if not rows:
            return []
        seen = visible_keys(self.session.connection(), type(rows[0]), [row.id for row in rows], self.viewer)
        return [row for row in rows if row.id not in seen]

    def _seen(self, model: type[Model], keys: Sequence[str]) -> dict[str, Model]:
        seen = visible_keys(self.session.connection(), model, keys, self.viewer)
        rows = self.session.scalars(_rows_by_key(model), {"keys": list(seen)}) if seen else ()
        return {row.id: row for row in rows}

    def rows(self, statement: Select[Model]) -> Sequence[Model]:
        """Return the rows of a statement of a rule; only the visible ones while rules are evaluated over these."""
        found = self.session.scalars(statement).all()
        hidden = {*self.not_visible(found)} if self.only_visible else ()
        return [row for row in found if row not in hidden]

    def seen(self, *rows: Model | None) -> list[Model]:
        """Return those of the given rows, all of one type, that the viewer sees; new ones are.

        A rule that something must exist counts these alone: a hidden row that met it would be revealed.
        """
        there = [row for row in rows if row is not None]
        hidden = self.not_visible([row for row in there if inspect(row).persistent])
        return [row for row in there if row not in hidden]

    def write_ahead(self) -> None:
        """Flush the assigned values before the rules judge them; do nothing if the change is only judged."""
        if not self.is_judged:
            self.session.flush()

    def sees(self, row: Entity) -> bool:
        """Return whether the viewer sees an object in its current state."""
        return not self.not_visible([row])

    def is_seen_by(self, account: str, row: Entity) -> bool:
        """Return whether an account, by its key, sees an object in its current state; a disabled one sees nothing."""
        connection = self.session.connection()
        viewer = viewer_of(connection, account, now().date())
        return viewer is not None and bool(visible_keys(connection, type(row), [row.id], viewer))

    def lock(self, *rows: Entity) -> None:
        """Lock rows until the transaction ends and refresh them; SQLite allows only one writer at a time anyway."""
        rows = tuple(row for row in rows if row not in self._locked)
        if not rows:
            return
        self._locked.update(rows)
        for row in sorted(rows, key=lambda each: (_lock_position(each), each.id)):
            self.session.refresh(row, with_for_update=True)
        # Other objects were possibly changed by a transaction that held these locks before: load them again.
        for other in set(self.session.identity_map.values()).difference(self._locked):
            if not self.session.is_modified(other):
                self.session.expire(other)

    def hold(self, row: Entity) -> None:
        """Read a row again, and keep others from changing it until the transaction ends; others can hold it, too."""
        if row not in self._locked | self._held:
            self._held.add(row)
            self.session.refresh(row, with_for_update={"read": True})

    @property
    def locked(self) -> frozenset[Entity]:
        """The rows that are locked until the transaction ends."""
        return frozenset(self._locked)

    def require(self, action: Action, row: Entity) -> None:
        """Check that the viewer has permission for an action on an object. Raises ForbiddenError."""
        message = self.denial_reason(action, row)
        if message:
            raise ForbiddenError(message)

    def denial_reason(self, action: Action, row: Entity) -> str | None:
        """Return why the viewer does not have permission for an action, and whom to ask; None if permitted."""
        if is_allowed(action, row, self.viewer):
            return None
        noun = snake_case(type(row).__name__).replace("_", " ")
        return f"You do not have permission for this change of the {noun}. {denial_advice(action, row, self.viewer)}"


@cache
def _rows_by_key(model: type[Entity]) -> Select[Any]:
    return select(model).where(model.id.in_(bindparam("keys", expanding=True)))


def _lock_position(row: Entity) -> int:
    name = type(row).__name__
    return LOCK_ORDER.index(name) if name in LOCK_ORDER else len(LOCK_ORDER)
