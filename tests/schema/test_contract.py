"""The contract: committed as it is served, described throughout, true to the models, and never broken in silence."""

from __future__ import annotations

import re
import subprocess
from inspect import getattr_static
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    build_schema,
    find_breaking_changes,
    get_named_type,
)
from sqlalchemy import Enum as EnumColumn
from sqlalchemy import inspect

import models
from models import Base, HasId
from models.derived.values import computed
from resolvers.query.fields.changed_objects import OBJECT_FIELDS
from resolvers.query.fields.explanations import EXPLAIN
from resolvers.query.fields.judged_fields import is_judged
from schema import schema
from tests.reference.filters import MODELS, snake_case

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
COMMITTED = "schema/schema.graphql"
CONTRACT = build_schema(schema.as_str())

#: What may be filtered or sorted by without an index that begins with it: it is computed from other rows.
SUMMED = {"counts_in_sums", "left_out_of_sums"}
COVERAGE = {
    *(
        f"{name}_quantity"
        for name in ("planned", "ordered", "in_transit", "received", "rejected", "in_kind", "not_yet_secured")
    ),
    *(f"{name}_amount" for name in ("planned", "pledged", "funded", "ordered", "in_kind", "unmet")),
    *("unmet_amount_after_in_kind", "funded_share", "covered_share", "funding_is_lower_bound"),
}
FUNDED = {"funded_amount", "pledged_amount", "unmet_amount", "funded_share"}
DERIVED = {
    "ActionItem": {"is_overdue"},
    "Attendee": {"is_delegate"},
    "Milestone": {"is_overdue"},
    "CapabilityNeed": {"accepted_quantity", "outstanding_quantity", "fulfilment", *COVERAGE, *SUMMED},
    "CommentThread": {"is_resolved"},
    "ContributionDonor": {*SUMMED},
    "Contribution": {"announced_year", "unallocated", "paid", "donor_codes", *SUMMED},
    "ContributionTranche": {"paid"},
    "Delivery": {"received_year", *SUMMED},
    "Disbursement": {"paid_year"},
    "Document": {"is_expired"},
    "Meeting": {"held_year"},
    "GroupMembership": {"in_force"},
    "Procurement": {"is_overdue", "priority", "priority_rank", "called_off", "remaining", *SUMMED, *FUNDED},
    "ReviewRequest": {"is_overdue", "is_stale"},
    "Roadmap": {"is_in_force"},
    "PurchaseOrder": {"delivered_share", *SUMMED},
}

#: Words with which the description of a breaking change may begin.
WORDS = {"Argument", "Directive", "Enum", "Field", "Input", "Interface", "Member", "Required", "Type", "Union", "Value"}


def own_types() -> list[Any]:
    return [kind for name, kind in CONTRACT.type_map.items() if not name.startswith("__")]


def described() -> Iterator[tuple[str, str | None]]:
    """Yield everything in the contract that needs a description: its place, and its description."""
    builtin = {"Boolean", "ID", "Int", "String", "Float"}
    for kind in own_types():
        if kind.name in builtin:
            continue
        yield kind.name, kind.description
        if isinstance(kind, GraphQLEnumType):
            yield from ((f"{kind.name}.{name}", value.description) for name, value in kind.values.items())
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for name, field in kind.fields.items():
                yield f"{kind.name}.{name}", field.description
                arguments: dict[str, Any] = getattr(field, "args", {})
                yield from ((f"{kind.name}.{name}({each})", arguments[each].description) for each in arguments)


def test_the_committed_contract_is_the_one_that_is_served() -> None:
    assert (ROOT / COMMITTED).read_text() == schema.as_str().rstrip("\n") + "\n", (
        "print it anew: uv run coalition schema > schema/schema.graphql"
    )


def test_everything_in_the_contract_is_described() -> None:
    places = dict(described())
    assert len(places) > 1000
    assert [place for place, words in places.items() if not (words or "").strip()] == []


def test_descriptions_are_sentences() -> None:
    assert [place for place, words in described() if not (words or "").strip().endswith((".", "?", "`"))] == []


def test_enum_values_are_upper_case_and_fields_camel_case() -> None:
    for kind in own_types():
        if isinstance(kind, GraphQLEnumType):
            assert all(name == name.upper() for name in kind.values)
        elif hasattr(kind, "fields"):
            assert all("_" not in name and name[0].islower() for name in kind.fields)


def models_of(type_name: str) -> list[type[Base]]:
    if type_name != "Source":
        return [MODELS[type_name]]
    found = [mapper.class_ for mapper in Base.registry.mappers]
    return [model for model in found if issubclass(model, models.Source)]


def is_nullable(model: type[Base], name: str) -> bool:
    """Return whether an attribute can be null, from its column, its foreign key or the return type of its property."""
    mapper = inspect(model)
    name = f"{name}_minor" if f"{name}_minor" in mapper.all_orm_descriptors else name
    if name in mapper.columns:
        return bool(mapper.columns[name].nullable)
    if name in mapper.relationships:
        relation = mapper.relationships[name]
        return not relation.uselist and (relation.viewonly or any(column.nullable for column in relation.local_columns))
    if is_judged(model, name):
        # The rules of commands judge it, and every object has a list of them.
        return False
    if model is models.Change and name in OBJECT_FIELDS:
        # Every change has an object, and not every object has a title.
        return name == "title"
    descriptor: Any = getattr_static(model, name)
    if isinstance(descriptor, computed):
        return "None" in descriptor.returns
    function = getattr(descriptor, "fget", None) or getattr(descriptor, "func", descriptor)
    return "None" in str(function.__annotations__["return"])


@pytest.mark.parametrize("type_name", [*MODELS, "Source"])
def test_a_field_is_nullable_where_the_model_is(type_name: str) -> None:
    kind: Any = CONTRACT.type_map[type_name]
    for model in models_of(type_name):
        wrong = [
            name
            for name, field in kind.fields.items()
            # An explanation is no attribute; it is null only if its arguments are not allowed.
            if name != EXPLAIN and isinstance(field.type, GraphQLNonNull) == is_nullable(model, snake_case(name))
        ]
        assert wrong == []


@pytest.mark.parametrize("type_name", MODELS)
def test_an_enum_of_the_contract_has_the_values_of_the_model_s(type_name: str) -> None:
    kind: Any = CONTRACT.type_map[type_name]
    for name, column in inspect(MODELS[type_name]).columns.items():
        field = kind.fields.get("".join([name.split("_")[0], *(part.title() for part in name.split("_")[1:])]))
        if field and isinstance(column.type, EnumColumn):
            values: Any = get_named_type(field.type)
            assert list(values.values) == list(column.type.enums)


def offered(type_name: str) -> Iterator[str]:
    """Yield the attributes by which a list can be filtered or sorted."""
    where: Any = CONTRACT.type_map[f"{type_name}Where"]
    order: Any = CONTRACT.type_map[f"{type_name}OrderField"]
    # `search` has an index of its own, of the table `search_entries`.
    yield from (snake_case(name) for name in where.fields if name not in {"and", "or", "not", "search"})
    yield from (name.lower() for name in order.values)


def column_of(model: type[HasId], name: str) -> list[tuple[Any, str]]:
    """Return the column an index must begin with so that `name` can be looked up, and the table it is in."""
    mapper = inspect(model)
    if name not in mapper.relationships:
        return [(model, f"{name}_currency" if hasattr(model, f"{name}_minor") else name)]
    relation = mapper.relationships[name]
    target = relation.mapper.class_
    if relation.secondary is not None:
        return [(relation.secondary, column.name) for _, column in relation.synchronize_pairs]
    pairs = relation.local_remote_pairs or []
    # Any of the pairs of a key of several columns will do: the others only repeat what it says.
    return [(target, remote.name) if relation.uselist else (model, local.name) for local, remote in pairs[:1]]


def indexed_columns(place: Any) -> set[str]:
    table: Any = inspect(place).local_table if isinstance(place, type) else place
    keys = [table.primary_key, *(rule for rule in table.constraints if type(rule).__name__ == "UniqueConstraint")]
    return {next(iter(each.columns)).name for each in (*table.indexes, *keys)}


@pytest.mark.parametrize("type_name", MODELS)
def test_whatever_may_be_filtered_or_sorted_by_begins_an_index(type_name: str) -> None:
    model = MODELS[type_name]
    without = {
        name
        for name in offered(type_name)
        for place, column in column_of(model, name)
        if column not in indexed_columns(place)
    }
    assert without == DERIVED.get(type_name, set()) & set(offered(type_name))
    for name in without:
        assert name not in inspect(model).columns


def committed_before() -> str | None:
    """Return the contract of the last commit, None where there is no repository or it had none."""
    command = ["git", "show", f"HEAD:{COMMITTED}"]
    shown = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    return shown.stdout if shown.returncode == 0 else None


def unreleased() -> str:
    """Return the part of the changelog about the next release."""
    text = (ROOT / "CHANGELOG.md").read_text()
    return text.partition("## Unreleased")[2].partition("\n## ")[0]


def unannounced(before: str, after: str, changelog: str) -> list[str]:
    """Return the breaking changes that a changelog does not mention by the field or type they break."""
    changes = [change.description for change in find_breaking_changes(build_schema(before), build_schema(after))]
    return [change for change in changes if not any(name in changelog for name in broken_by(change))]


def broken_by(change: str) -> list[str]:
    """Return the names that a breaking change breaks, from its description: a field of a type, or else types."""
    fields = re.findall(r"\w+\.\w+", change)
    return fields[:1] or [name for name in re.findall(r"\w+", change) if name[0].isupper() and name not in WORDS]


def test_a_breaking_change_has_a_line_in_the_changelog() -> None:
    before = committed_before()
    assert unannounced(before or schema.as_str(), schema.as_str(), unreleased()) == []


def test_a_breaking_change_without_a_line_is_found() -> None:
    before, after = "type Query { old: Int new: Int }", "type Query { new: Int }"
    assert unannounced(before, after, "") == ["Field Query.old was removed."]
    assert unannounced(before, after, "- `Query.new` is new.") == ["Field Query.old was removed."]
    assert unannounced(before, after, "- `Query.old` is gone; use `Query.new`.") == []
    assert unannounced(after, before, "") == []
