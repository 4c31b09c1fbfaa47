"""Describes the fields of inputs, once for input validation and for the GraphQL schema."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect

from models.sources.sources import CITED, Source, Sourced, sources_of
from models.types import ADDRESS, CLASSIFICATION, CODE, CPV, MAILBOX
from resolvers.commands.spec import InputSpec
from resolvers.core.attributes import Kind, attribute
from resolvers.core.naming import api_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal
    from enum import Enum

    from models import Base
    from resolvers.commands.spec import MutationSpec


@dataclass(frozen=True)
class InputField:
    """One field of an input.

    Attributes:
        name: Its name in Python; the API has the same name in camelCase.
        kind: The kind of its value. A REFERENCE is the id of an object; a COLLECTION is a list of ids or of
            `item_fields`; a ONE_OF is an object with exactly one of `item_fields`.
        doc: Its description in the API.
        required: Whether the input must have it.
        nullable: Whether null is allowed; null clears the value.
        enum: For an ENUM, the enum.
        target: For a REFERENCE or a COLLECTION, the type of the objects.
        item_fields: For a list of child objects, the fields of each item; for a ONE_OF, the fields to choose from.
        attribute: The model and the attribute that it sets, if there is one.
        minimum: For a number, the minimum.
        maximum: For a number, the maximum; for a text, the maximum number of characters.
        is_code: For a text, whether it is a code: visible ASCII characters without spaces.
        is_url: For a text, whether it is a web address.
        is_cpv: For a text, whether it is a CPV code, with or without its check digit.
        is_signed: For an amount of money, whether it can be negative.
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
    minimum: Decimal | int | None = None
    maximum: int | None = None
    is_code: bool = False
    is_url: bool = False
    is_cpv: bool = False
    is_signed: bool = False

    @property
    def api_name(self) -> str:
        """The name of the field in the API."""
        return api_name(self.name)


ITEM_VERSION = InputField(
    "expected_version",
    Kind.INTEGER,
    "The `version` of the item that the client last read: if it has another one, nothing changes. Optional.",
    minimum=1,
)


def fields_to_create(spec: InputSpec) -> tuple[InputField, ...]:
    """Return the fields of the input that creates an object."""
    return tuple(_fields(spec, (*spec.create_only, *spec.fields)))


def fields_to_update(spec: MutationSpec) -> tuple[InputField, ...]:
    """Return the fields of the input that updates an object; all are optional."""
    return tuple(replace(field, required=False) for field in _fields(spec, spec.fields))


def fields_of_transition(spec: MutationSpec) -> tuple[InputField, ...]:
    """Return the fields of a change of status beside the status: each is optional."""
    return tuple(replace(field, required=False) for field in map(partial(_field, spec), spec.transition_fields))


def _fields(spec: InputSpec, names: tuple[str, ...]) -> Iterator[InputField]:
    for name in names:
        yield _field(spec, name)
    for name, input_name in spec.many_to_many.items():
        described = attribute(spec.model, name)
        doc = f"{described.doc} The complete list of ids: others are removed."
        yield InputField(
            input_name, Kind.COLLECTION, doc, nullable=False, target=described.target, attribute=(spec.model, name)
        )
    for name, one_of in spec.one_of.items():
        choices = tuple(
            replace(_field(spec, relation), name=one_of.id_of(name, relation), nullable=False)
            for relation in one_of.relations
        )
        yield InputField(
            name,
            Kind.ONE_OF,
            one_of.doc,
            required=True,
            nullable=False,
            item_fields=choices,
            attribute=(spec.model, name),
        )
    for name, owned in spec.children.items():
        key = InputField(
            "id", Kind.REFERENCE, "The id of an existing item; omit it for a new item.", target=owned.model
        )
        items = (key, ITEM_VERSION, *fields_to_create(owned))
        doc = f"{attribute(spec.model, name).doc} The complete list: other items are removed."
        yield _list_field(spec, name, doc, owned.model, items)
    if issubclass(spec.model, Sourced):
        doc = f"{attribute(spec.model, 'sources').doc} The complete list: other sources are removed."
        citation: Any = InputSpec(sources_of(spec.model), CITED)  # type: ignore[arg-type] # a source is no entity
        items = tuple(_field(citation, name) for name in CITED)
        yield _list_field(spec, "sources", doc, Source, items)


def _list_field(spec: InputSpec, name: str, doc: str, target: type[Base], items: tuple[InputField, ...]) -> InputField:
    at = (spec.model, name)
    return InputField(name, Kind.COLLECTION, doc, nullable=False, target=target, item_fields=items, attribute=at)


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
        is_code=kind is CODE or kind is CLASSIFICATION or kind is MAILBOX,
        is_url=kind is ADDRESS,
        is_cpv=kind is CPV,
        is_signed=name in spec.signed,
    )


def _has_default(model: type[Base], name: str) -> bool:
    columns: Any = inspect(model).columns
    return name in columns and columns[name].default is not None
