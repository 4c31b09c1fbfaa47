"""Defines `Command`: one mutation of the API, with the fields of its input and the function that executes it.

The commands `create…`, `update…` and `transition…` are derived from the `MutationSpec` of each noun. A noun's file
declares every other command as a `Command`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from models import NOUNS, HasStatus
from resolvers.access.permissions import check_permissions
from resolvers.commands.input_fields import InputField, fields_of_transition, fields_to_create, fields_to_update
from resolvers.commands.input_validation import checker
from resolvers.commands.spec import mutation_specs
from resolvers.commands.standard_changes import create, transition, update
from resolvers.core.attributes import Kind
from resolvers.core.naming import noun_with_article, snake_case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pydantic import BaseModel

    from models import Entity
    from resolvers.commands.spec import MutationSpec
    from resolvers.commands.unit_of_work import UnitOfWork

REASON = InputField(
    "reason",
    Kind.TEXT,
    "The reason, for the audit log; required to lower a marking, to remove items or to reopen.",
    maximum=4000,
)
IDEMPOTENCY_KEY = InputField(
    "idempotency_key",
    Kind.TEXT,
    "A unique text from the client: a repeated request within 72 hours changes nothing.",
    maximum=255,
)
EXPECTED_VERSION = InputField(
    "expected_version",
    Kind.INTEGER,
    "The `version` that the client last read.",
    required=True,
    minimum=1,
)


@dataclass(frozen=True)
class Command:
    """One mutation of the API.

    Attributes:
        name: Its name in Python; the mutation has the same name in camelCase.
        model: The type of the object that it returns.
        doc: Its description in the API.
        fields: The fields of its input, without the reason and the idempotency key.
        execute: The function that changes the object and returns it, from the unit of work and the validated values.
            It raises CommandError.
    """

    name: str
    model: type[Entity]
    doc: str
    fields: tuple[InputField, ...]
    execute: Callable[[UnitOfWork, Mapping[str, Any]], Entity]

    @property
    def all_fields(self) -> tuple[InputField, ...]:
        """All fields of the input, with the reason and the idempotency key."""
        return (*self.fields, REASON, IDEMPOTENCY_KEY)

    @cached_property
    def checker(self) -> type[BaseModel]:
        """The Pydantic model that validates the input."""
        return checker(self.name, self.all_fields)


_custom_commands: list[Command] = []


def command(own: Command) -> None:
    """Register a command that is not derived from a `MutationSpec`.

    Raises:
        LookupError: the permissions table has no entry for its type.
    """
    check_permissions(own.model)
    _custom_commands.append(own)


def all_commands() -> list[Command]:
    """Return all commands in the order of the nouns; a noun's own commands follow the standard ones."""
    order = {f"models.{noun}": place for place, noun in enumerate(NOUNS)}
    standard = (each for spec in mutation_specs() for each in _commands_of(spec))
    return sorted((*standard, *_custom_commands), key=lambda each: order[each.model.__module__])


def id_of(model: type[Entity]) -> InputField:
    """Return the input field for the id of the object to change."""
    return InputField(
        "id", Kind.REFERENCE, "The id of the object to change.", required=True, target=model, attribute=(model, "id")
    )


def _commands_of(spec: MutationSpec) -> Iterator[Command]:
    model = spec.model
    noun = snake_case(model.__name__)
    words = noun_with_article(model.__name__)
    if spec.creatable:
        doc = f"Create {words}."
        yield Command(f"create_{noun}", model, doc, fields_to_create(spec), partial(_execute_standard, create, spec))
    doc = f"Update {words}. An omitted field keeps its value; null clears it."
    fields = (id_of(model), EXPECTED_VERSION, *fields_to_update(spec))
    yield Command(f"update_{noun}", model, doc, fields, partial(_execute_standard, update, spec))
    if issubclass(model, HasStatus):
        status = model.status_type()
        to = InputField("to", Kind.ENUM, "The new status, from `availableTransitions`.", required=True, enum=status)
        doc = f"Change the status of {words}."
        fields = (id_of(model), EXPECTED_VERSION, to, *fields_of_transition(spec))
        yield Command(f"transition_{noun}", model, doc, fields, partial(_execute_standard, transition, spec))


def _execute_standard(change: Any, spec: MutationSpec, unit: UnitOfWork, values: Mapping[str, Any]) -> Entity:
    found: Entity = change(unit, spec, values)
    return found
