"""The search in the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import strawberry

import models
from models import SearchedType
from resolvers.core.limits import MAX_SEARCH_LENGTH, MAX_SEARCH_WORDS
from schema.builder.entity_types import Node, entity_type
from schema.builder.fields import argument

if TYPE_CHECKING:
    from schema.documents.comment_threads import Comment
    from schema.documents.document_versions import DocumentVersion
    from schema.documents.documents import Document
    from schema.funding.contributions import Contribution
    from schema.meetings.action_items import ActionItem
    from schema.meetings.decisions import Decision
    from schema.meetings.meetings import Meeting
    from schema.orders.purchase_orders import PurchaseOrder
    from schema.people.expert_groups import ExpertGroup
    from schema.people.participants import Participant
    from schema.planning.capability_needs import CapabilityNeed
    from schema.procurement.procurements import Procurement

#: It has no base in common with the entities that are stored.
_MODEL: Any = models.SearchHit

QUERY = f"""The words to find, at most {MAX_SEARCH_WORDS} words and {MAX_SEARCH_LENGTH} characters. All of them must be
    found. `"air defence"` finds a phrase, `termin*` words that begin so, `-training` objects without this word,
    `drones OR radars` one of the two, `PROC-001` a reference. Case and accents do not matter, and a misspelled word is
    found, too."""


@strawberry.type(description="A part of a text, and whether the search found it.")
class TextPart:
    """A part of a text, and whether the search found it."""

    text: str = strawberry.field(description="The text of this part. All parts together are the text.")
    is_match: bool = strawberry.field(description="Whether the search found this part.")


@entity_type(
    _MODEL,
    root="search",
    description=(
        "The objects that contain these words, the best match first. It finds only what the viewer sees. Null if "
        "`query` is not allowed."
    ),
    arguments=(argument("query", str, " ".join(QUERY.split())),),
)
class SearchHit(Node):
    """A hit of a search."""

    kind: SearchedType  # pyright: ignore[reportInvalidTypeForm] - made of the declared types
    rank: int
    reference: str | None
    title: list[TextPart] | None
    snippet: list[TextPart] | None
    group: ExpertGroup | None
    need: CapabilityNeed | None
    procurement: Procurement | None
    purchase_order: PurchaseOrder | None
    document: Document | None
    document_version: DocumentVersion | None
    contribution: Contribution | None
    meeting: Meeting | None
    decision: Decision | None
    action_item: ActionItem | None
    participant: Participant | None
    expert_group: ExpertGroup | None
    comment: Comment | None
