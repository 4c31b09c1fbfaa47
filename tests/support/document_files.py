"""A document with accounts around it, declared versions of it, and a client that uploads and downloads files."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.testclient import TestClient

import models as m
from models.base import new_key
from resolvers.files.declaration import DeclaredVersion, declare_version
from resolvers.files.upload import DeclaredContent
from resolvers.identity.api_tokens import create_token
from server.app import build_app
from server.config.settings import load_settings
from tests.support.accounts import on
from tests.support.factories import (
    a_coalition_membership,
    a_document,
    a_group_membership,
    a_participant,
    an_account,
    an_expert_group,
)
from tests.support.factories import named as new_name
from tests.support.rows import keep

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from resolvers.database.database import Database

#: Who is there: a member of the owning group with a token that may write, and one whose token may only read; an
#: observer of the group; somebody of a participant who is not in it; the one whom a TLP:RED document names.
NAMES = ("writer", "machine", "observer", "outsider", "recipient")
DATA = b"What the group needs in 2027. " * 5_000


def content(data: bytes = DATA) -> DeclaredContent:
    return DeclaredContent(len(data), hashlib.sha256(data).hexdigest())


@dataclass
class Desk:
    """The database at `url` with accounts, their tokens and keys by name, their group, and a client of the API."""

    url: str
    tokens: dict[str, str]
    accounts: dict[str, str]
    group: str
    client: TestClient

    def a_document(self, **changes: Any) -> str:
        """Store a document of the group; return its key."""
        key, group, named = new_key(), self.group, self.accounts["recipient"]
        fields = {"marking": m.Marking.AMBER_STRICT, "status": m.DocumentStatus.RELEASED, **changes}

        async def work(database: Database) -> None:
            async with (
                AsyncSession(database.bypass_policies("a test keeps a document", unaudited=True)) as session,
                session.begin(),
            ):
                recipient = await session.get_one(m.Account, named)
                session.add(a_document(id=key, group_id=group, recipients=[recipient], **fields))

        on(self.url, work)
        return key

    def withdraw(self, key: str) -> None:
        """Make a document WITHDRAWN."""

        async def work(database: Database) -> None:
            async with (
                AsyncSession(database.bypass_policies("a test withdraws a document", unaudited=True)) as session,
                session.begin(),
            ):
                (await session.get_one(m.Document, key)).status = m.DocumentStatus.WITHDRAWN

        on(self.url, work)

    def declared(self, data: bytes = DATA, document: str | None = None, **changes: Any) -> str:
        """Declare a version with these bytes, of this document or a new one; return its path."""
        document = document or self.a_document()
        wanted = DeclaredVersion(new_name("v"), "Потреби 2027.pdf", "application/pdf", content(data))
        account = self.accounts["writer"]

        async def work(database: Database) -> str:
            async with (
                AsyncSession(database.bypass_policies("a test declares a version", unaudited=True)) as session,
                session.begin(),
            ):
                version = declare_version(await session.get_one(m.Document, document), wanted, account)
                for name, value in changes.items():
                    setattr(version, name, value)
                session.add(version)
                return version.path

        return on(self.url, work)

    def put(self, path: str, body: Any = DATA, name: str = "writer", **headers: str) -> Any:
        """Upload a file with the token of the account `name`; return the response."""
        return self.client.put(path, content=body, headers=self.showing(name) | _spelt(headers))

    def get(self, path: str, name: str = "writer", **headers: str) -> Any:
        """Download a file with the token of the account `name`; return the response."""
        return self.client.get(path, headers=self.showing(name) | _spelt(headers))

    def showing(self, name: str) -> dict[str, str]:
        """Return the headers that carry the token of the account `name`."""
        return {"authorization": f"Bearer {self.tokens[name]}"}

    def states(self, *paths: str) -> list[str]:
        """Return the stored states of the versions at these paths."""
        keys = [path.rpartition("/")[2] for path in paths]

        async def work(database: Database) -> list[str]:
            async with AsyncSession(database.bypass_policies("a test looks at states")) as session:
                found = select(m.DocumentVersion.id, m.DocumentVersion.state).where(m.DocumentVersion.id.in_(keys))
                states: dict[str, m.VersionState] = {row.id: row.state for row in await session.execute(found)}
                return [states[key].name if key in states else "GONE" for key in keys]

        return on(self.url, work)


def _spelt(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


@contextmanager
def desk(url: str, files: str, **settings: Any) -> Iterator[Desk]:
    """Yield a desk whose files are at the address `files`, for as long as the block lasts."""
    tokens, accounts, group = people(url)
    given = load_settings(database_url=url, file_store=files, **settings)
    with TestClient(build_app(given), raise_server_exceptions=False) as client:
        yield Desk(url, tokens, accounts, group, client)


def people(url: str) -> tuple[dict[str, str], dict[str, str], str]:
    """Store the accounts in the database at `url`; return their tokens and keys by name, and the key of their group."""
    keys = {name: new_key() for name in NAMES}
    group = an_expert_group(id=new_key())
    key: str = group.id

    async def work(database: Database) -> dict[str, str]:
        await keep(database, *_rows(keys, group))
        return {
            name: (await create_token(database, f"{name}@example.org", "a test", _scope(name))).text for name in NAMES
        }

    return on(url, work), keys, key


def _scope(name: str) -> str:
    return "read" if name == "machine" else "write"


def _rows(keys: dict[str, str], group: m.ExpertGroup) -> Sequence[m.Base]:
    home = a_participant()
    accounts = {name: an_account(home, f"{name}@example.org", id=key) for name, key in keys.items()}
    roles = {"writer": m.GroupRole.MEMBER, "machine": m.GroupRole.MEMBER, "observer": m.GroupRole.OBSERVER}
    places = [a_group_membership(group, accounts[name], role=role) for name, role in roles.items()]
    return [a_coalition_membership(home), *accounts.values(), *places]
