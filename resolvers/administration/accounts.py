"""Declares the queries and commands of accounts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, func, inspect, select

from models import Account, Contact
from models.base import now
from resolvers.access.permissions import Action
from resolvers.commands.command import EXPECTED_VERSION, Command, command, id_of
from resolvers.commands.errors import INPUT, ValidationError, Violation
from resolvers.commands.spec import MutationSpec, mutation_spec_of, register_mutation_spec
from resolvers.commands.standard_changes import check_version, validate_and_flush
from resolvers.query.spec import QuerySpec, register_query_spec

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping

    from resolvers.commands.unit_of_work import UnitOfWork

register_query_spec(
    QuerySpec(
        Account,
        filterable=("id", "display_name", "participant", "contact", "group_memberships", "created_at", "updated_at"),
        sortable=("display_name", "created_at", "updated_at"),
    )
)

#: ASCII only: the case of some other letters folds to ASCII letters, so that two addresses could look equal.
EMAIL = re.compile(r"[!-?A-~]+@[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)+", re.ASCII)


def address_is_one(_unit: UnitOfWork, row: Account) -> Iterator[Violation]:
    """The e-mail address must be valid and in ASCII."""
    if EMAIL.fullmatch(row.email) is None:
        message = f"{row.email!r} is not a valid e-mail address in ASCII. Use an address such as name@example.org."
        yield Violation((*INPUT, "email"), "email", message)


def address_is_its_own(unit: UnitOfWork, row: Account) -> Iterator[Violation]:
    """The e-mail address must be unique among accounts, without regard to case."""
    if any(key != row.id for key in unit.session.scalars(select(Account.id).where(has_address(row.email)))):
        message = f"Another account already has the address {row.email}. Use another address."
        yield Violation((*INPUT, "email"), "unique", message)


def lower_email(row: Account) -> None:
    """Store the e-mail address in lower case, so that the unique key also holds for concurrent changes."""
    row.email = row.email.lower()


def keep_contact(unit: UnitOfWork, row: Account) -> None:
    """Enter the contact of a new account. Its address follows the account's, unless the person entered another one."""
    if not inspect(row).persistent:
        unit.session.add(Contact(account=row, email=row.email))
        return
    for former in inspect(row).attrs.email.history.deleted or ():
        followed = Contact.account_id == row.id, Contact.email == former
        for contact in unit.session.scalars(select(Contact).where(*followed)):
            contact.email = row.email


def has_address(email: str) -> ColumnElement[bool]:
    """Return the condition that an account has an e-mail address, without regard to case."""
    return func.lower(Account.email) == email.lower()


def disable(unit: UnitOfWork, values: Mapping[str, Any]) -> Account:
    """Disable an account, so that all its credentials are rejected. Raises CommandError."""
    if values["id"] == unit.viewer.account:
        code, message = "oneself", "You cannot disable your own account. Ask another lead to do it."
        raise ValidationError.at(code, message, "id")
    return _set_disabled(unit, values, now())


def enable(unit: UnitOfWork, values: Mapping[str, Any]) -> Account:
    """Enable a disabled account. Raises CommandError."""
    if values["id"] == unit.viewer.account:
        # A disabled account keeps its permissions for up to five seconds.
        code, message = "oneself", "You cannot enable your own account: ask another lead."
        raise ValidationError.at(code, message, "id")
    return _set_disabled(unit, values, None)


def _set_disabled(unit: UnitOfWork, values: Mapping[str, Any], moment: dt.datetime | None) -> Account:
    row = unit.find(Account, values["id"])
    unit.lock(row)
    unit.require(Action.TRANSITION, row)
    check_version(row, values["expected_version"])
    if (row.disabled_at is None) is (moment is None):
        code, message = "transition", f"The account is already {'enabled' if moment is None else 'disabled'}."
        raise ValidationError.at(code, message, "id")
    row.disabled_at = moment
    validate_and_flush(unit, mutation_spec_of(Account), row)
    return row


register_mutation_spec(
    MutationSpec(
        Account,
        # A person who changes employer gets a new account; the audit log shows for which participant each change was.
        create_only=("participant",),
        fields=("display_name", "email"),
        validators=(address_is_one, address_is_its_own),
        filled_in=(lower_email,),
        before_flush=(keep_contact,),
    )
)

for name, doc, act in (
    ("disable_account", "Disable an account. Its credentials stop working within five seconds.", disable),
    ("enable_account", "Enable a disabled account.", enable),
):
    command(Command(name, Account, doc, (id_of(Account), EXPECTED_VERSION), act))
