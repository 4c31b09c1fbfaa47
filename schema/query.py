"""The root of every query: what can be asked for first."""

from __future__ import annotations

from typing import Any

import strawberry

from resolvers.core.limits import MAX_IDS
from resolvers.core.naming import snake_case
from resolvers.query.spec import query_spec_of
from schema.builder.connections import connection_field
from schema.builder.entity_types import Node, declared_types
from schema.builder.fields import argument, field, make_type
from schema.viewer import viewer_type

#: The lists at the root, with what each holds.
LISTS = {
    "participants": ("Participant", "The states, organisations and agencies that take part in the coalition's work."),
    "expert_groups": ("ExpertGroup", "The thematic expert groups."),
    "documents": ("Document", "The register of shared documents and of the public releases that are cited."),
    "capability_areas": ("CapabilityArea", "The fields of capability that were named in public."),
    "capability_needs": ("CapabilityNeed", "What is needed, and how far it is met."),
    "roadmaps": ("Roadmap", "The plans of acquisitions."),
    "contributions": ("Contribution", "What donors give, alone or together."),
    "procurements": ("Procurement", "What the coalition buys."),
    "purchase_orders": ("PurchaseOrder", "The orders placed with suppliers."),
    "deliveries": ("Delivery", "What was handed over to Ukraine."),
    "meetings": ("Meeting", "The meetings of the Steering Group, the expert groups and the Contact Group."),
    "decisions": ("Decision", "What meetings decided, agreed or announced."),
    "audit_events": ("AuditEvent", "The trail: what was done to what you see, by whom and why, oldest first."),
    "published_figures": ("PublishedFigure", "Head-counts and totals as they were published; they may disagree."),
}


def query_type() -> Any:
    """Make the query type."""
    types = declared_types()
    fields = [
        field("viewer", viewer_type() | None, "Whoever asks; null for the public."),
        field(
            "node",
            Node | None,
            "The object of an id; null where there is none.",
            argument("id", strawberry.ID, "Its id."),
        ),
        field(
            "nodes",
            list[Node | None],
            "The objects of several ids, in their order; null where there is none.",
            argument("ids", list[strawberry.ID], f"Their ids, at most {MAX_IDS}."),
        ),
    ]
    for name, (type_name, description) in LISTS.items():
        node = types[type_name].cls
        fields.append(connection_field(name, node, description))
        for key in query_spec_of(type_name).lookup_by:
            words = f"The {type_name} with this {key}; null where there is none."
            fields.append(
                field(snake_case(type_name), node | None, words, argument(key, str, f"Its {key}, to the letter."))
            )
    return make_type("Query", "What can be asked for.", fields)
