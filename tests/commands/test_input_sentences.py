"""For every bound that a value breaks, the response has a sentence of ours, with the bound and what to send."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

import pytest
from pydantic_core.core_schema import ErrorType

from resolvers.commands.command import all_commands
from resolvers.commands.errors import ValidationError
from resolvers.commands.input_validation import SENTENCES, WORD_LENGTH, check
from resolvers.core.attributes import Kind
from resolvers.core.limits import MAX_LIST_ITEMS
from resolvers.nouns import load_nouns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from resolvers.commands.command import Command
    from resolvers.commands.errors import Violation
    from resolvers.commands.input_fields import InputField

load_nouns()

#: Pydantic's types of errors, and how its own messages begin.
KNOWN = frozenset(get_args(ErrorType))
RAW = ("Input should", "Field required", "Extra inputs", "String should", "List should", "Value error", "Decimal input")


class Break(NamedTuple):
    """A value that a field does not allow: where it is put, and the bound that the sentence names."""

    path: tuple[str | int, ...]
    value: Any
    bound: str


def breaks_of(fields: Sequence[InputField], *above: str | int) -> Iterator[Break]:
    """Yield, for each bound of each field at every depth, a value just beyond it."""
    for field in fields:
        at = (*above, field.name)
        if field.kind is Kind.TEXT and field.maximum is not None:
            yield Break(at, "x" * (field.maximum + 1), str(field.maximum))
        elif field.kind in {Kind.INTEGER, Kind.BIG_INTEGER, Kind.QUANTITY}:
            least = Decimal("0.001") if field.kind is Kind.QUANTITY else 1
            if field.minimum is not None:
                yield Break(at, field.minimum - least, str(field.minimum))
            if field.maximum is not None:
                yield Break(at, field.maximum + least, str(field.maximum))
        elif field.kind is Kind.TEXTS:
            yield Break(at, [str(place) for place in range(MAX_LIST_ITEMS + 1)], str(MAX_LIST_ITEMS))
            yield Break((*at, 0), "x" * (WORD_LENGTH + 1), str(WORD_LENGTH))
        elif field.kind is Kind.COLLECTION:
            yield Break(at, [{}] * (MAX_LIST_ITEMS + 1) if field.item_fields else ids(field), str(MAX_LIST_ITEMS))
            yield from breaks_of(field.item_fields, *at, 0)
        elif field.kind is Kind.ONE_OF:
            yield from breaks_of(field.item_fields, *at)


def ids(field: InputField) -> list[str]:
    assert field.target is not None
    return [f"{field.target.__name__}:00000000-0000-0000-0000-{place:012}" for place in range(MAX_LIST_ITEMS + 1)]


def holding(path: tuple[str | int, ...], value: Any) -> Any:
    """Return an input that has a value at a path, and nothing else."""
    for step in reversed(path):
        value = [value] if isinstance(step, int) else {step: value}
    return value


def violations_of(command: Command, given: Any) -> Sequence[Violation]:
    with pytest.raises(ValidationError) as caught:
        check(command.checker, given)
    return caught.value.violations


@pytest.mark.parametrize("command", all_commands(), ids=lambda command: command.name)
def test_every_bound_of_every_field_is_said_in_a_sentence(command: Command) -> None:
    for path, value, bound in breaks_of(command.all_fields):
        found = violations_of(command, holding(path, value))
        for each in found:
            assert not any(words in each.message for words in (*RAW, "Decimal(")), each
            assert each.message.endswith("."), each
        at = tuple(
            "".join(part.title() if place else part for place, part in enumerate(str(step).split("_"))) for step in path
        )
        (said,) = [each.message for each in found if each.path[1:] == at and each.rule in SENTENCES]
        assert bound in said, (path, said)
        assert "Send" in said or "Shorten" in said


def test_the_table_names_errors_of_pydantic() -> None:
    assert set(SENTENCES) <= KNOWN


def test_bounds_of_every_kind_are_walked() -> None:
    found = [each.bound for command in all_commands() for each in breaks_of(command.all_fields)]
    assert len(found) > 300
    rules = {
        each.rule
        for command in all_commands()
        for path, value, _ in breaks_of(command.all_fields)
        for each in violations_of(command, holding(path, value))
    }
    assert set(SENTENCES) <= rules
