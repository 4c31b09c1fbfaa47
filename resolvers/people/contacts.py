"""Declares the queries and commands of contacts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from models import Contact
from resolvers.administration.accounts import EMAIL
from resolvers.commands.errors import INPUT, Violation
from resolvers.commands.spec import MutationSpec, register_mutation_spec
from resolvers.query.spec import QuerySpec, register_query_spec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from resolvers.commands.unit_of_work import UnitOfWork

register_query_spec(
    QuerySpec(
        Contact,
        filterable=("id", "account", "created_at", "updated_at"),
        sortable=("created_at", "updated_at"),
    )
)

PHONE = re.compile(r"\+?[0-9][0-9 ()/.-]*", re.ASCII)


def email_is_one(_unit: UnitOfWork, row: Contact) -> Iterator[Violation]:
    """The e-mail address must be valid and in ASCII."""
    if row.email is not None and EMAIL.fullmatch(row.email) is None:
        message = f"{row.email!r} is not a valid e-mail address in ASCII. Use an address such as name@example.org."
        yield Violation((*INPUT, "email"), "email", message)


def phone_is_one(_unit: UnitOfWork, row: Contact) -> Iterator[Violation]:
    """The telephone number must have digits, spaces and `()/.-` only, after a plus sign if it has one."""
    if row.phone is not None and PHONE.fullmatch(row.phone) is None:
        message = f"{row.phone!r} is not a telephone number. Use digits, such as +372 5555 5555."
        yield Violation((*INPUT, "phone"), "phone", message)


register_mutation_spec(
    MutationSpec(
        Contact,
        # Each account has one from its creation.
        creatable=False,
        fields=("email", "phone", "availability"),
        validators=(email_is_one, phone_is_one),
    )
)
