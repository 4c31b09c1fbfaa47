"""Children that a list leaves out are removed only if no other object refers to them.

The links of a document to an agenda item are part of the document. So they are taken out there, by a writer of the
document, and never lost because a list of the meeting is shorter.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect, select

from models import Base, Entity
from resolvers.commands.errors import INPUT, Violation
from resolvers.commands.visible_rules import HIDDEN
from resolvers.core.naming import api_name, noun_with_article

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from resolvers.commands.spec import ChildSpec
    from resolvers.commands.unit_of_work import UnitOfWork


def still_referred_to(
    unit: UnitOfWork, owned: ChildSpec, rows: Sequence[Any], path: Sequence[str]
) -> Iterator[Violation]:
    """Yield the violation of removing children to which other objects refer.

    Args:
        unit: The unit of work.
        owned: The declaration of the children.
        rows: The children to remove, all visible.
        path: The path of their list in the input.
    """
    own = {child.model for child in owned.children.values()}
    removed = {row.id for row in rows}
    named, is_hidden = set[str](), False
    with unit.session.no_autoflush:
        for model, name in _references_to(owned.model):
            found = unit.session.scalars(select(model).where(getattr(model, name).in_(removed))).all()
            others = [] if model in own else [each for each in found if each.id not in removed]
            hidden = {*unit.not_visible(others)}
            named |= {_name(each) for each in others if each not in hidden}
            is_hidden = is_hidden or bool(hidden)
    if named:
        what, names = noun_with_article(owned.model.__name__), ", ".join(sorted(named))
        advice = "Take that reference out first, or send its target back with its id."
        message = f"The list leaves out {what} to which another object refers: {names}. {advice}"
        yield Violation((*INPUT, *map(api_name, path)), "needed", message)
    elif is_hidden:
        yield HIDDEN


@cache
def _references_to(model: type[Entity]) -> list[tuple[type[Entity], str]]:
    """Return the types that refer to a type, with the attribute of the key, if the database keeps the target."""
    key = inspect(model).local_table.c.id
    return [
        (mapper.class_, mapper.get_property_by_column(foreign.parent).key)
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, Entity)
        for foreign in mapper.local_table.foreign_keys
        if foreign.column is key and foreign.ondelete == "RESTRICT"
    ]


def _name(row: Any) -> str:
    """Return the name of an object; that of a part is the name of its owner."""
    part = getattr(row, type(row).natural_key[0])
    return _name(part) if isinstance(part, Entity) else str(part)
