"""Makes the fictional set of the demo: sends its mutations as the accounts of the demo, within this process.

So each object obeys the rules, has its events in the audit log, and counts in the sums, as if people had entered it.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import orjson

from resolvers.access.context import Context
from resolvers.files.document_files import DocumentFiles, version_of
from resolvers.files.open_store import open_store
from resolvers.identity.viewer_loader import read_viewer
from schema import schema
from schema.strawberry_internals import core_schema
from server.startup.demo_steps import DemoError, ShortForms, read_steps

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import AsyncIterator, Callable, Mapping

    from resolvers.access.viewer import Viewer
    from resolvers.database.database import Database
    from server.startup.demo_steps import Step

#: The lists of an object whose rows later steps name.
LISTS = {"PurchaseOrder": ("lines",), "Delivery": ("lines",), "Meeting": ("decisions", "agenda")}
#: What every object cites that can have sources.
SOURCE = {"url": "https://example.org/demo", "publisher": "Fictional, for the demo"}
#: What gives a result its name.
KEYS = ("reference", "number", "code")
#: What else is read of the version of a document, to upload its file.
FILE = " byteSize sha256 mediaType fileName label state document { reference status group { id } }"
CODES = """{
  participants(first: 100) { nodes { id code } }
  expertGroups { nodes { id code } }
  capabilityAreas(first: 100) { nodes { id code } }
}"""
ERRORS = "... on Error { message path } ... on ValidationError { violations { path rule message } }"


class DemoBuilder:
    """Sends the steps of the fictional set, and remembers what they made."""

    def __init__(self, database: Database, file_store: str, personas: Mapping[str, str], today: dt.date) -> None:
        """Send as `personas`: the keys of accounts by name. Days count from `today`."""
        self._database = database
        self._files = DocumentFiles(database, open_store(file_store))
        self._core = core_schema(schema)
        self._known = {name: f"Account:{key}" for name, key in personas.items()}
        self._forms = ShortForms(today, self._known)

    async def build(self, progress: Callable[[int, int], None] = lambda _done, _of: None) -> None:
        """Send all steps; report how many are done, and how many there are.

        Raises DemoError if one is refused: the message names it and the error.
        """
        self._files.store.prepare()
        steps = read_steps()
        if not steps:
            # A checkout whose set was removed.
            return
        await self._learn_codes(steps[0].by)
        for done, step in enumerate(steps):
            progress(done, len(steps))
            await self._take(step)
        progress(len(steps), len(steps))

    async def _learn_codes(self, name: str) -> None:
        """Remember the codes of the public record, which the steps use like the names of results."""
        for row in (await self._execute(await self._viewer(name), CODES)).values():
            self._known |= {each["code"]: each["id"] for each in row["nodes"]}

    async def _viewer(self, name: str) -> Viewer:
        viewer = await read_viewer(self._database, self._known[name].partition(":")[2])
        if viewer is None:
            message = f"The account {name} of the demo cannot sign in: run coalition demo reset."
            raise DemoError(message)
        return viewer

    async def _take(self, step: Step) -> None:
        viewer = await self._viewer(step.by)
        for name, *statuses in step.moves:
            for status in statuses:
                kind = self._known[name].partition(":")[0]
                await self._send(viewer, f"transition{kind}", {"id": name, "to": status, **step.given})
        if step.do is None:
            return
        data = (step.file or "").encode()
        declared = {"byteSize": len(data), "sha256": hashlib.sha256(data).hexdigest()} if step.file else {}
        row = await self._send(viewer, step.do, {**step.given, **declared})
        self._remember(step, row)
        if step.file:
            await self._files.receive(version_of(row), _once(data), Context(self._database, viewer).actor())

    def _remember(self, step: Step, row: Mapping[str, Any]) -> None:
        name = step.alias or next((step.given[key] for key in KEYS if key in step.given), None)
        if name is None:
            return
        self._known[name] = row["id"]
        for listed in LISTS.get(row["id"].partition(":")[0], ()):
            for place, each in enumerate(row[listed]["nodes"], 1):
                self._known[f"{name}.{listed}.{place}"] = each["id"]

    async def _send(self, viewer: Viewer, mutation: str, given: Mapping[str, Any]) -> Any:
        """Send a mutation; return the object of its success. Raises DemoError if it is refused."""
        name = mutation[0].upper() + mutation[1:]
        wanted: Any = self._core.type_map[f"{name}Input"]
        values = self._forms.written_out(wanted, dict(given))
        if mutation.startswith("create") and "sources" in wanted.fields:
            values["sources"] = [SOURCE]
        if "expectedVersion" in wanted.fields:
            values["expectedVersion"] = await self._version(viewer, values["id"])
        success: Any = self._core.type_map[f"{name}Success"]
        [(field, found)] = success.fields.items()
        query = f"""mutation ($input: {name}Input!) {{ {mutation}(input: $input) {{
          ... on {name}Success {{ {field} {{ {_selected(_kind(found))} }} }} {ERRORS} }} }}"""
        answer = (await self._execute(viewer, query, input=values))[mutation]
        if field not in answer:
            message = f"{mutation} {values}: {answer}"
            raise DemoError(message)
        return answer[field]

    async def _version(self, viewer: Viewer, key: str) -> int:
        kind = key.partition(":")[0]
        query = f"query ($id: ID!) {{ node(id: $id) {{ ... on {kind} {{ version }} }} }}"
        version: int = (await self._execute(viewer, query, id=key))["node"]["version"]
        return version

    async def _execute(self, viewer: Viewer, query: str, **variables: Any) -> Any:
        context = Context(self._database, viewer, records_reads=False)
        result: Any = await schema.execute(query, variable_values=variables, context_value=context)
        if result.errors:
            message = f"{query} {variables}: {result.errors}"
            raise DemoError(message) from result.errors[0].original_error
        return orjson.loads(orjson.dumps(result.data))


def _kind(field: Any) -> str:
    kind = field.type
    while hasattr(kind, "of_type"):
        kind = kind.of_type
    return str(kind.name)


def _selected(kind: str) -> str:
    lists = (f"{name}(orderBy: [{{ field: ORDINAL }}]) {{ nodes {{ id }} }}" for name in LISTS.get(kind, ()))
    return f"id {' '.join(lists)}{FILE if kind == 'DocumentVersion' else ''}"


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data
