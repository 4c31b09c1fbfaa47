"""Says which field and which rule an integrity error of the database means, for the one who corrects the file."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint

from models import Base
from resolvers.core.naming import api_name

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.exc import IntegrityError

CHECK = re.compile(r"(?:CHECK constraint failed: |violates check constraint \")(\w+)")


def reason_of(error: IntegrityError) -> str:
    """Return why the database refuses a row, as the end of a sentence."""
    text = str(error.orig)
    found = CHECK.search(text)
    rule = _checks().get(found[1]) if found else None
    if found is None or rule is None:
        return re.sub(r"^<class .*?>: ", "", text.splitlines()[0])
    table, condition = rule
    # A column of an amount is one field of the file with its currency.
    columns = [name for name in table.columns.keys() if re.search(rf"\b{name}\b", condition)]  # noqa: SIM118
    names = dict.fromkeys(api_name(re.sub(r"_(minor|currency)$", "", name)) for name in columns)
    fields = " and ".join(names) or "the record"
    verb = "break" if len(names) > 1 else "breaks"
    return f"{fields} {verb} the rule {condition!r} ({found[1]}). Correct the file."


@cache
def _checks() -> dict[str, tuple[Table, str]]:
    """Return the table and the condition of each check, by the name of the constraint."""
    return {
        str(rule.name): (table, " ".join(str(rule.sqltext).split()))
        for table in Base.metadata.sorted_tables
        for rule in table.constraints
        if isinstance(rule, CheckConstraint)
    }
