"""Walks through lists by cursor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.support.execute import read

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from resolvers.database.database import Database

PAGE = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { id } }"


@dataclass(frozen=True)
class Page:
    """One page: the ids on it, their cursors, and whether there is more on either side."""

    ids: list[str]
    cursors: list[str]
    has_next: bool
    has_previous: bool

    @classmethod
    def of(cls, connection: Mapping[str, Any]) -> Page:
        """Return the page of a connection with the fields of `PAGE`; its bounds are its first and last cursor."""
        info, edges = connection["pageInfo"], connection["edges"]
        cursors = [edge["cursor"] for edge in edges]
        assert [info["startCursor"], info["endCursor"]] == ([cursors[0], cursors[-1]] if cursors else [None, None])
        return cls([edge["node"]["id"] for edge in edges], cursors, info["hasNextPage"], info["hasPreviousPage"])


class Walk:
    """The pages of one root list in one order."""

    def __init__(self, database: Database, name: str, type_name: str, order_by: list[dict[str, str]]) -> None:
        self.database = database
        self.name = name
        self.query = (
            f"query Walk($order: [{type_name}Order!], $where: {type_name}Where, $first: Int, $after: String, "
            f"$last: Int, $before: String) {{ {name}(orderBy: $order, where: $where, first: $first, after: $after, "
            f"last: $last, before: $before) {{ {PAGE} }} }}"
        )
        self.order_by = order_by

    async def page(self, **arguments: Any) -> Page:
        """Return one page."""
        return Page.of((await read(self.database, self.query, order=self.order_by, **arguments))[self.name])

    async def forwards(self, size: int) -> AsyncIterator[Page]:
        """Yield every page from the start."""
        page = await self.page(first=size)
        assert not page.has_previous
        yield page
        while page.has_next:
            page = await self.page(first=size, after=page.cursors[-1])
            assert page.has_previous
            yield page

    async def backwards(self, size: int) -> AsyncIterator[Page]:
        """Yield every page from the end."""
        page = await self.page(last=size)
        assert not page.has_next
        yield page
        while page.has_previous:
            page = await self.page(last=size, before=page.cursors[0])
            assert page.has_next
            yield page
