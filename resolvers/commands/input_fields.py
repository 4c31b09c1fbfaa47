"""What an input may hold: its fields, described once for whoever checks them and for the contract."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect

from models.types import CODE, MAILBOX
from resolvers.core.attributes import Kind, attribute
from resolvers.core.naming import api_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from enum import Enum

    from models import Base
    from resolvers.commands.spec import InputSpec, MutationSpec


@dataclass(frozen=True)
class InputField:
    """One field of an input.

    Attributes:
        name: Its name in Python; the API's is the same in camelCase.
        kind: What it holds. A REFERENCE is the id of an object, a COLLECTION a list: of ids, or of `item_fields`.
        doc: Its description.
        required: Whether it must be there.
        nullable: Whether null is allowed, which clears it.
        enum: Of an ENUM, which.
        target: Of a REFERENCE or a list of ids, the type of the objects.
        item_fields: Of a list of owned objects, the fields of each.
        attribute: The model and attribute it is written to, where there is one.
        minimum: Of a number, the least.
        maximum: Of a number, the most; of a text, how many characters.
        is_code: Of a text, whether it is a code: characters of ASCII that can be seen, without spaces.
    """

    name: str
    kind: Kind
    doc: str
    required: bool = False
    nullable: bool = True
    enum: type[Enum] | None = None
    target: type[Base] | None = None
    item_fields: tuple[InputField, ...] = ()
    attribute: tuple[type[Base], str] | None = None
    minimum: int | None = None
    maximum: int | None = None
    is_code: bool = False

    @property
    def api_name(self) -> str:
        """Its name in the API."""
        return api_name(self.name)


def fields_to_create(spec: InputSpec) -> tuple[InputField, ...]:
    """Give the fields of the input that makes an object."""
    return tuple(_fields(spec, (*spec.create_only, *spec.fields)))


def fields_to_update(spec: MutationSpec) -> tuple[InputField, ...]:
    """Give the fields of the input that changes an object: each may be left out."""
    return tuple(replace(field, required=False) for field in _fields(spec, spec.fields))


def _fields(spec: InputSpec, names: tuple[str, ...]) -> Iterator[InputField]:
    for name in names:
        yield _field(spec, name)
    for name, input_name in spec.many_to_many.items():
        described = attribute(spec.model, name)
        doc = f"{described.doc} The complete list of ids: others are removed."
        yield InputField(
            input_name, Kind.COLLECTION, doc, nullable=False, target=described.target, attribute=(spec.model, name)
        )
    for name, owned in spec.children.items():
        key = InputField(
            "id", Kind.REFERENCE, "The id of an existing item; omit it for a new item.", target=owned.model
        )
        items = (key, *fields_to_create(owned))
        doc = f"{attribute(spec.model, name).doc} The complete list: other items are removed."
        yield InputField(name, Kind.COLLECTION, doc, nullable=False, item_fields=items, attribute=(spec.model, name))


def _field(spec: InputSpec, name: str) -> InputField:
    model = spec.model
    described = attribute(model, name)
    least, most = spec.ranges.get(name, (None, None))
    kind: Any = inspect(model).columns[name].type if described.kind is Kind.TEXT else None
    if kind is not None:
        most = getattr(kind, "length", None)
    return InputField(
        f"{name}_id" if described.kind is Kind.REFERENCE else name,
        described.kind,
        described.doc,
        required=not described.nullable and not _has_default(model, name) and name not in spec.auto_named,
        nullable=described.nullable,
        enum=described.enum,
        target=described.target,
        attribute=(model, name),
        minimum=least,
        maximum=most,
        is_code=kind is CODE or kind is MAILBOX,
    )


def _has_default(model: type[Base], name: str) -> bool:
    columns: Any = inspect(model).columns
    return name in columns and columns[name].default is not None
