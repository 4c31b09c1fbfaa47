"""Holds what a load wrote to the rules that commands hold: what no person may enter, no file may either."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Allocation, Contribution, Delivery, Disbursement, Document
from resolvers.access.viewer import PUBLIC
from resolvers.commands.marking_changes import sharing_of, without_effect
from resolvers.commands.spec import mutation_specs
from resolvers.commands.unit_of_work import UnitOfWork
from resolvers.core.attributes import entity_of
from resolvers.record.diff import BATCH
from resolvers.record.values import RecordError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection

    from models import Entity
    from resolvers.commands.errors import Violation
    from resolvers.commands.spec import ChildSpec, InputSpec, MutationSpec
    from resolvers.record.diff import RecordDiff
    from resolvers.record.parser import RecordRow

#: What a public record may leave open and a person must say: the rule, and whether it is only broken for want of a fact
#: that no source tells. Each is null then, which claims nothing.
UNKNOWN_TO_THE_PUBLIC: dict[tuple[type[Entity], str], Callable[[Any], bool]] = {
    (Delivery, "one_origin"): lambda row: row.purchase_order_id is None and row.contribution_id is None,
    (Delivery, "order_line"): lambda row: all(line.order_line_id is None for line in row.lines),
    (Contribution, "source"): lambda row: not row.sources,
    # Sources do report money outside its earmark: that is the clash EARMARK_MISSED.
    (Allocation, "earmark"): lambda _row: True,
    (Disbursement, "source"): lambda row: not row.sources,
    # Files are uploaded, not loaded.
    (Document, "content"): lambda row: row.url is None,
}


class _LoadingUnit(UnitOfWork):
    """The unit of work of an operator, who sees everything."""

    def not_visible(self, rows: Sequence[Any]) -> list[Any]:
        """Return none."""
        del rows
        return []


def check_rules(connection: Connection, plan: RecordDiff) -> None:
    """Check every object that a load wrote. Raises RecordError with a line for each rule that is broken.

    Raises LookupError where the declarations of the nouns are not loaded.
    """
    specs = {spec.model: spec for spec in mutation_specs()}
    if not specs:
        message = "the nouns are not loaded: call `resolvers.nouns.load_nouns` first"
        raise LookupError(message)
    with Session(connection, autoflush=False) as session:
        broken = [
            fault for model, rows in _written(plan, specs).items() for fault in _faults(session, specs[model], rows)
        ]
    if broken:
        raise RecordError("\n".join(dict.fromkeys(broken)))


def check_removals(connection: Connection, plan: RecordDiff) -> None:
    """Check that no row goes that commands keep for good. Raises RecordError with a line for each that does."""
    parts: dict[Any, ChildSpec] = {child.model: child for spec in mutation_specs() for child in _parts(spec)}
    with Session(connection, autoflush=False) as session:
        broken = [
            f"{gone.path}: {message}"
            for gone in plan.removed
            if (part := parts.get(entity_of(gone.table) if "version" in gone.table.c else None))
            and (message := part.stays(session.get_one(part.model, gone.stored["id"])))
        ]
    if broken:
        raise RecordError("\n".join(broken))


def _parts(spec: InputSpec) -> Iterator[ChildSpec]:
    for child in spec.children.values():
        yield child
        yield from _parts(child)


def _written(plan: RecordDiff, specs: dict[type[Entity], MutationSpec]) -> dict[Any, dict[str, RecordRow]]:
    """Return the written rows, and the owners of written parts, that have rules of their own, by type and key."""
    found: dict[Any, dict[str, RecordRow]] = {}
    for each in (*plan.created, *plan.changed):
        row: RecordRow | None = each
        while row is not None:
            model = entity_of(row.type.table) if "version" in row.type.table.c else None
            if model in specs:
                found.setdefault(model, {})[row.id] = row
            row = row.parent
    return found


def _faults(session: Session, spec: MutationSpec, rows: dict[str, RecordRow]) -> Iterator[str]:
    keys = list(rows)
    for start in range(0, len(keys), BATCH):
        for found in session.scalars(select(spec.model).where(spec.model.id.in_(keys[start : start + BATCH]))):
            unit = _LoadingUnit(session, PUBLIC)
            for rule in (
                *spec.owner_rules,
                *spec.validators,
                *spec.invariants,
                *spec.load_rules,
                _is_shared_with_effect,
            ):
                for violation in rule(unit, found):
                    may_miss = UNKNOWN_TO_THE_PUBLIC.get((spec.model, violation.rule))
                    if may_miss is None or not may_miss(found):
                        place = "".join(f"{step}: " for step in violation.path[1:] if step != "to")
                        yield f"{rows[found.id].path}: {place}{violation.message}"


def _is_shared_with_effect(_unit: UnitOfWork, row: Any) -> Iterator[Violation]:
    """Shares and recipients must have an effect under the marking."""
    yield from without_effect(row, sharing_of(row))
