"""What of each noun may be written, and which rules hold then.

A noun's file declares one `MutationSpec` for each type that is changed by itself; the commands
`create…`, `update…` and `transition…`, the inputs they take, and the checks of those inputs
follow from it and from the model.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from resolvers.access.permissions import check_permissions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from enum import Enum

    from models import Entity
    from resolvers.commands.errors import Violation
    from resolvers.commands.unit_of_work import UnitOfWork

    #: A rule over an object as it is to be: gives what is broken.
    Rule = Callable[[UnitOfWork, Any], Iterator[Violation]]
    #: What follows from a change of an object.
    Consequence = Callable[[UnitOfWork, Any], None]
    #: More objects that are held while one is written.
    Guard = Callable[[UnitOfWork, Any], Sequence[Entity]]


@dataclass(frozen=True)
class InputSpec:
    """What an input may hold. All names are attributes of `model`; an amount of money goes by its plain name.

    Attributes:
        model: The entity; its class name is the name of the GraphQL type.
        fields: What may be given when one is made, and changed later.
        create_only: What may be given only when one is made.
        auto_named: Of these, what gets a name of its own where none is given, each beginning with `name_prefix`.
        name_prefix: The beginning of those names, such as `NEED`.
        many_to_many: Many-to-many relations, each with the name of the input that holds the ids of all targets.
        children: The objects that belong to it, by the relation that holds them.
        ranges: The least and the most of whole numbers.
    """

    model: type[Entity]
    fields: tuple[str, ...]
    create_only: tuple[str, ...] = ()
    auto_named: tuple[str, ...] = ()
    name_prefix: str = ""
    many_to_many: Mapping[str, str] = field(default_factory=dict)
    children: Mapping[str, ChildSpec] = field(default_factory=dict)
    ranges: Mapping[str, tuple[int | None, int | None]] = field(default_factory=dict)


@dataclass(frozen=True)
class ChildSpec(InputSpec):
    """Objects that belong to one and are written with it, such as the lines of an order.

    Attributes:
        back: Their relation to the owner.
    """

    back: str = field(kw_only=True)


@dataclass(frozen=True)
class MutationSpec(InputSpec):
    """How a type may be written.

    Attributes:
        creatable: Whether a command makes it; False where it comes into being in another way.
        approval_statuses: The statuses that only those who decide in the owning group may give it.
        locked_fields: What no longer changes once it has a status, by the status.
        lock_also: Relations, or ways over several such as `purchase_order.procurement`, whose rows are locked
            while it is written: they guard sums, or change with it. Or functions that return such rows.
        validators: What must hold of it by itself. They run before anything is written, so that every fault is
            reported with its place, and by the rule instead of by the database.
        before_flush: What is done before it is written, such as making room for it.
        invariants: What must hold of it after every change.
        after_flush: What follows from every change of it, in this order.
    """

    creatable: bool = True
    approval_statuses: frozenset[Enum] = frozenset()
    locked_fields: Mapping[Enum, tuple[str, ...]] = field(default_factory=dict)
    lock_also: tuple[str | Guard, ...] = ()
    validators: tuple[Rule, ...] = ()
    before_flush: tuple[Consequence, ...] = ()
    invariants: tuple[Rule, ...] = ()
    after_flush: tuple[Consequence, ...] = ()


_specs: dict[type[Entity], MutationSpec] = {}


def register_mutation_spec(spec: MutationSpec) -> None:
    """Make a type writable. Raises LookupError where the table of permissions does not say who may change it."""
    check_permissions(spec.model)
    _specs[spec.model] = spec


def mutation_spec_of(model: type[Entity]) -> MutationSpec:
    """Return the declaration of a type. Raises LookupError where there is none, or none is loaded."""
    if model not in _specs:
        name = model.__name__
        message = f"{name} has no MutationSpec, or the nouns are not loaded: call `resolvers.nouns.load_nouns` first."
        raise LookupError(message)
    return _specs[model]


def mutation_specs() -> list[MutationSpec]:
    """Give every declaration, in the order they were made."""
    return list(_specs.values())
