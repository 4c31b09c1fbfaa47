"""The judgement of a status by `transitions` before a request, compared with the result of the command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tests.support.execute import read

if TYPE_CHECKING:
    from resolvers.access.viewer import Viewer
    from resolvers.database.database import Database


class Told(NamedTuple):
    """The judgement of a status by `transitions`: whether it is allowed, and if not, the reason."""

    allowed: bool
    reason: str | None

    def agrees_with(self, found: Any) -> bool:
        """Return whether the command, sent with a reason and the current version, has the same result."""
        said = " ".join(dict.fromkeys(each["message"] for each in found.get("violations", ())))
        same = self.reason is None or self.reason == (said or found["message"])
        return self.allowed is ("code" not in found) and same


async def what_is_told(database: Database, viewer: Viewer, key: str, to: str) -> Told:
    """Query the transitions of an object, and return the judgement of one status."""
    query = "query($id: ID!) {{ node(id: $id) {{ ... on {} {{ transitions {{ to allowed reason }} }} }} }}"
    node = (await read(database, query.format(key.partition(":")[0]), viewer=viewer, id=key))["node"]
    offered = [each for each in node["transitions"] if each["to"] == to] if node else []
    return Told(offered[0]["allowed"], offered[0]["reason"]) if offered else Told(allowed=False, reason=None)
