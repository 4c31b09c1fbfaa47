"""Declares the queries of links of documents, and the rules of the links that a document is written with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models import DocumentLink
from models.documents.document_links import LINKED
from resolvers.commands.errors import INPUT
from resolvers.commands.spec import ChildSpec
from resolvers.meetings.action_items import targets_are_one_thing_each
from resolvers.query.spec import QuerySpec, register_query_spec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models import Document
    from resolvers.commands.errors import Violation
    from resolvers.commands.unit_of_work import UnitOfWork

register_query_spec(
    QuerySpec(
        DocumentLink,
        filterable=("id", "ordinal", "ocds_type", "document", *LINKED, "created_at", "updated_at"),
        sortable=("ordinal", "created_at", "updated_at"),
        groupable=("ocds_type",),
    )
)

LINK = ChildSpec(DocumentLink, fields=("ocds_type", *LINKED), back="document")


def each_object_is_linked_once(_unit: UnitOfWork, row: Document) -> Iterator[Violation]:
    """Check that each link names one object, and no two the same."""
    yield from targets_are_one_thing_each(row.links, (*INPUT, "links"), LINKED)
