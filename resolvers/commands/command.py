"""Commands: what can be asked to be changed, each with the fields of its input and what it does.

`create…`, `update…` and `transition…` follow from what a noun declares as writable; anything
else a noun's file declares as a `Command` of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from models import Staged
from resolvers.commands.input_fields import Given, fields_to_create, fields_to_update
from resolvers.commands.input_validation import checker
from resolvers.commands.spec import all_writings
from resolvers.commands.standard_changes import create, transition, update
from resolvers.core.attributes import Kind
from resolvers.core.naming import snake_case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pydantic import BaseModel

    from models import Entity
    from resolvers.commands.spec import Writing
    from resolvers.commands.unit_of_work import Unit

REASON = Given("reason", Kind.TEXT, "Why, for the trail; needed where a marking is lowered.", most=4000)
IDEMPOTENCY_KEY = Given(
    "idempotency_key",
    Kind.TEXT,
    "A text of your own that marks this change: sent again with the same input within 72 hours, it changes nothing "
    "more and gives the same object.",
    most=255,
)
EXPECTED_VERSION = Given(
    "expected_version",
    Kind.INTEGER,
    "The version you read; where the object has another by now, nothing is changed.",
    required=True,
    least=1,
)


@dataclass(frozen=True)
class Command:
    """Something that can be asked for.

    Attributes:
        name: Its name in Python; the mutation's is the same in camelCase.
        model: The type of the object it gives.
        doc: Its description.
        fields: The fields of its input, beside the reason and the idempotency key.
        act: What it does: from the unit of work and the checked values to the object. Raises RefusalError.
    """

    name: str
    model: type[Entity]
    doc: str
    fields: tuple[Given, ...]
    act: Callable[[Unit, Mapping[str, Any]], Entity]

    @property
    def all_fields(self) -> tuple[Given, ...]:
        """All fields of its input."""
        return (*self.fields, REASON, IDEMPOTENCY_KEY)

    @cached_property
    def checker(self) -> type[BaseModel]:
        """What checks its input."""
        return checker(self.name, self.all_fields)


_own: list[Command] = []


def command(own: Command) -> None:
    """Add a command that does not follow from a noun's `Writing`."""
    _own.append(own)


def all_commands() -> list[Command]:
    """Give every command, in the order of the nouns."""
    return [*(each for writing in all_writings() for each in _commands_of(writing)), *_own]


def id_of(model: type[Entity]) -> Given:
    """Give the field that names the object to be changed."""
    return Given("id", Kind.REFERENCE, "The id of the object.", required=True, target=model, of=(model, "id"))


def _commands_of(writing: Writing) -> Iterator[Command]:
    model = writing.model
    noun = snake_case(model.__name__)
    words = " ".join((model.__doc__ or "").split())
    if writing.creates:
        doc = f"Enter a {model.__name__}. {words}"
        yield Command(f"create_{noun}", model, doc, fields_to_create(writing), partial(_do, create, writing))
    doc = f"Change a {model.__name__}: what is left out stays, null clears."
    fields = (id_of(model), EXPECTED_VERSION, *fields_to_update(writing))
    yield Command(f"update_{noun}", model, doc, fields, partial(_do, update, writing))
    if issubclass(model, Staged):
        status = type(next(iter(model.transitions)))
        to = Given(
            "to", Kind.ENUM, "The status it is to have; `availableTransitions` lists them.", required=True, enum=status
        )
        doc = f"Change the status of a {model.__name__}."
        fields = (id_of(model), EXPECTED_VERSION, to)
        yield Command(f"transition_{noun}", model, doc, fields, partial(_do, transition, writing))


def _do(change: Any, writing: Writing, unit: Unit, values: Mapping[str, Any]) -> Entity:
    found: Entity = change(unit, writing, values)
    return found
