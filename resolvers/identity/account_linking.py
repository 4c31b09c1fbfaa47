"""Which account somebody is whom the identity provider vouches for."""

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

REASON = "whoever signs in is not known yet"


@dataclass(frozen=True, slots=True)
class Identity:
    """What a verified token says of a person.

    Attributes:
        issuer: The provider that says it.
        subject: The provider's own key for the person; it never goes to another one.
        email: The address the provider has verified, None where it has not.
    """

    issuer: str
    subject: str
    email: str | None = None


async def find_account(database: Database, identity: Identity) -> str | None:
    """Give the key of the account that has this identity, or is linked to it now; None where there is none.

    An account without an identity is linked when it alone has the verified address. It keeps that
    identity from then on, whoever gets the address later.
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
    # Letters beyond ASCII have capitals that fold onto it (the Kelvin sign is a K): such an address links nothing.
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
                    append_events, Actor(key, "oidc", reason="a person signs in at first"), [event]
                )
                return key
    except IntegrityError:
        # The same identity was linked at the same moment.
        pass
    return await _known(database, identity)
