"""Finds the account of a person who signs in with the identity provider, and links it at the first sign-in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from models import Account, AuditAction
from resolvers.access.context import Actor
from resolvers.audit.recorder import append_events, event_for_key

if TYPE_CHECKING:
    from resolvers.database.database import Database

REASON = "sign-in finds the account before there is a viewer"


@dataclass(frozen=True, slots=True)
class Identity:
    """The identity of a person in a verified token.

    Attributes:
        issuer: The identity provider.
        subject: The provider's key for the person; the provider never reuses it.
        email: The verified email address, None if the provider has not verified one.
    """

    issuer: str
    subject: str
    email: str | None = None


async def find_account(database: Database, identity: Identity) -> str | None:
    """Return the id of the account with this identity, or link one and return its id; None if there is none.

    An account without an identity is linked if it is the only one with the verified email address. The link stays
    even if the provider later assigns the address to another person.
    """
    return await _known(database, identity) or await _link(database, identity)


async def _known(database: Database, identity: Identity) -> str | None:
    statement = select(Account.id).where(
        Account.issuer == identity.issuer, Account.subject == identity.subject, Account.disabled_at.is_(None)
    )
    async with database.bypass_policies(REASON, read_only=True).connect() as connection:
        found: str | None = (await connection.execute(statement)).scalar_one_or_none()
    return found


async def _link(database: Database, identity: Identity) -> str | None:
    # Some letters outside ASCII become ASCII in lower case (the Kelvin sign becomes k): such an address links nothing.
    if identity.email is None or not identity.email.isascii():
        return None
    same_address = func.lower(Account.email) == identity.email.lower()
    try:
        async with database.bypass_policies(REASON).begin() as connection:
            rows = (await connection.execute(select(Account).where(same_address))).all()
            if len(rows) != 1 or rows[0].disabled_at is not None:
                return None
            linked = await connection.execute(
                update(Account)
                .where(Account.id == rows[0].id, Account.subject.is_(None), Account.disabled_at.is_(None))
                .values(issuer=identity.issuer, subject=identity.subject, version=Account.version + 1)
            )
            if linked.rowcount == 1:
                key: str = rows[0].id
                event = event_for_key("Account", key, AuditAction.UPDATE, {"linked": False}, {"linked": True})
                await connection.run_sync(
                    append_events, Actor(key, "oidc", reason="first sign-in of a person"), [event]
                )
                return key
    except IntegrityError:
        # Another request linked the same identity at the same time.
        pass
    return await _known(database, identity)
