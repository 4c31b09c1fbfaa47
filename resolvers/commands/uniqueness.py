"""Values that must be unique among the objects that the viewer sees, and objects that are updated, not created again.

The database does not enforce the values, because an error would reveal that a hidden object has one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from resolvers.commands.errors import INPUT, Violation
from resolvers.core.naming import api_name, noun

if TYPE_CHECKING:
    from collections.abc import Iterator

    from resolvers.commands.spec import Rule
    from resolvers.commands.unit_of_work import UnitOfWork


def unique_among_visible(name: str, *within: str) -> Rule:
    """Return the rule that no other object that the viewer sees has the same value.

    Args:
        name: The attribute; a value that is null is never the same as another.
        within: Attributes that must be the same as well for two objects to meet.
    """

    def rule(unit: UnitOfWork, row: Any) -> Iterator[Violation]:
        value = getattr(row, name)
        if value is None or not {name, *within} & {*unit.input}:
            return
        model = type(row)
        same = [getattr(model, each) == getattr(row, each) for each in (name, *within)]
        with unit.session.no_autoflush:
            others = unit.session.scalars(select(model).where(*same, model.id != row.id)).all()
        if len(others) > len(unit.not_visible(others)):
            yield Violation(
                (*INPUT, api_name(name)),
                "unique",
                f"Another one has this {api_name(name)} already. Choose another value.",
            )

    return rule


def created_once(*names: str) -> Rule:
    """Return the rule that no other object that the viewer sees has the same values in some attributes together.

    The database enforces it by a unique key; its refusal cannot name the object that is to be updated instead.
    """

    def rule(unit: UnitOfWork, row: Any) -> Iterator[Violation]:
        sent = [name for name in names if name in unit.input]
        if not sent:
            return
        model = type(row)
        same = [getattr(model, each).is_not_distinct_from(getattr(row, each)) for each in names]
        with unit.session.no_autoflush:
            others = unit.session.scalars(select(model).where(*same, model.id != row.id)).all()
        for other in unit.seen(*others):
            *first, last = map(api_name, names)
            message = (
                f"The {noun(model.__name__)} {model.__name__}:{other.id} has the same {', '.join(first)} and {last}. "
                f"Change it with update{model.__name__}, or choose another {api_name(sent[-1])}."
            )
            yield Violation((*INPUT, api_name(sent[-1])), "unique", message)

    return rule
