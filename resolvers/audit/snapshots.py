"""The states of objects in audit events, as JSON: the API's names, amounts with currency, references as ids."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect

from models.money import Money, Price
from models.sources.sources import CITED, Sourced
from resolvers.core.attributes import is_unit_price
from resolvers.core.codecs import to_json
from resolvers.core.naming import api_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sqlalchemy.orm import Mapper

    from models import Entity, Source

#: Columns that every write changes, that follow from the status, or that are as before when a change ends: an audit
#: event leaves them out.
BOOKKEEPING = frozenset({"created_at", "updated_at", "version", "visible_since", "in_transit"})

#: Personal data, which an audit event leaves out: it identifies people by their accounts. Also the text of comments, of
#: which nothing stays when they are withdrawn.
REDACTED = frozenset({"email", "issuer", "subject", "person_name", "phone", "availability", "content"})


def snapshot(row: Entity) -> dict[str, Any]:
    """Return the state of an object as JSON: its columns, the ids of its references, and its loaded links."""
    mapper: Mapper[Any] = inspect(type(row))
    found = {name: to_json(getattr(row, name)) for name in _columns(mapper)}
    loaded = inspect(row).dict
    found |= {name: keys_of(loaded[name]) for name in _links(mapper) if name in loaded}
    if isinstance(row, Sourced) and "sources" in loaded:
        found["sources"] = sources_as_json(row.sources)
    return dict(api_values(found, mapper))


def changed_attributes(row: Entity) -> Iterator[tuple[str, Any]]:
    """Yield the API's name and the old value of every changed attribute of a row."""
    state = inspect(row)
    mapper: Mapper[Any] = state.mapper
    was: dict[str, Any] = {}
    for name in _columns(mapper):
        history = state.attrs[name].history
        if history.has_changes():
            was[name] = to_json(history.deleted[0]) if history.deleted else None
    for name in _links(mapper):
        history = state.attrs[name].history
        if history.has_changes():
            was[name] = keys_of([*history.unchanged, *history.deleted])
    was |= _former_sources(row)
    # Only one of an amount's two columns can change.
    for name in list(was):
        stem = name.removesuffix("_minor").removesuffix("_currency")
        if stem != name:
            for part in (f"{stem}_minor", f"{stem}_currency"):
                was.setdefault(part, to_json(getattr(row, part)))
    yield from api_values(was, mapper)


def _former_sources(row: Entity) -> dict[str, Any]:
    """Return the sources of a row before the change, as `sources`; nothing if they do not change."""
    if not isinstance(row, Sourced) or "sources" not in inspect(row).dict:
        return {}
    history = inspect(row).attrs["sources"].history
    former = sources_as_json([*history.unchanged, *history.deleted], _former_value)
    return {"sources": former} if former != sources_as_json(row.sources) else {}


def sources_as_json(sources: Iterable[Source], value: Callable[[Source, str], Any] = getattr) -> list[dict[str, Any]]:
    """Return the attributes of sources in their order; `value` returns one attribute of a source."""
    ordered = sorted(sources, key=lambda source: value(source, "ordinal"))
    return [{api_name(name): to_json(value(source, name)) for name in CITED} for source in ordered]


def _former_value(source: Source, name: str) -> Any:
    history = inspect(source).attrs[name].history
    return history.deleted[0] if history.deleted else getattr(source, name)


def redacted_changes(row: Entity) -> set[str]:
    """Return the attributes of a row whose redacted values change. The event records the change without the values."""
    state = inspect(row)
    names = REDACTED.intersection(state.mapper.columns.keys())
    return {name for name in names if state.attrs[name].history.has_changes()}


def _columns(mapper: Mapper[Any]) -> list[str]:
    computed = {attribute.key for attribute in mapper.column_attrs if attribute.columns[0].computed is not None}
    return [
        attribute.key for attribute in mapper.column_attrs if attribute.key not in BOOKKEEPING | REDACTED | computed
    ]


def _links(mapper: Mapper[Any]) -> list[str]:
    return [
        relation.key for relation in mapper.relationships if relation.secondary is not None and not relation.viewonly
    ]


def keys_of(rows: Any) -> list[str]:
    """Return the ids of objects, sorted."""
    return sorted(f"{type(row).__name__}:{row.id}" for row in rows)


def api_values(found: dict[str, Any], mapper: Mapper[Any]) -> Iterator[tuple[str, Any]]:
    """Yield the API's names and values: amounts with currency, references as ids."""
    targets = {
        next(iter(relation.local_columns)).key: relation.mapper.class_.__name__
        for relation in mapper.relationships
        if relation.secondary is None and not relation.uselist
    }
    targets["id"] = mapper.class_.__name__
    model: Any = mapper.class_

    def is_price(stem: str) -> bool:
        return is_unit_price(model, stem)

    for name, value in found.items():
        if name.endswith("_minor"):
            stem = name.removesuffix("_minor")
            currency = found[f"{stem}_currency"]
            yield api_name(stem), value if value is None else {
                "amount": _amount(value, currency, is_price(stem)), "currency": currency,
            }  # fmt: skip
        elif not name.endswith("_currency"):
            yield api_name(name), f"{targets[name]}:{value}" if name in targets and value else value


def _amount(minor: int | str, currency: str, is_price: bool) -> str:  # noqa: FBT001 - it follows from the attribute
    return Price(Decimal(minor), currency).amount if is_price else Money(int(minor), currency).amount
