"""How accounts may be read and written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, func, select

from models import Account
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
        filterable=("id", "display_name", "participant", "group_memberships", "created_at", "updated_at"),
        sortable=("display_name", "created_at", "updated_at"),
    )
)

#: ASCII only: other letters have capitals that fold onto these, so that two addresses could pass for one.
EMAIL = re.compile(r"[!-?A-~]+@[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)+", re.ASCII)


def address_is_one(_unit: UnitOfWork, row: Account) -> Iterator[Violation]:
    """An address is one of e-mail, in ASCII."""
    if EMAIL.fullmatch(row.email) is None:
        message = f"{row.email!r} is no e-mail address in ASCII, such as name@example.org."
        yield Violation((*INPUT, "email"), "email", message)


def address_is_its_own(unit: UnitOfWork, row: Account) -> Iterator[Violation]:
    """No two accounts have one address, in capitals or not."""
    if any(key != row.id for key in unit.session.scalars(select(Account.id).where(has_address(row.email)))):
        yield Violation((*INPUT, "email"), "unique", f"{row.email} has an account already.")


def in_small_letters(_unit: UnitOfWork, row: Account) -> None:
    """An address is kept in small letters, so that the unique key holds whoever is faster."""
    row.email = row.email.lower()


def has_address(email: str) -> ColumnElement[bool]:
    """Give the condition that an account has an address, in capitals or not."""
    return func.lower(Account.email) == email.lower()


def disable(unit: UnitOfWork, values: Mapping[str, Any]) -> Account:
    """Let an account in no longer, with whatever it shows; what it did stays. Raises RefusalError."""
    if values["id"] == unit.viewer.account:
        code, message = "oneself", "You would shut yourself out: ask another lead."
        raise ValidationError.at(code, message, "id")
    return _set_disabled(unit, values, now())


def enable(unit: UnitOfWork, values: Mapping[str, Any]) -> Account:
    """Let an account in again. Raises RefusalError."""
    return _set_disabled(unit, values, None)


def _set_disabled(unit: UnitOfWork, values: Mapping[str, Any], moment: dt.datetime | None) -> Account:
    row = unit.find(Account, values["id"])
    unit.lock(row)
    unit.require(Action.TRANSITION, row)
    check_version(row, values["expected_version"])
    if (row.disabled_at is None) is (moment is None):
        code, message = "transition", f"It is {'enabled' if moment is None else 'disabled'} already."
        raise ValidationError.at(code, message, "id")
    row.disabled_at = moment
    validate_and_flush(unit, mutation_spec_of(Account), row)
    return row


register_mutation_spec(
    MutationSpec(
        Account,
        # Whoever changes employers gets another account: what was done for the first stays done for it.
        create_only=("participant",),
        fields=("display_name", "email"),
        validators=(address_is_one, address_is_its_own),
        before_flush=(in_small_letters,),
    )
)

for name, doc, act in (
    ("disable_account", "Let an account in no longer, within five seconds; what it did stays.", disable),
    ("enable_account", "Let a disabled account in again.", enable),
):
    command(Command(name, Account, doc, (id_of(Account), EXPECTED_VERSION), act))
