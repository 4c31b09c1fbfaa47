"""Traffic Light Protocol markings, and the check for labels of classified information."""

from __future__ import annotations

import re
from enum import Enum, unique
from typing import TYPE_CHECKING, Any

from sqlalchemy import event
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from models.base import Entity, link_table
from models.types import enum_column

if TYPE_CHECKING:
    from models.administration.accounts import Account


@unique
class Marking(Enum):
    """A marking of the Traffic Light Protocol (TLP 2.0): how far an object may be shared."""

    CLEAR = "TLP:CLEAR. May be shared without limits."
    GREEN = "TLP:GREEN. May be shared within the community."
    AMBER = "TLP:AMBER. May be shared only within the organisations concerned and with their clients."
    AMBER_STRICT = "TLP:AMBER+STRICT. May be shared only within the organisation concerned."
    RED = "TLP:RED. May be read only by the named recipients."


#: The labels of NATO (C-M(2002)49) and the EU (2013/488/EU) for classified information, which this system refuses.
CLASSIFIED = re.compile(
    r"\b(?:NATO (?:RESTRICTED|CONFIDENTIAL|SECRET)|COSMIC TOP SECRET|ATOMAL"
    r"|(?:RESTREINT|CONFIDENTIEL|SECRET|TR[EÈ]S SECRET) UE|EU (?:RESTRICTED|CONFIDENTIAL|SECRET|TOP SECRET))\b"
)


def classified_label(text: str) -> str | None:
    """Return the label of classified information in `text`, or None.

    A label is in capitals, at the start or end of a line or in brackets.
    """
    for line in text.splitlines():
        for found in CLASSIFIED.finditer(line):
            before, after = line[: found.start()].strip(), line[found.end() :].strip()
            bracketed = before.endswith(("(", "[", "/")) or after.startswith((")", "]", "/"))
            if not before or not after.strip(".:;- ") or bracketed:
                return found[0]
    return None


class ClassifiedError(ValueError):
    """A text has a label of classified information; this system is not accredited for it."""


@event.listens_for(Entity, "before_insert", propagate=True)
@event.listens_for(Entity, "before_update", propagate=True)
def _refuse_classified(mapper: Any, _connection: Any, row: Entity) -> None:
    for attribute in mapper.column_attrs:
        value = getattr(row, attribute.key)
        label = classified_label(value) if isinstance(value, str) else None
        if label:
            message = (
                f"{attribute.key} has the label {label}: this system must not hold classified information; remove it"
            )
            raise ClassifiedError(message)


class HasMarking:
    """Mixin for entities with a marking and, for TLP:RED, named recipients."""

    marking: Mapped[Marking] = mapped_column(
        enum_column(Marking, "marking"),
        # An unmarked object stays within the coalition; the server default covers writes outside the ORM.
        default=Marking.AMBER,
        server_default=Marking.AMBER.name,
        doc="The TLP marking: how far the object may be shared.",
    )

    @declared_attr
    @classmethod
    def recipients(cls) -> Mapped[list[Account]]:
        """Create the entity's table of named recipients; return the relation to it."""
        name = re.sub("(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
        table: str = cls.__tablename__  # type: ignore[attr-defined]
        return relationship(
            secondary=link_table(f"{name}_recipients", f"{name}_id={table}", "account_id=accounts"),
            doc="The named recipients; only they may read the object if it is TLP:RED.",
        )
