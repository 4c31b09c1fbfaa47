"""One unit of work: what a command may do with the database, all of it or nothing.

A command finds objects through the policy of their type, as the plan does, and through the
second wall; nothing else of this file gives one. It changes them as objects of SQLAlchemy's session, whose writes the
trail follows. It never commits: only the edge does, once the whole command has ended.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import select

from resolvers.names import api_name
from resolvers.policies import Action, may, visible, whom_to_ask
from resolvers.refusals import INPUT, ForbiddenError, NotFoundError, ValidationError
from resolvers.rights import GivenRights
from resolvers.wall import admitted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from models import Entity
    from resolvers.refusals import Path
    from resolvers.viewers import Viewer

Model = TypeVar("Model", bound="Entity")

#: Locks are taken in this order everywhere, so that no two units wait for each other; the trail's head comes last.
LOCK_ORDER = ("Roadmap", "Contribution", "CapabilityNeed", "Procurement", "PurchaseOrder", "Delivery")


#: For how many viewers and types the conditions are kept under which a row is seen; to build them takes a while.
MOST_KEPT = 1_000


class Unit:
    """What one command does, in one transaction."""

    def __init__(
        self, session: Session, viewer: Viewer, reason: str | None = None, given: Mapping[str, Any] | None = None
    ) -> None:
        """Begin.

        Args:
            session: An open session.
            viewer: Whoever does it.
            reason: Why.
            given: The checked values of the command's input; `to` is there where a status is asked for.
        """
        self.session = session
        self.viewer = viewer
        self.reason = reason
        self.given = given or {}

    def find(self, model: type[Model], key: str, path: Path = (*INPUT, "id")) -> Model:
        """Give the object of this key. Raises NotFoundError where there is none that the viewer sees."""
        found = self.session.scalars(select(model).where(model.id == key, *self._seen(model))).one_or_none()
        if found is None:
            message = f"There is no {model.__name__} of this id that you may see: send an id back as you got it."
            raise NotFoundError(message, path)
        return found

    def refer(self, model: type[Model], key: str, path: Sequence[str]) -> Model:
        """Give the object that an input refers to at `path`. Raises ValidationError where the viewer sees none."""
        try:
            return self.find(model, key)
        except NotFoundError as error:
            code = "reference"
            raise ValidationError.at(code, error.message, *map(api_name, path)) from None

    def refer_all(self, model: type[Model], keys: Sequence[str], path: Sequence[str]) -> list[Model]:
        """Give the objects that an input refers to, in their order. Raises ValidationError for the first not seen."""
        rows = self.session.scalars(select(model).where(model.id.in_(keys), *self._seen(model)))
        found = {row.id: row for row in rows}
        return [found.get(key) or self.refer(model, key, (*path, str(place))) for place, key in enumerate(keys)]

    def hidden(self, rows: Sequence[Model]) -> list[Model]:
        """Give those of some rows of one type that the viewer does not see."""
        if not rows:
            return []
        model = type(rows[0])
        keys = [row.id for row in rows]
        seen = set(self.session.scalars(select(model.id).where(model.id.in_(keys), *self._seen(model))))
        return [row for row in rows if row.id not in seen]

    def sees(self, row: Entity) -> bool:
        """Tell whether the viewer sees an object as it stands now."""
        return not self.hidden([row])

    def _seen(self, model: type[Entity]) -> tuple[ColumnElement[bool], ...]:
        return _conditions(model, self.viewer, self.session.get_bind().dialect.name)

    def lock(self, *rows: Entity) -> None:
        """Hold rows until the end, each as it is by now; SQLite has one writer at a time anyway."""
        if not rows:
            return
        for row in sorted(rows, key=lambda each: (_turn(each), each.id)):
            self.session.refresh(row, with_for_update=True)
        # What was read on the way here may have been changed by those who held them before.
        for other in set(self.session.identity_map.values()).difference(rows):
            if not self.session.is_modified(other):
                self.session.expire(other)

    def require(self, action: Action, row: Entity) -> None:
        """Go on only where the viewer may do this to an object. Raises ForbiddenError."""
        if not may(action, row, self.viewer):
            noun = type(row).__name__
            message = f"You may not do this to this {noun}: {whom_to_ask(action, row)}"
            raise ForbiddenError(message)


@lru_cache(maxsize=MOST_KEPT)
def _conditions(model: type[Entity], viewer: Viewer, dialect: str) -> tuple[ColumnElement[bool], ...]:
    """Give what makes a viewer see a row: its policy and, on PostgreSQL, the wall behind it."""
    policy = visible(model, GivenRights(viewer))
    return (policy, admitted(model, viewer)) if dialect == "postgresql" else (policy,)


def _turn(row: Entity) -> int:
    name = type(row).__name__
    return LOCK_ORDER.index(name) if name in LOCK_ORDER else len(LOCK_ORDER)
