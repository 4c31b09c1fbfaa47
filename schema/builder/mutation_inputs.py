"""The inputs of mutations, made from the input fields of the commands."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from enum import Enum
from types import NoneType
from typing import TYPE_CHECKING, Any, get_args

import strawberry
from strawberry import UNSET
from strawberry.types.field import StrawberryField

from resolvers.core.attributes import Kind
from resolvers.core.limits import MAX_LIST_ITEMS
from resolvers.core.naming import noun
from schema.builder.entity_types import declared_types
from schema.builder.enums import enum_of
from schema.builder.fields import annotation, list_of, make_input
from schema.builder.filter_inputs import CODES, PLAIN_KINDS
from schema.builder.money import MoneyInput
from schema.builder.scalars import Url

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resolvers.commands.input_fields import InputField

KINDS: dict[Kind, Any] = {
    **{kind: scalar for kind, (_, scalar, _) in PLAIN_KINDS.items()},
    Kind.EXCHANGE_RATE: Decimal,
    Kind.MONEY: MoneyInput,
    Kind.REFERENCE: strawberry.ID,
    Kind.TEXTS: list_of(str),
}

#: The constraint on a code, after its length.
CODE = " (ASCII, without spaces)"

_made: dict[str, Any] = {}


def input_type(name: str, description: str, fields: Sequence[InputField], *, one_of: bool = False) -> Any:
    """Return the input called `name`; make it on the first call."""
    if name not in _made:
        _made[name] = make_input(name, description, [_field(field) for field in fields], one_of=one_of)
    return _made[name]


def _field(field: InputField) -> StrawberryField:
    kind = _kind(field)
    optional: dict[str, Any] = {} if field.required else {"default": UNSET}
    return StrawberryField(
        python_name=field.name,
        type_annotation=annotation(kind if field.required else kind | None),
        description=" ".join([field.doc, *_constraints(field)]),
        **optional,
    )


def _kind(field: InputField) -> Any:
    if field.kind is Kind.ENUM and field.enum:
        return enum_of(field.enum)
    if field.kind is Kind.COLLECTION:
        return list_of(_owned(field) if field.item_fields else strawberry.ID)
    if field.kind is Kind.ONE_OF:
        model, name = field.attribute or (NoneType, "")
        return input_type(f"{model.__name__}{name.capitalize()}Input", field.doc, choices(field), one_of=True)
    return _code_of(field) or KINDS[field.kind]


def choices(field: InputField) -> list[InputField]:
    """Return the fields to choose from; the directive says that exactly one is required, and not null."""
    return [replace(each, required=False, nullable=True) for each in field.item_fields]


def _owned(field: InputField) -> Any:
    name = field.target.__name__ if field.target else ""
    return input_type(f"{name}Input", f"One {noun(name)} in the list.", field.item_fields)


def _code_of(field: InputField) -> Any:
    """Return the scalar of a code, from the declared type of the same attribute; None for other fields."""
    if field.is_url:
        return Url
    model, name = field.attribute or (NoneType, "")
    declared = declared_types().get(model.__name__)
    hint = declared.hints.get(name) if declared else None
    bare = next((part for part in get_args(hint) if part is not NoneType), hint)
    return bare if bare in CODES else None


def _constraints(field: InputField) -> list[str]:
    """Return the constraints on the values of a field, in sentences."""
    found = []
    if field.kind is Kind.TEXT and field.maximum:
        found.append(f"1 to {field.maximum:,} characters{CODE if field.is_code else ''}.")
    if field.minimum is not None:
        found.append(f"From {field.minimum} to {field.maximum}." if field.maximum else f"At least {field.minimum}.")
    if field.kind in {Kind.COLLECTION, Kind.TEXTS}:
        found.append(f"At most {MAX_LIST_ITEMS} items.")
    if not field.required and not field.nullable:
        found.append("Not null.")
    return found


def plain(value: Any) -> Any:
    """Return the values of an input by Python names, without omitted fields; an enum value as its name."""
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, list):
        return [plain(item) for item in value]
    definition = getattr(value, "__strawberry_definition__", None)
    if definition is None:
        return value
    found = {field.python_name: getattr(value, field.python_name) for field in definition.fields}
    return {name: plain(item) for name, item in found.items() if item is not UNSET}
