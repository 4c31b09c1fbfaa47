"""How a request becomes data: the read plan, pages, filters, and what may be read of each noun.

A query is compiled once into one SQL statement that yields the JSON of its answer
(`plan`, with `pages`, `filters`, `aggregates`, `cursors` and `json_sql` under it);
a request only looks that statement up, binds its values and runs it (`operations`).
Because one statement is one snapshot, the counts, pages and nested lists of an
answer always agree.

One mechanism, one file:

- `attributes` reads off a model what each attribute is;
- `reading` holds what each noun declares: filters, orders, groups, sums;
- `arguments` turns the arguments of a field into a tree whose values stay bind parameters;
- `entities` is the only way an entity enters a statement;
- `filters`, `cursors`, `pages`, `aggregates` and `values` each build their part of it;
- `plan` walks the selection, `operations` keeps and runs the compiled statements;
- `trusted_documents` keeps the GraphQL queries of client programs, which are no papers;
- `document_files` takes and gives the bytes of documents: `declared_files` and `file_names` say what may be declared,
  `receiving` and `sending` hold them to it, `stores` (`local_store`, `s3_store`) keep them, `scanner` looks into them,
  `file_sweep` clears away;
- `database` is the way to SQLite and PostgreSQL, with `lanes` for the plan and `sessions` for how PostgreSQL is
  to treat what it is sent; `errors` are the faults a request can have, `unreachable` a database that is away.

What is asked to be changed is a command (`commands`), run in one transaction that only
`running` commits. `create`, `update` and `transition` are the same for all (`changes`):

- `writing` holds what each noun declares: fields, links, owned objects, rules, consequences;
- `given` makes of that the fields of inputs, `inputs` checks them, `filling` puts them into objects;
- `periods` says of days whether they are in order and whether two periods meet;
- `unit` finds objects through their policies (`seen`) and locks them, `refusals` are the answers to what is refused;
- `trail` records whatever a session writes, in the words of `trail_states`, `audience` who may read of it;
  `audit_chain` checks it as a whole, `audit_reads` records reads of what is TLP:RED, which `watching` marks in answers;
- `idempotency` makes a change once however often it is sent, `faults` reads what the database itself refuses.

`backup` and `restore` keep everything as plain files (`backup_format`, `backup_rows`, `backup_files`).

What may not live here: HTTP and Starlette, Strawberry's types, anything that knows
the process it runs in.

To add a noun: write `resolvers/<noun>.py` with a `Reading` for each of its types, a `Writing`
for each that is changed by itself, and import it below; no shared file needs to change. Then write `schema/<noun>.py`.
"""

from resolvers import (
    accounts,
    audit,
    capability_needs,
    contributions,
    contributions_allocations,
    deliveries,
    document_versions,
    documents,
    expert_groups,
    meetings,
    participants,
    procurements,
    purchase_orders,
    roadmaps,
    sources,
)

__all__ = [
    "accounts",
    "audit",
    "capability_needs",
    "contributions",
    "contributions_allocations",
    "deliveries",
    "document_versions",
    "documents",
    "expert_groups",
    "meetings",
    "participants",
    "procurements",
    "purchase_orders",
    "roadmaps",
    "sources",
]
