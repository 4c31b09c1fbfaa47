"""The GraphQL contract: types, inputs, the query root, and the printed `schema.graphql`.

The nouns are in packages by subject, the same on every floor. A noun's file declares its types as classes with
annotated fields: the class names its model, and each field has the name of the model's attribute. The descriptions
come from the model. Packages hold the rest, and imports go one way:

    root (`query`, `mutations`, `viewer`, `contract`, `nouns`) → nouns → builder → execution → limits
    → strawberry_internals

To add a noun, see `docs/guides/adding-a-noun.md`.

SQL, HTTP and resolvers of single fields do not belong here: the query compiler reads the data.
"""

from strawberry.schema.config import StrawberryConfig

from schema.builder.connections import connection_field
from schema.builder.entity_types import make_types
from schema.builder.scalars import SCALARS
from schema.contract import DESCRIPTION, DescribedSchema
from schema.execution.executor import CompiledReadExecutor
from schema.execution.extension import CachedOperations
from schema.mutations import mutation_type
from schema.nouns import load_types
from schema.query import query_type

__all__ = ["schema"]

load_types()
_types = make_types(connection_field)

schema = DescribedSchema(
    description=DESCRIPTION,
    query=query_type(),
    mutation=mutation_type(),
    execution_context_class=CompiledReadExecutor,
    types=_types,
    extensions=[CachedOperations],
    config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=True),
)
