"""How far what is kept here may be passed on: the Traffic Light Protocol, and what it does not cover."""

from __future__ import annotations

import re
from enum import Enum, unique
from typing import TYPE_CHECKING, Any

from sqlalchemy import event
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from models.base import Entity, link_table
from models.types import enum_column

if TYPE_CHECKING:
    from models.accounts import Account


@unique
class Marking(Enum):
    """How far something may be passed on: the Traffic Light Protocol, TLP 2.0."""

    CLEAR = "TLP:CLEAR. May be passed on freely."
    GREEN = "TLP:GREEN. May be passed on within the community."
    AMBER = "TLP:AMBER. Only within the organisations concerned, and their clients."
    AMBER_STRICT = "TLP:AMBER+STRICT. Only within the organisation concerned."
    RED = "TLP:RED. For the named recipients only."


#: NATO (C-M(2002)49) and the EU (Decision 2013/488/EU) mark classified information so; this system may hold none.
CLASSIFIED = re.compile(
    r"\b(?:NATO (?:RESTRICTED|CONFIDENTIAL|SECRET)|COSMIC TOP SECRET|ATOMAL"
    r"|(?:RESTREINT|CONFIDENTIEL|SECRET|TR[EÈ]S SECRET) UE|EU (?:RESTRICTED|CONFIDENTIAL|SECRET|TOP SECRET))\b"
)


def classified_label(text: str) -> str | None:
    """Give the label of classified information that `text` bears, None where it bears none.

    A label is written in capitals, and stands at an end of the text or of a line of it, or in brackets.
    """
    for line in text.splitlines():
        for found in CLASSIFIED.finditer(line):
            before, after = line[: found.start()].strip(), line[found.end() :].strip()
            bracketed = before.endswith(("(", "[", "/")) or after.startswith((")", "]", "/"))
            if not before or not after.strip(".:;- ") or bracketed:
                return found[0]
    return None


class ClassifiedError(ValueError):
    """A text bears a label of classified information, for which this system is not accredited."""


@event.listens_for(Entity, "before_insert", propagate=True)
@event.listens_for(Entity, "before_update", propagate=True)
def _refuse_classified(mapper: Any, _connection: Any, row: Entity) -> None:
    for attribute in mapper.column_attrs:
        value = getattr(row, attribute.key)
        label = classified_label(value) if isinstance(value, str) else None
        if label:
            message = f"{attribute.key} is labelled {label}: classified information does not belong in this system"
            raise ClassifiedError(message)


class HasMarking:
    """Gives an entity its marking, and the persons who are named where it is TLP:RED."""

    marking: Mapped[Marking] = mapped_column(
        enum_column(Marking, "marking"),
        # What nobody marked stays within the coalition, however it was written.
        default=Marking.AMBER,
        server_default=Marking.AMBER.name,
        doc="How far it may be passed on.",
    )

    @declared_attr
    @classmethod
    def recipients(cls) -> Mapped[list[Account]]:
        """Make the entity's table of named recipients and the relation to it."""
        name = re.sub("(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
        table: str = cls.__tablename__  # type: ignore[attr-defined]
        return relationship(
            secondary=link_table(f"{name}_recipients", f"{name}_id={table}", "account_id=accounts"),
            doc="The persons named as its recipients; marked TLP:RED, it is theirs alone.",
        )
