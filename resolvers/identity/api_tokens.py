"""API tokens for machines: create, list, find and revoke them. Only their digests are stored."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import insert, or_, select, update

from models import Account, ApiToken, AuditAction, Scope
from models.base import new_key, now
from resolvers.access.context import Actor
from resolvers.audit.recorder import append_events, event_for_key
from resolvers.core.codecs import to_json
from resolvers.identity.account_admin import AccountCommandError, key_of
from resolvers.identity.token_format import digest_of, new_token
from resolvers.query.global_ids import UUID

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from resolvers.database.database import Database

DEFAULT_DAYS = 90
MAX_DAYS = 365
NAME_LENGTH = 300
#: The use of a token is recorded at most once per interval.
USE_INTERVAL = dt.timedelta(minutes=1)
SCOPES = {"read": frozenset({Scope.READ}), "write": frozenset(Scope)}


class NewToken(NamedTuple):
    """A token that was just created; its text cannot be read again."""

    id: str
    text: str
    expires_at: dt.datetime


@dataclass(frozen=True, slots=True)
class ActiveToken:
    """A valid token."""

    id: str
    account: str
    scopes: frozenset[Scope]
    expires_at: dt.datetime
    last_used_at: dt.datetime | None


class ListedToken(NamedTuple):
    """A token in the operator's list."""

    id: str
    account: str
    name: str
    scopes: str
    created_at: dt.datetime
    expires_at: dt.datetime
    last_used_at: dt.datetime | None
    state: str


async def create_token(
    database: Database, email: str, name: str, scope: str = "read", days: int = DEFAULT_DAYS
) -> NewToken:
    """Create a token for the account with this email address.

    Raises AccountCommandError if there is no such account, it is disabled, or the name or the days are not valid.
    """
    if not name.strip() or len(name) > NAME_LENGTH:
        message = f"The token needs a name of 1 to {NAME_LENGTH} characters: name the program that uses it."
        raise AccountCommandError(message)
    if not 1 <= days <= MAX_DAYS:
        message = f"The token must be valid for 1 to {MAX_DAYS} days, not {days}: choose another number."
        raise AccountCommandError(message)
    async with database.bypass_policies("an operator creates an API token").begin() as connection:
        account = await key_of(connection, email)
        return await insert_token(connection, account, name, SCOPES[scope], dt.timedelta(days=days))


async def insert_token(
    connection: AsyncConnection, account: str, name: str, scopes: Iterable[Scope], lasting: dt.timedelta
) -> NewToken:
    """Create a token for the account with the id `account`, in the transaction of `connection`."""
    made = NewToken(new_key(), new_token(), now() + lasting)
    await connection.execute(
        insert(ApiToken).values(
            id=made.id,
            account_id=account,
            name=name,
            digest=digest_of(made.text),
            scopes=sorted(scope.name for scope in scopes),
            created_at=now(),
            expires_at=made.expires_at,
        )
    )
    after = {"accountId": f"Account:{account}", "name": name, "scopes": sorted(scope.name for scope in scopes)}
    event = event_for_key(
        "ApiToken", made.id, AuditAction.CREATE, after={**after, "expiresAt": to_json(made.expires_at)}
    )
    await connection.run_sync(append_events, Actor(reason="an operator creates an API token"), [event])
    return made


async def list_tokens(database: Database) -> Sequence[ListedToken]:
    """Return all tokens, the newest first, without their digests."""
    statement = (
        select(ApiToken, Account.email, Account.disabled_at)
        .join(Account, Account.id == ApiToken.account_id)
        .order_by(ApiToken.id.desc())
    )
    engine = database.bypass_policies("an operator lists the API tokens", read_only=True)
    async with engine.connect() as connection:
        rows = (await connection.execute(statement)).all()
    return [
        ListedToken(
            row.id,
            row.email,
            row.name,
            "+".join(row.scopes).lower(),
            row.created_at,
            row.expires_at,
            row.last_used_at,
            _state(row.revoked_at, row.disabled_at, row.expires_at),
        )
        for row in rows
    ]


async def revoke_token(database: Database, key: str) -> None:
    """Revoke the token with this id permanently.

    Raises AccountCommandError if there is no such token.
    """
    async with database.bypass_policies("an operator revokes an API token").begin() as connection:
        found = select(ApiToken.id).where(ApiToken.id == key)
        if not UUID.fullmatch(key) or (await connection.execute(found)).first() is None:
            message = "There is no token with this ID: see coalition token list."
            raise AccountCommandError(message)
        moment = now()
        revoked = await connection.execute(
            update(ApiToken).where(ApiToken.id == key, ApiToken.revoked_at.is_(None)).values(revoked_at=moment)
        )
        if revoked.rowcount:
            event = event_for_key(
                "ApiToken", key, AuditAction.UPDATE, {"revokedAt": None}, {"revokedAt": to_json(moment)}
            )
            await connection.run_sync(append_events, Actor(reason="an operator revokes an API token"), [event])


async def find_token(database: Database, digest: str) -> ActiveToken | None:
    """Return the token with this digest, None if there is none, or it is revoked or expired."""
    statement = select(
        ApiToken.id, ApiToken.account_id, ApiToken.scopes, ApiToken.expires_at, ApiToken.last_used_at
    ).where(ApiToken.digest == digest, ApiToken.revoked_at.is_(None), ApiToken.expires_at > now())
    engine = database.bypass_policies("authentication checks a token before there is a viewer", read_only=True)
    async with engine.connect() as connection:
        row = (await connection.execute(statement)).one_or_none()
    if row is None:
        return None
    scopes = frozenset(Scope[name] for name in row.scopes)
    return ActiveToken(row.id, row.account_id, scopes, row.expires_at, row.last_used_at)


async def record_use(database: Database, key: str) -> None:
    """Record that the token with this id was used now, unless a use was recorded within the last minute."""
    moment = now()
    unnoted = or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at < moment - USE_INTERVAL)
    async with database.bypass_policies("the use of a token is recorded").begin() as connection:
        await connection.execute(update(ApiToken).where(ApiToken.id == key, unnoted).values(last_used_at=moment))


def use_is_due(token: ActiveToken) -> bool:
    """Return whether this use of a token must be recorded: the last recorded use is more than a minute ago."""
    return token.last_used_at is None or token.last_used_at < now() - USE_INTERVAL


def _state(revoked_at: dt.datetime | None, disabled_at: dt.datetime | None, expires_at: dt.datetime) -> str:
    if revoked_at is not None:
        return "revoked"
    if disabled_at is not None:
        return "account disabled"
    return "expired" if expires_at <= now() else "active"
