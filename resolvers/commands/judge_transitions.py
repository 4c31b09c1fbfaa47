"""Judges which statuses a viewer can request for objects, by the same rules as the command, without writing.

The rules read related objects one at a time. Here they are read for many objects together: a relation that is missing
in one object is loaded for all objects of that type. So the number of statements depends on the relations that the
rules read, not on the number of objects.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import event, inspect, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from resolvers.commands.runner import READ_ONLY
from resolvers.commands.spec import mutation_spec_of
from resolvers.commands.transition_refusals import Judgement, judgements_of, why_reasoned
from resolvers.commands.unit_of_work import UnitOfWork
from resolvers.query.fields.judged_fields import ObjectKey, Transition, register_judge
from resolvers.query.visible_keys import visible_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from enum import Enum

    from sqlalchemy.orm import ORMExecuteState, Session

    from models import Entity
    from resolvers.access.context import Context
    from resolvers.access.viewer import Viewer
    from resolvers.commands.spec import MutationSpec

#: Why the statements of a judgement bypass the policies.
REASON = "the rules of commands read rows that the viewer may not see; the query returned the objects themselves"


async def judge(context: Context, objects: Iterable[ObjectKey]) -> Mapping[ObjectKey, Sequence[Transition]]:
    """Return the transitions of the objects that still exist; the viewer sees all of them."""
    engine = context.database.bypass_policies(REASON, read_only=True)
    async with AsyncSession(engine, autoflush=False) as session:
        return await session.run_sync(lambda sync: judged(sync, context.viewer, objects))


def judged(session: Session, viewer: Viewer, objects: Iterable[ObjectKey]) -> dict[ObjectKey, list[Transition]]:
    """Return the transitions of objects, read in a session that is never flushed."""
    keys: dict[type[Entity], list[str]] = defaultdict(list)
    for each in objects:
        keys[each.model].append(each.key)
    event.listen(session, "do_orm_execute", _load_for_all)
    found: dict[ObjectKey, list[Transition]] = {}
    for model, wanted in keys.items():
        unit, spec = JudgingUnit(session, viewer), mutation_spec_of(model)
        # Strong references: the session itself holds its objects weakly.
        rows = session.scalars(select(model).where(model.id.in_(wanted))).all()
        known = judgements_of(unit, spec, rows) if viewer.can_write else defaultdict(lambda: Judgement(READ_ONLY))
        found |= {ObjectKey(model, row.id): [*_transitions(unit, spec, row, known)] for row in rows}
    return found


class JudgingUnit(UnitOfWork):
    """The unit of work of commands that are only judged: it asks once for each type which objects are visible."""

    def __init__(self, session: Session, viewer: Viewer) -> None:
        super().__init__(session, viewer)
        self._visible: dict[type[Any], dict[str, bool]] = defaultdict(dict)

    def not_visible(self, rows: Sequence[Any]) -> list[Any]:
        """Return those of the given stored rows, all of one type, that the viewer does not see."""
        for model in {type(row) for row in rows}:
            known = self._visible[model]
            stored: list[Any] = [*self.session.identity_map.values()]
            loaded = [row.id for row in stored if type(row) is model]
            if missing := [key for key in loaded if key not in known]:
                seen = visible_keys(self.session.connection(), model, missing, self.viewer)
                known.update((key, key in seen) for key in missing)
        return [row for row in rows if not self._visible[type(row)][row.id]]


def _transitions(
    unit: UnitOfWork, spec: MutationSpec, row: Any, known: Mapping[tuple[str, Enum], Judgement]
) -> Iterator[Transition]:
    for to in row.allowed_transitions():
        refusal, needs_fields = known[row.id, to]
        needs_reason = why_reasoned(unit, spec, row, to) is not None
        yield Transition(to.name, refusal is None, needs_reason, [*needs_fields], refusal)


def _load_for_all(state: ORMExecuteState) -> None:
    """Load a relation that is about to be loaded for one object for the other loaded objects of its type."""
    one = state.lazy_loaded_from
    if one is None or not state.is_relationship_load or state.loader_strategy_path is None:
        return
    relation: Any = state.loader_strategy_path[-1]
    model: Any = relation.parent.class_
    stored: list[Any] = [*state.session.identity_map.values()]
    others = [
        row.id
        for row in stored
        if isinstance(row, model) and inspect(row) is not one and relation.key in inspect(row).unloaded
    ]
    if others:
        together = select(model).where(model.id.in_(others)).options(selectinload(getattr(model, relation.key)))
        state.session.scalars(together).all()


register_judge(judge)
