"""The GraphQL contract: types, inputs, the query root, and the printed `schema.graphql`.

Each noun's file declares its types as classes with annotated fields; the class says
which model it represents, and every field has the name of the model's attribute.
Descriptions are not repeated here: they are the words of the model.

Shared by all: `entities` (how declared classes become Strawberry types), `fields` (how
a field, its arguments and its type are put together), `connections` (pages, orders,
aggregates), `filters` (the inputs of `where`), `enums`, `scalars`, `money`, `query`
(the root), `reading` with `lane` (how a query is answered by the read plan), `mutations`
(the other root: a field for each command), `inputs` and `outcomes` (what it takes and
answers), `answering` with `executor` (how the plan reads what was changed), `contract`
(the whole, and its description) and `limiting` with `limits`, `measuring` and `refusals`
(how much may be asked).

What may not live here: SQL and HTTP. A field has no resolver of its own: its data comes
from the plan, which knows it by the type it gives and the attribute it is named after.

To add a noun: write `schema/<noun>.py`, import it below, add its list to `query.LISTS`
and print the contract anew with `uv run coalition schema > schema/schema.graphql`.
"""

from strawberry.schema.config import StrawberryConfig

from schema import (
    accounts,
    audit,
    capability_needs,
    contributions,
    deliveries,
    documents,
    expert_groups,
    meetings,
    participants,
    procurements,
    purchase_orders,
    roadmaps,
    sources,
)
from schema.connections import connection_field
from schema.contract import DESCRIPTION, Contract
from schema.entities import make_types
from schema.executor import SplicingExecutor
from schema.limiting import Limiting
from schema.mutations import mutation_type
from schema.query import query_type
from schema.reading import ReadPlan
from schema.scalars import SCALARS

__all__ = [
    "accounts",
    "audit",
    "capability_needs",
    "contributions",
    "deliveries",
    "documents",
    "expert_groups",
    "meetings",
    "participants",
    "procurements",
    "purchase_orders",
    "roadmaps",
    "schema",
    "sources",
]

_types = make_types(connection_field)

schema = Contract(
    description=DESCRIPTION,
    query=query_type(),
    mutation=mutation_type(),
    execution_context_class=SplicingExecutor,
    types=_types,
    extensions=[ReadPlan, Limiting],
    config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=True),
)
