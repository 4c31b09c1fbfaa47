"""One unit of work: what a command may do with the database, all of it or nothing.

A command finds objects through the policy of their type, as the plan does, and through the
second wall (`seen`); nothing else of this file gives one. It changes them as objects of SQLAlchemy's
session, whose writes the trail follows. It never commits: only the edge does, once the whole command
has ended.
"""

from __future__ import annotations

from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import bindparam, select

from models.base import new_key
from resolvers.access.permissions import Action, denial_advice, is_allowed
from resolvers.commands.errors import INPUT, ForbiddenError, NotFoundError, ValidationError
from resolvers.core.naming import api_name
from resolvers.query.visible_keys import visible_keys

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from models import Entity
    from resolvers.access.viewer import Viewer
    from resolvers.commands.errors import Path

Model = TypeVar("Model", bound="Entity")

#: Locks are taken in this order everywhere, so that no two units wait for each other; the trail's head comes last.
LOCK_ORDER = ("Roadmap", "Contribution", "CapabilityNeed", "Procurement", "PurchaseOrder", "Delivery")


class UnitOfWork:
    """What one command does, in one transaction."""

    def __init__(
        self,
        session: Session,
        viewer: Viewer,
        reason: str | None = None,
        given: Mapping[str, Any] | None = None,
        *,
        max_file_bytes: int | None = None,
    ) -> None:
        """Begin.

        Args:
            session: An open session.
            viewer: Whoever does it.
            reason: Why.
            given: The checked values of the command's input; `to` is there where a status is asked for.
            max_file_bytes: The length of the largest file that is taken; None where there is no limit.
        """
        self.session = session
        self.viewer = viewer
        self.reason = reason
        self.input = given or {}
        self.max_file_bytes = max_file_bytes
        self._locked: set[Entity] = set()

    @cached_property
    def new_key(self) -> str:
        """The key of the object that is made, where one is."""
        return new_key()

    def find(self, model: type[Model], key: str, path: Path = (*INPUT, "id")) -> Model:
        """Give the object of this key. Raises NotFoundError where there is none that the viewer sees."""
        found = self._seen(model, [key]).get(key)
        if found is None:
            message = f"There is no {model.__name__} of this id that you may see: send an id back as you got it."
            raise NotFoundError(message, path)
        return found

    def resolve_reference(self, model: type[Model], key: str, path: Sequence[str]) -> Model:
        """Give the object that an input refers to at `path`. Raises ValidationError where the viewer sees none."""
        try:
            return self.find(model, key)
        except NotFoundError as error:
            code = "reference"
            raise ValidationError.at(code, error.message, *map(api_name, path)) from None

    def resolve_references(self, model: type[Model], keys: Sequence[str], path: Sequence[str]) -> list[Model]:
        """Give the objects that an input refers to, in their order. Raises ValidationError for the first not seen."""
        found = self._seen(model, keys)
        return [
            found.get(key) or self.resolve_reference(model, key, (*path, str(place))) for place, key in enumerate(keys)
        ]

    def not_visible(self, rows: Sequence[Model]) -> list[Model]:
        """Give those of some rows of one type that the viewer does not see."""
        if not rows:
            return []
        seen = visible_keys(self.session.connection(), type(rows[0]), [row.id for row in rows], self.viewer)
        return [row for row in rows if row.id not in seen]

    def _seen(self, model: type[Model], keys: Sequence[str]) -> dict[str, Model]:
        seen = visible_keys(self.session.connection(), model, keys, self.viewer)
        rows = self.session.scalars(_rows_by_key(model), {"keys": list(seen)}) if seen else ()
        return {row.id: row for row in rows}

    def sees(self, row: Entity) -> bool:
        """Tell whether the viewer sees an object as it stands now."""
        return not self.not_visible([row])

    def lock(self, *rows: Entity) -> None:
        """Hold rows until the end, each as it is by now; SQLite has one writer at a time anyway."""
        rows = tuple(row for row in rows if row not in self._locked)
        if not rows:
            return
        self._locked.update(rows)
        for row in sorted(rows, key=lambda each: (_lock_position(each), each.id)):
            self.session.refresh(row, with_for_update=True)
        # What was read on the way here may have been changed by those who held them before.
        for other in set(self.session.identity_map.values()).difference(self._locked):
            if not self.session.is_modified(other):
                self.session.expire(other)

    def require(self, action: Action, row: Entity) -> None:
        """Go on only where the viewer may do this to an object. Raises ForbiddenError."""
        message = self.denial_reason(action, row)
        if message:
            raise ForbiddenError(message)

    def denial_reason(self, action: Action, row: Entity) -> str | None:
        """Say why the viewer may not do this to an object, and whom to ask; None where he or she may."""
        if is_allowed(action, row, self.viewer):
            return None
        return f"You may not do this to this {type(row).__name__}: {denial_advice(action, row)}"


@cache
def _rows_by_key(model: type[Entity]) -> Select[Any]:
    return select(model).where(model.id.in_(bindparam("keys", expanding=True)))


def _lock_position(row: Entity) -> int:
    name = type(row).__name__
    return LOCK_ORDER.index(name) if name in LOCK_ORDER else len(LOCK_ORDER)
