"""Describes the attributes of entities, from their mappings.

The compiler, the filters and the GraphQL schema all use these descriptions, so that each column, derived value and
relation is described only once.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, BigInteger, Boolean, Date, Integer, Uuid, inspect
from sqlalchemy import Enum as EnumColumn

from models.base import Base, HasId
from models.derived.tables import unrestricted
from models.derived.values import computed
from models.types import ExchangeRate, Fraction, Quantity, UnitPrice, UtcDateTime

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.orm import RelationshipProperty
    from sqlalchemy.types import TypeEngine


class Kind(Enum):
    """The kind of an attribute's value."""

    KEY = auto()
    TEXT = auto()
    INTEGER = auto()
    BIG_INTEGER = auto()
    BOOLEAN = auto()
    DATE = auto()
    MOMENT = auto()
    ENUM = auto()
    SHARE = auto()
    QUANTITY = auto()
    UNIT_PRICE = auto()
    EXCHANGE_RATE = auto()
    TEXTS = auto()
    MONEY = auto()
    MONEY_LIST = auto()
    REFERENCE = auto()
    COLLECTION = auto()
    ONE_OF = auto()


@dataclass(frozen=True)
class Attribute:
    """One attribute: its kind, whether it can be null, its description, and its target."""

    name: str
    kind: Kind
    nullable: bool
    doc: str
    enum: type[Enum] | None = None
    target: type[Base] | None = None


@cache
def attribute(model: type[Base], name: str) -> Attribute:
    """Describe the attribute `name` of `model`. The name of an amount of money is without `_minor`.

    Raises LookupError if there is no such attribute.
    """
    mapper = inspect(model)
    descriptors = mapper.all_orm_descriptors
    if f"{name}_minor" in descriptors:
        part = attribute(model, f"{name}_minor")
        return Attribute(name, Kind.MONEY, part.nullable, part.doc)
    if name in mapper.relationships:
        return _relation(name, mapper.relationships[name])
    if name in mapper.columns:
        column = mapper.columns[name]
        kind = kind_of(column.type)
        enum = column.type.enum_class if isinstance(column.type, EnumColumn) else None
        return Attribute(name, kind, bool(column.nullable), column.doc or "", enum)
    if name in descriptors:
        return _computed(model, name, descriptors[name])
    message = f"{model.__name__} has no attribute {name!r}"
    raise LookupError(message)


@cache
def is_unit_price(model: type[Base], name: str) -> bool:
    """Return whether the amount of money `name` is the price of one unit, which can have more decimals."""
    column = inspect(model).columns.get(f"{name}_minor")
    return column is not None and isinstance(column.type, UnitPrice)


@cache
def entity_of(table: Table) -> type[HasId]:
    """Return the entity that is mapped to a table. Raises LookupError if there is none, such as for a link table."""
    for mapper in Base.registry.mappers:
        if mapper.local_table is table and issubclass(mapper.class_, HasId):
            return mapper.class_
    message = f"no entity is mapped to {table.name}"
    raise LookupError(message)


@cache
def is_computed(model: type[Base], name: str) -> bool:
    """Return whether a model has an attribute of this name that is computed from other rows."""
    try:
        described = attribute(model, name)
    except LookupError:
        return False
    column = f"{name}_minor" if described.kind is Kind.MONEY else name
    return described.kind not in {Kind.REFERENCE, Kind.COLLECTION} and column not in inspect(model).columns


def _relation(name: str, relation: RelationshipProperty[Any]) -> Attribute:
    target: type[Base] = relation.mapper.class_
    if relation.uselist:
        return Attribute(name, Kind.COLLECTION, nullable=False, doc=relation.doc or "", target=target)
    # A view-only relation to one row is the choice of one of several rows, or none.
    nullable = relation.viewonly or any(column.nullable for column in relation.local_columns)
    return Attribute(name, Kind.REFERENCE, nullable, relation.doc or "", target=target)


def _computed(model: type[Base], name: str, descriptor: Any) -> Attribute:
    declared = isinstance(descriptor, computed)
    returned = descriptor.returns if declared else str(descriptor.fget.__annotations__["return"])
    doc = _sentence(descriptor.fget.__doc__)
    if returned == "list[Money]":
        return Attribute(name, Kind.MONEY_LIST, nullable=False, doc=doc)
    found = getattr(unrestricted(model), name).type
    return Attribute(name, kind_of(found), "None" in returned, doc, getattr(found, "enum_class", None))


def _sentence(doc: str | None) -> str:
    return " ".join((doc or "").split())


#: The kind of each column type; a subclass comes before the type it extends.
KINDS: tuple[tuple[type[Any], Kind], ...] = (
    (Fraction, Kind.SHARE),
    (Quantity, Kind.QUANTITY),
    (UnitPrice, Kind.UNIT_PRICE),
    (ExchangeRate, Kind.EXCHANGE_RATE),
    (EnumColumn, Kind.ENUM),
    (Boolean, Kind.BOOLEAN),
    (BigInteger, Kind.BIG_INTEGER),
    (Integer, Kind.INTEGER),
    (Date, Kind.DATE),
    (UtcDateTime, Kind.MOMENT),
    (Uuid, Kind.KEY),
    (JSON, Kind.TEXTS),
)


def kind_of(column_type: TypeEngine[Any]) -> Kind:
    """Return the kind of a column type; every other type is TEXT."""
    return next((kind for held, kind in KINDS if isinstance(column_type, held)), Kind.TEXT)
