"""Declares the queries and commands of suppliers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models import Supplier
from resolvers.commands.errors import INPUT, Violation
from resolvers.commands.spec import MutationSpec, register_mutation_spec
from resolvers.commands.uniqueness import unique_among_visible
from resolvers.core.naming import api_name
from resolvers.people.expert_groups import group_is_active
from resolvers.query.spec import QuerySpec, register_query_spec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from resolvers.commands.unit_of_work import UnitOfWork

register_query_spec(
    QuerySpec(
        Supplier,
        filterable=(
            "id",
            "reference",
            "name",
            "identifier",
            "identifier_scheme",
            "country_code",
            "marking",
            "group",
            "awards",
            "purchase_orders",
            "created_at",
            "updated_at",
        ),
        sortable=("reference", "name", "country_code", "created_at", "updated_at"),
        groupable=("marking", "country_code", "group"),
    )
)


def _identifier_has_its_scheme(unit: UnitOfWork, row: Supplier) -> Iterator[Violation]:
    """An identifier says something only with the register that issued it."""
    if (row.identifier is None) != (row.identifier_scheme is None):
        missing = "identifier" if row.identifier is None else "identifier_scheme"
        at = missing if missing in unit.input else ({"identifier", "identifier_scheme"} - {missing}).pop()
        message = f"{api_name(missing)} is missing. Set identifier and identifierScheme, or neither."
        yield Violation((*INPUT, api_name(at)), "identifier", message)


register_mutation_spec(
    MutationSpec(
        Supplier,
        fields=("reference", "name", "identifier_scheme", "identifier", "country_code", "marking", "group"),
        auto_named=("reference",),
        name_prefix="SUP",
        many_to_many={"recipients": "recipient_ids"},
        validators=(
            group_is_active,
            _identifier_has_its_scheme,
            unique_among_visible("identifier", "identifier_scheme"),
        ),
    )
)
