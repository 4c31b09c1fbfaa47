"""Requirements and funding by year: the planned money of the roadmap in force, and the money that is given for it.

A row is not stored. A statement computes it from the rows that the viewer sees, by the rules of `planning.gap_rows`.
"""

from __future__ import annotations

from enum import Enum, unique
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, inspect
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.derived.computed_rows import ComputedRows, Uncreated
from models.figures.gap_rows import gap_rows
from models.people.expert_groups import ExpertGroup
from models.planning.capability_needs import CapabilityArea, CapabilityNeed
from models.procurement.procurements import Procurement
from models.types import CURRENCY, KEY, enum_column

if TYPE_CHECKING:
    from sqlalchemy import SelectBase

    from models.derived.tables import Tables


@unique
class YearGapKind(Enum):
    """The kind of a year gap."""

    PLANNED = "Lines of the roadmap in force plan money in this currency for the need and the year."
    OUTSIDE_REQUIREMENTS = "Money for the need and the year, but no line plans money in this currency."
    SHARED = "Firm money that the needs of a procurement share. It is never divided among them."
    WITHOUT_AMOUNT = "A line of the roadmap in force without an amount. What it needs is unknown."


def _amount(doc: str) -> Mapped[int | None]:
    return mapped_column(BigInteger, doc=doc)


def _currency() -> Mapped[str | None]:
    return mapped_column(CURRENCY)


class YearGap(ComputedRows, Uncreated):
    """Planned money of the roadmap in force in a year and a currency, with the money that is given for it."""

    __tablename__ = "year_gaps"
    natural_key = ("id",)

    id: Mapped[str] = mapped_column(KEY, primary_key=True, doc="The ID: made of the object, the year and the currency.")
    kind: Mapped[YearGapKind] = mapped_column(enum_column(YearGapKind, "kind"), doc="The kind.")
    year: Mapped[int | None] = mapped_column(
        doc="The year of the line, or the planned year of the procurement; null if the procurement has none."
    )
    requirements_minor: Mapped[int | None] = _amount(
        "Sum of the lines of the roadmap in force; null if no line plans money in this currency."
    )
    requirements_currency: Mapped[str | None] = _currency()
    funding_minor: Mapped[int | None] = _amount("Firm money attributed to the need, from procurements of the year.")
    funding_currency: Mapped[str | None] = _currency()
    gap_minor: Mapped[int | None] = _amount("Requirements that are not funded, at least 0; null as `requirements` is.")
    gap_currency: Mapped[str | None] = _currency()
    pledged_minor: Mapped[int | None] = _amount("Pledges for the need alone, from procurements of the year.")
    pledged_currency: Mapped[str | None] = _currency()
    gap_if_pledges_hold_minor: Mapped[int | None] = _amount("The gap if the pledges become firm money, at least 0.")
    gap_if_pledges_hold_currency: Mapped[str | None] = _currency()
    funding_outside_requirements_minor: Mapped[int | None] = _amount(
        "Firm money attributed to the need, without a line in this currency and year; part of `funding`."
    )
    funding_outside_requirements_currency: Mapped[str | None] = _currency()
    shared_minor: Mapped[int | None] = _amount("Firm money that the needs of a procurement share; not in `funding`.")
    shared_currency: Mapped[str | None] = _currency()
    need_id: Mapped[str | None] = mapped_column(KEY)
    procurement_id: Mapped[str | None] = mapped_column(KEY)
    group_id: Mapped[str | None] = mapped_column(KEY)
    area_id: Mapped[str | None] = mapped_column(KEY)

    @classmethod
    def rows(cls, tables: Tables, parent: type[Any] | None) -> SelectBase:
        """Return the SELECT of the rows."""
        del parent
        return gap_rows(tables)


#: The objects that a row is about, by their names.
GAP_OBJECTS: dict[str, tuple[Any, str]] = {
    "need": (CapabilityNeed, "The capability need; null for shared money."),
    "procurement": (Procurement, "The procurement whose needs share the money; null for all other kinds."),
    "group": (ExpertGroup, "The expert group of the need; for shared money, of the procurement."),
    "area": (CapabilityArea, "The capability area of the need; null for shared money."),
}

for _name, (_model, _doc) in GAP_OBJECTS.items():
    _joined = foreign(getattr(YearGap, f"{_name}_id")) == _model.id
    inspect(YearGap).add_property(_name, relationship(_model, primaryjoin=_joined, viewonly=True, doc=_doc))
