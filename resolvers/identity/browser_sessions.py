"""Browser sessions: each browser has a random cookie. Only the digest of the cookie is stored."""

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
    """A valid session of a browser."""

    id: str
    account: str
    expires_at: dt.datetime


async def open_session(database: Database, account: str) -> str:
    """Open a session for the account with this id. Return the secret for the cookie."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    moment = now()
    async with database.bypass_policies("a person signs in").begin() as connection:
        # Each sign-in deletes expired sessions, so that no separate job is needed.
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
    """Return the session with this digest, None if there is none, or it is closed or expired."""
    statement = select(BrowserSession.id, BrowserSession.account_id, BrowserSession.expires_at).where(
        BrowserSession.digest == digest, BrowserSession.revoked_at.is_(None), BrowserSession.expires_at > now()
    )
    engine = database.bypass_policies("authentication checks a cookie before there is a viewer", read_only=True)
    async with engine.connect() as connection:
        row = (await connection.execute(statement)).one_or_none()
    return ActiveSession(row.id, row.account_id, row.expires_at) if row else None


async def close_session(database: Database, digest: str) -> None:
    """Close the session with this digest permanently."""
    async with database.bypass_policies("a person signs out").begin() as connection:
        await connection.execute(
            update(BrowserSession)
            .where(BrowserSession.digest == digest, BrowserSession.revoked_at.is_(None))
            .values(revoked_at=now())
        )
