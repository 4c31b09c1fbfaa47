"""Signed-in browsers: each has a random cookie, of which only the digest is kept, and can be signed out here."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, insert, select, update

from models import BrowserSession
from models.base import new_key, now
from resolvers.identity.token_format import digest_of

if TYPE_CHECKING:
    from resolvers.database.database import Database

LIFETIME = dt.timedelta(hours=8)
SECRET_BYTES = 32


class ActiveSession(NamedTuple):
    """A signed-in browser whose session holds now."""

    id: str
    account: str
    expires_at: dt.datetime


async def open_session(database: Database, account: str) -> str:
    """Sign a browser in as the account with this key; give the secret for its cookie."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    moment = now()
    async with database.bypass_policies("a person has just signed in").begin() as connection:
        # Whoever signs in clears away what has run out, so that nothing else need look after it.
        await connection.execute(delete(BrowserSession).where(BrowserSession.expires_at < moment))
        await connection.execute(
            insert(BrowserSession).values(
                id=new_key(),
                account_id=account,
                digest=digest_of(secret),
                created_at=moment,
                expires_at=moment + LIFETIME,
            )
        )
    return secret


async def find_session(database: Database, digest: str) -> ActiveSession | None:
    """Give the session with this digest, None where there is none, or it was closed or has run out."""
    statement = select(BrowserSession.id, BrowserSession.account_id, BrowserSession.expires_at).where(
        BrowserSession.digest == digest, BrowserSession.revoked_at.is_(None), BrowserSession.expires_at > now()
    )
    engine = database.bypass_policies("whoever shows a cookie is not known yet", read_only=True)
    async with engine.connect() as connection:
        row = (await connection.execute(statement)).one_or_none()
    return ActiveSession(row.id, row.account_id, row.expires_at) if row else None


async def close_session(database: Database, digest: str) -> None:
    """Sign the browser with this digest out, for good."""
    async with database.bypass_policies("a person signs out").begin() as connection:
        await connection.execute(
            update(BrowserSession)
            .where(BrowserSession.digest == digest, BrowserSession.revoked_at.is_(None))
            .values(revoked_at=now())
        )
