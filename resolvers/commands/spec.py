"""Defines `MutationSpec`: which fields of a noun can be written, and which rules apply.

A noun's file declares one `MutationSpec` for each type that has its own mutations. The commands `create…`, `update…`
and `transition…`, their inputs and the validation of these inputs are derived from it and from the model.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from resolvers.access.permissions import check_permissions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from decimal import Decimal
    from enum import Enum

    from models import Entity
    from resolvers.commands.errors import Path, Violation
    from resolvers.commands.unit_of_work import UnitOfWork

    #: A rule about the new state of an object; it yields violations.
    Rule = Callable[[UnitOfWork, Any], Iterator[Violation]]
    #: A consequence of a change of an object.
    Consequence = Callable[[UnitOfWork, Any], None]
    #: Returns more objects to lock while an object is written.
    Guard = Callable[[UnitOfWork, Any], Sequence[Entity]]


@dataclass(frozen=True)
class OneOf:
    """Relations of which exactly one is set; the input is an object with one of their ids (`@oneOf`).

    Attributes:
        doc: The description of the input.
        relations: The names of the relations: the name of the input, `_`, and the name of the id without `_id`.
    """

    doc: str
    relations: tuple[str, ...]

    @staticmethod
    def id_of(name: str, relation: str) -> str:
        """Return the name of the id of a relation in the input `name`, such as `group_id` of `owner_group`."""
        return f"{relation.removeprefix(f'{name}_')}_id"


@dataclass(frozen=True)
class InputSpec:
    """The fields of an input. All names are attributes of `model`; money has its name without suffixes.

    Attributes:
        model: The entity; its class name is the name of the GraphQL type.
        fields: Fields that can be set at creation and changed later.
        create_only: Fields that can be set only at creation.
        auto_named: The fields that get a generated name, starting with `name_prefix`, if the input omits them.
        name_prefix: The prefix of the generated names, such as `NEED`.
        many_to_many: Many-to-many relations, each with the name of the input field for the ids of all targets.
        one_of: Groups of relations of which exactly one is set, by the name of the input.
        children: The child objects, by the relation that contains them.
        ranges: The minimum and the maximum of integer fields.
        signed: The amounts of money that can be negative.
        filled_in: Functions that fill in a field left unknown from other fields. They run as soon as the values are
            assigned, before any flush, so that null for such a field changes nothing.
    """

    model: type[Entity]
    fields: tuple[str, ...]
    create_only: tuple[str, ...] = ()
    auto_named: tuple[str, ...] = ()
    name_prefix: str = ""
    many_to_many: Mapping[str, str] = field(default_factory=dict)
    one_of: Mapping[str, OneOf] = field(default_factory=dict)
    children: Mapping[str, ChildSpec] = field(default_factory=dict)
    ranges: Mapping[str, tuple[Decimal | int | None, int | None]] = field(default_factory=dict)
    signed: tuple[str, ...] = ()
    filled_in: tuple[Callable[[Any], None], ...] = ()


@dataclass(frozen=True)
class ChildSpec(InputSpec):
    """The input of child objects that are written with their owner, such as the lines of an order.

    Attributes:
        back: The relation from the child to the owner.
        stays: Returns why a child cannot be deleted, and what to do instead; None if it can.
        checked: Rules of one child of an owner, with its path in the input. They run before the children are flushed,
            so that each fault is reported with its path, not by a constraint of the database.
    """

    back: str = field(kw_only=True)
    stays: Callable[[Any], str | None] = field(kw_only=True, default=lambda _row: None)
    checked: Callable[[Any, Any, Path], Iterator[Violation]] = field(
        kw_only=True, default=lambda _owner, _row, _path: iter(())
    )


@dataclass(frozen=True)
class MutationSpec(InputSpec):
    """The mutations of a type.

    Attributes:
        creatable: Whether the type has a create command.
        approval_statuses: The statuses that require permission to decide in the owning group.
        reasoned_statuses: The statuses that require a reason; a pair of statuses if that depends on the one before.
        reasoned_when: Functions that return why a change to a status requires a reason, as the words after "Say why" in
            the message; None if it requires none.
        transition_fields: The attributes that a change of the status can set.
        locked_fields: For each status, the fields that can no longer change.
        reasoned_fields: For each status, the fields that change only with a reason.
        lock_also: Relations, or paths such as `purchase_order.procurement`, whose rows are locked while the object is
            written, because they guard sums or change with it. Also functions that return such rows.
        completed_by: Functions that set what follows from the input of a new object, before the permission for it is
            checked: the owner decides who may create it.
        owner_rules: Rules about the parts that permissions depend on, such as the donors. They are checked before the
            permission, so that an input without an owner gets their sentence.
        validators: Rules about the object. They run before the flush, so that every fault is reported with its path
            and by its rule, not by the database.
        before_flush: Functions that run before the flush, for example to supersede another object.
        invariants: Rules that the object must meet after the flush.
        after_flush: Consequences of every change of the object, in this order.
        load_rules: Rules about the object that a load must meet as well, because commands meet them in another way,
            such as a command of its own.
    """

    creatable: bool = True
    approval_statuses: frozenset[Enum] = frozenset()
    reasoned_statuses: frozenset[Enum | tuple[Enum, Enum]] = frozenset()
    reasoned_when: tuple[Callable[[UnitOfWork, Any, Enum], str | None], ...] = ()
    transition_fields: tuple[str, ...] = ()
    locked_fields: Mapping[Enum, tuple[str, ...]] = field(default_factory=dict)
    reasoned_fields: Mapping[Enum, tuple[str, ...]] = field(default_factory=dict)
    lock_also: tuple[str | Guard, ...] = ()
    completed_by: tuple[Consequence, ...] = ()
    owner_rules: tuple[Rule, ...] = ()
    validators: tuple[Rule, ...] = ()
    before_flush: tuple[Consequence, ...] = ()
    invariants: tuple[Rule, ...] = ()
    after_flush: tuple[Consequence, ...] = ()
    load_rules: tuple[Rule, ...] = ()


_specs: dict[type[Entity], MutationSpec] = {}


def register_mutation_spec(spec: MutationSpec) -> None:
    """Register the mutations of a type. Raises LookupError if the permissions table has no entry for the type."""
    check_permissions(spec.model)
    _specs[spec.model] = spec


def mutation_spec_of(model: type[Entity]) -> MutationSpec:
    """Return the MutationSpec of a type. Raises LookupError if there is none, or if it is not loaded."""
    if model not in _specs:
        name = model.__name__
        message = f"{name} has no MutationSpec, or the nouns are not loaded: call `resolvers.nouns.load_nouns` first."
        raise LookupError(message)
    return _specs[model]


def mutation_specs() -> list[MutationSpec]:
    """Return all registered MutationSpecs, in the order of registration."""
    return list(_specs.values())
