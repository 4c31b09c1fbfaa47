"""Coverage: what a group, an area, a participant or the coalition requires in a currency, and what it has.

A row is not stored. A statement computes it from the rows that the viewer sees, by the rules of
`figures.coverage_rows`.
"""

from __future__ import annotations

from enum import Enum, unique
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, inspect
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.derived.computed_rows import ComputedRows, Uncreated
from models.figures.coverage_rows import coverage_rows
from models.people.expert_groups import ExpertGroup
from models.people.participants import Participant
from models.planning.capability_needs import CapabilityArea
from models.types import CURRENCY, KEY, enum_column

if TYPE_CHECKING:
    from sqlalchemy import SelectBase

    from models.derived.tables import Tables


@unique
class CoverageScope(Enum):
    """The scope of a coverage. Scopes overlap, so they are never added."""

    COALITION = "All needs."
    GROUP = "The needs of an expert group."
    AREA = "The needs in a capability area."
    REQUESTED = "The needs that a participant requested."
    LED = "The procurements that a participant leads."


def _amount(doc: str) -> Mapped[int | None]:
    return mapped_column(BigInteger, doc=doc)


def _currency() -> Mapped[str | None]:
    return mapped_column(CURRENCY)


class Coverage(ComputedRows, Uncreated):
    """The requirements of a scope in one currency, with the plans, the money and the orders for them."""

    __tablename__ = "coverages"
    natural_key = ("id",)

    id: Mapped[str] = mapped_column(KEY, primary_key=True, doc="The ID: made of object, scope and currency.")
    scope: Mapped[CoverageScope] = mapped_column(enum_column(CoverageScope, "scope"), doc="The scope.")
    currency: Mapped[str | None] = mapped_column(
        CURRENCY, doc="The currency of all amounts; null in the object that counts what has no amount."
    )
    count: Mapped[int] = mapped_column(
        doc="Number of needs, for LED of procurements, with an estimate in this currency; without a currency, of those "
        "without an estimate."
    )
    requirements_minor: Mapped[int | None] = _amount(
        "Sum of the estimates; null if there is no estimate in this currency."
    )
    requirements_currency: Mapped[str | None] = _currency()
    planned_minor: Mapped[int | None] = _amount("Sum of the lines of the roadmap in force for the needs; 0 for LED.")
    planned_currency: Mapped[str | None] = _currency()
    funding_minor: Mapped[int | None] = _amount(
        "Firm money of the procurements in scope, each once; also money that their needs share."
    )
    funding_currency: Mapped[str | None] = _currency()
    pledged_minor: Mapped[int | None] = _amount("Pledges to the procurements in scope, each once; not in `funding`.")
    pledged_currency: Mapped[str | None] = _currency()
    ordered_minor: Mapped[int | None] = _amount(
        "Cost of the lines of placed orders for the needs; for LED, what the orders owe. An order that is CLOSED or "
        "TERMINATED costs what it owes."
    )
    ordered_currency: Mapped[str | None] = _currency()
    ordered_unknown: Mapped[int] = mapped_column(
        doc="Number of lines of placed orders, for LED of orders, whose cost is unknown; 0 with a currency."
    )
    unmet_minor: Mapped[int | None] = _amount(
        "Sum of what each need, for LED each procurement, lacks; too much for one fills no gap of another."
    )
    unmet_currency: Mapped[str | None] = _currency()
    net_minor: Mapped[int | None] = _amount("Requirements less funding; below 0 if there is more money than required.")
    net_currency: Mapped[str | None] = _currency()
    group_id: Mapped[str | None] = mapped_column(KEY)
    area_id: Mapped[str | None] = mapped_column(KEY)
    participant_id: Mapped[str | None] = mapped_column(KEY)

    @classmethod
    def rows(cls, tables: Tables, parent: type[Any] | None) -> SelectBase:
        """Return the SELECT of the rows."""
        of = next((f"{name}_id" for name, (model, _) in COVERED_OBJECTS.items() if model is parent), None)
        found: SelectBase = coverage_rows(tables, of)
        return found


#: The objects that a scope can be of, by their names.
COVERED_OBJECTS: dict[str, tuple[Any, str]] = {
    "group": (ExpertGroup, "The expert group; null for all other scopes."),
    "area": (CapabilityArea, "The capability area; null for all other scopes."),
    "participant": (Participant, "The participant that requested the needs or leads the procurements."),
}

for _name, (_model, _doc) in COVERED_OBJECTS.items():
    _joined = foreign(getattr(Coverage, f"{_name}_id")) == _model.id
    inspect(Coverage).add_property(_name, relationship(_model, primaryjoin=_joined, viewonly=True, doc=_doc))
    _words = "What it requires and what it has, for each scope and currency."
    inspect(_model).add_property(
        "coverages", relationship(Coverage, primaryjoin=_joined, viewonly=True, uselist=True, doc=_words)
    )
