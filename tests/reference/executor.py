"""The reference: computes every answer again with a plain executor over loaded entities, without a plan.

It shares nothing with `resolvers/` and `schema/` but the printed contract: its types
are built from `schema.graphql`'s text, its data are attributes and loaded
relations of the models. It is slow, and simple enough to be trusted.
"""

from __future__ import annotations

import datetime as dt
from enum import Enum
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from graphql import GraphQLError, build_schema, execute_sync, get_named_type, get_operation_ast, parse, validate
from graphql.execution.values import get_variable_values
from sqlalchemy import inspect, select

from models import Account, CoalitionRole, Entity, ExchangeRate
from tests.reference.aggregates import Sums, aggregate_of, money
from tests.reference.changes import add_changes, of_arguments
from tests.reference.clashes import add_clashes
from tests.reference.coverages import add_coverages
from tests.reference.explanations import explanation_of
from tests.reference.filters import MODELS, TYPES, holds, is_quantity, is_share, snake_case
from tests.reference.input_errors import InputErrors
from tests.reference.ledger_entries import add_ledger_entries
from tests.reference.ledger_totals import add_ledger_totals
from tests.reference.loading import load_entities
from tests.reference.pagination import DEFAULT_SIZE, NESTED_SIZE, Order, moment_text, page_of, quantity_text, share_text
from tests.reference.planning import add_figures, roadmap_in_force
from tests.reference.roadmap_changes import add_roadmap_changes, compared
from tests.reference.scalars import set_scalars
from tests.reference.searching import FINDS_MUCH, hits
from tests.reference.timeline_events import add_timeline
from tests.reference.viewer_lists import viewer_lists
from tests.reference.visibility import Eye, leave_what_is_seen
from tests.reference.year_gaps import add_year_gaps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphql import DocumentNode, GraphQLResolveInfo, GraphQLSchema
    from sqlalchemy.orm import Session

    from models import HasId
    from schema.contract import DescribedSchema
    from tests.reference.conversion import Rates


class RefusedError(Exception):
    """A request that the reference refuses, with a message for each fault."""

    def __init__(self, messages: Sequence[str]) -> None:
        super().__init__(*messages)
        self.messages = messages


class FieldErrors(NamedTuple):
    """The path of a field that has an error, and each message that the error may have."""

    path: tuple[str | int, ...]
    messages: Sequence[str]


def _field_errors(error: GraphQLError) -> FieldErrors:
    faults = (error.extensions or {}).get("faults")
    assert faults, error
    return FieldErrors(tuple(error.path or ()), faults)


class Reference:
    """Answers queries over the entities of one session that one viewer sees.

    Without a viewer, all entities are visible; an empty key is the public's.
    """

    def __init__(
        self,
        session: Session,
        contract: DescribedSchema,
        viewer: str | None = None,
        judged: Mapping[str, list[Any]] | None = None,
    ) -> None:
        """Load the entities; `judged` are the transitions of each, by its key, as the commands judge them."""
        self.schema = _schema(contract)
        self.judged = judged or {}
        self.entities: dict[str, list[HasId]] = load_entities(session, MODELS)
        self.rates: Rates = {}
        for each in session.scalars(select(ExchangeRate)):
            self.rates.setdefault(each.currency, []).append((each.day, each.units_per_euro, each.source))
        self.eye = Eye(None)
        if viewer is not None:
            self.eye = Eye(session.get(Account, viewer) if viewer else None)
            self.entities = leave_what_is_seen(self.entities, self.eye)
        add_figures(self.entities)
        add_clashes(self.entities)
        add_year_gaps(self.entities)
        add_ledger_entries(self.entities)
        add_ledger_totals(self.entities)
        add_coverages(self.entities)
        add_timeline(self.entities)
        add_roadmap_changes(self.entities)
        add_changes(self.entities)

    def some(self, type_name: str) -> Sequence[Any]:
        """Return the objects of a type; of hits, those of a search that finds much."""
        return hits(self.entities, {"query": FINDS_MUCH}) if type_name == "SearchHit" else self.entities[type_name]

    def answer(self, query: str, variables: Mapping[str, Any]) -> tuple[Any, list[FieldErrors]]:
        """Return the data of a query and the errors of its fields. Raises RefusedError for one that must be refused."""
        document, faults = _document(self.schema, query)
        operation = get_operation_ast(document)
        assert operation is not None
        if faults:
            raise RefusedError(faults)
        values = get_variable_values(
            self.schema, operation.variable_definitions or (), dict(variables), max_errors=5, hide_suggestions=True
        )
        if isinstance(values, list):
            raise RefusedError(["; ".join(error.message for error in values)])
        result = execute_sync(
            self.schema,
            document,
            variable_values=dict(variables),
            field_resolver=self._resolve,
            type_resolver=lambda value, _info, _type: type(value).__name__,
        )
        return result.data, [_field_errors(error) for error in result.errors or ()]

    def order(
        self, type_name: str, order_by: Sequence[dict[str, str]] | None, parent: str = "", name: str = ""
    ) -> Order:
        """Return the order of the list in field `name` of a `parent` type.

        Without `orderBy`, the parts of one object are sorted by their ordinal, and every other list by the
        contract's first order field.
        """
        fields = self.order_fields(type_name)
        model: Any = TYPES[type_name]
        back = model.parent_relation if issubclass(model, Entity) else ""
        owner = inspect(model).relationships[back] if back else None
        of_parts = owner and (owner.mapper.class_.__name__, owner.back_populates) == (parent, snake_case(name))
        is_placed = of_parts and "ORDINAL" in fields
        return Order.asked(model, order_by, "ordinal" if is_placed else fields[0].lower())

    def order_fields(self, type_name: str) -> list[str]:
        """Return the fields by which a list can be sorted."""
        fields: Any = self.schema.type_map[f"{type_name}OrderField"]
        return list(fields.values)

    def _resolve(self, source: Any, info: GraphQLResolveInfo[Any], /, **arguments: Any) -> Any:
        name, type_name = info.field_name, get_named_type(info.return_type).name
        faults = InputErrors(self.schema, self.order).of(type_name, arguments, (info.parent_type.name, name))
        if faults:
            raise GraphQLError(faults[0], extensions={"faults": faults})
        if source is None:
            return self._root(name, type_name, arguments)
        if isinstance(source, Sums):
            return source.of(name)
        if isinstance(source, dict):
            found = source[name]
            return found(**arguments) if callable(found) else found
        if name in {"explain", "transitions", "availableTransitions"}:
            return self._about(source, name, **arguments)
        if type_name.endswith("Connection"):
            parent = type(source).__name__
            return self._connection(type_name, getattr(source, snake_case(name)), arguments, (parent, name))
        return _attribute(source, snake_case(name), type_name)

    def _root(self, name: str, type_name: str, arguments: dict[str, Any]) -> Any:
        if type_name.endswith("Connection"):
            rows: Any = self._rows(name, type_name.removesuffix("Connection"), arguments)
            return None if rows is None else self._connection(type_name, rows, arguments, is_nested=False)
        if name == "viewer":
            return self._viewer()
        if name == "node":
            return self._by_id(arguments["id"])
        if name == "nodes":
            return [self._by_id(key) for key in arguments["ids"]]
        if name == "roadmapInForce":
            return roadmap_in_force(self.entities["Roadmap"], arguments.get("on") or dt.datetime.now(dt.UTC).date())
        same = [
            entity
            for entity in self.entities[type_name]
            if all(_has_or_had(entity, snake_case(key), value) for key, value in arguments.items())
        ]
        return same[0] if same else None

    def _rows(self, name: str, type_name: str, arguments: dict[str, Any]) -> Any:
        if name == "search":
            return hits(self.entities, arguments)
        if name == "changes":
            return of_arguments(self.entities[type_name], arguments)
        return compared(self.entities["Roadmap"], arguments) if name == "compareRoadmaps" else self.entities[type_name]

    def _viewer(self) -> dict[str, Any] | None:
        account = self.eye.account
        if account is None:
            return None
        lists = viewer_lists(self.entities, self.eye, account)
        return {
            "account": account,
            "participant": account.participant,
            "roles": [role.name for role in CoalitionRole if role.name in self.eye.roles],
            "permissions": self.eye.permissions(),
            **{name: self._list_of_viewer(*found) for name, found in lists.items()},
        }

    def _list_of_viewer(self, type_name: str, rows: list[Any]) -> Any:
        return lambda **arguments: self._connection(f"{type_name}Connection", rows, arguments)

    def _about(self, source: Any, name: str, figure: str = "") -> Any:
        """Return the explanation of a figure, or the judged transitions."""
        if name != "explain":
            found = self.judged[source.id]
            return found if name == "transitions" else [each["to"] for each in found if each["allowed"]]
        in_force = roadmap_in_force(self.entities["Roadmap"], dt.datetime.now(dt.UTC).date())
        explained = explanation_of(source, figure, in_force)
        rows = explained.pop("rows")
        listed = lambda **arguments: self._connection("ExplanationRowConnection", rows, arguments)  # noqa: E731
        return {**explained, "consideredRows": listed}

    def _by_id(self, global_id: str) -> HasId | None:
        type_name, _, key = global_id.partition(":")
        return next((entity for entity in self.entities[type_name] if entity.id == key), None)

    def _connection(
        self,
        type_name: str,
        entities: Sequence[HasId],
        arguments: dict[str, Any],
        place: tuple[str, str] = ("", ""),
        *,
        is_nested: bool = True,
    ) -> dict[str, Any]:
        day = arguments.get("asOf")
        found = [each for each in entities if holds(each, arguments.get("where")) and (not day or in_force(each, day))]
        order = self.order(type_name.removesuffix("Connection"), arguments.get("orderBy"), *place)
        page = page_of(found, order, arguments, NESTED_SIZE if is_nested else DEFAULT_SIZE)
        return {**page, "totalCount": len(found), "aggregate": aggregate_of(found, self.rates)}


@cache
def _schema(contract: DescribedSchema) -> GraphQLSchema:
    schema = build_schema(contract.as_str())
    set_scalars(schema)
    return schema


@lru_cache(maxsize=1)
def _document(schema: GraphQLSchema, query: str) -> tuple[DocumentNode, list[str]]:
    """Return a document and its faults; successive requests often have the same document."""
    document = parse(query)
    return document, [error.message for error in validate(schema, document)]


def _has_or_had(entity: Any, name: str, value: Any) -> bool:
    return any(getattr(each, name) == value for each in (entity, *getattr(entity, "former_names", ())))


def _attribute(source: Any, name: str, type_name: str) -> Any:
    if name == "id":
        return f"{type(source).__name__}:{source.id}"
    if type_name == "Money" and hasattr(source, f"{name}_minor"):
        minor = getattr(source, f"{name}_minor")
        return None if minor is None else money(minor, getattr(source, f"{name}_currency"))
    value = getattr(source, name)
    if type_name == "Money":
        return [money(*each) for each in value]
    if value is not None and is_share(type(source), name):
        return share_text(value)
    if value is not None and is_quantity(type(source), name):
        return quantity_text(value)
    return _json(value)


def in_force(membership: Any, day: dt.date) -> bool:
    """Return whether a membership, in the coalition or in a group, is in force on a day."""
    last = membership.valid_to if hasattr(membership, "valid_to") else membership.expires_on
    return (membership.valid_from or day) <= day <= (last or day)


def _json(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, dt.datetime):
        return moment_text(value)
    return value.isoformat() if isinstance(value, dt.date) else value
