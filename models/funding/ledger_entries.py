"""The ledger: the money and goods of each donor, by year, currency and stage.

An entry is not stored. A statement computes it from the rows that the viewer sees, by the rules of
`planning.ledger_rows`.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, inspect
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.derived.computed_rows import ComputedRows, Uncreated
from models.figures.ledger_rows import ledger_rows
from models.funding.contribution_status import ContributionKind, ContributionStatus
from models.funding.contributions import Contribution
from models.people.participants import Participant
from models.types import CURRENCY, KEY, LINE, enum_column

if TYPE_CHECKING:
    from sqlalchemy import SelectBase

    from models.derived.tables import Tables


def _amount(doc: str) -> Mapped[int | None]:
    return mapped_column(BigInteger, doc=doc)


def _currency() -> Mapped[str | None]:
    return mapped_column(CURRENCY)


class LedgerEntry(ComputedRows, Uncreated):
    """A contribution, or a donor's share of one, with its money in the stage that it has reached."""

    __tablename__ = "ledger_entries"
    natural_key = ("id",)

    id: Mapped[str] = mapped_column(KEY, primary_key=True, doc="The ID: made of the contribution or the share.")
    kind: Mapped[ContributionKind] = mapped_column(enum_column(ContributionKind, "kind"), doc="The form.")
    status: Mapped[ContributionStatus] = mapped_column(
        enum_column(ContributionStatus, "status"), doc="The status of the contribution."
    )
    year: Mapped[int | None] = mapped_column(doc="The year of the announcement; null if no source states it.")
    announced_by: Mapped[dt.date | None] = mapped_column(
        doc="The day of the announcement; of a vague date, its last possible day."
    )
    donors: Mapped[str | None] = mapped_column(
        LINE, doc="The donor's code. Donors without shares are one donor together, such as `DK+EE`."
    )
    pledge_minor: Mapped[int | None] = _amount("Money that is pledged and not committed.")
    pledge_currency: Mapped[str | None] = _currency()
    commitment_minor: Mapped[int | None] = _amount(
        "Money that is committed and not paid; null if a part is paid, and it is unknown from whose share."
    )
    commitment_currency: Mapped[str | None] = _currency()
    paid_minor: Mapped[int | None] = _amount("Money that is paid; null if it is unknown from whose share.")
    paid_currency: Mapped[str | None] = _currency()
    funding_minor: Mapped[int | None] = _amount("Money that is committed or paid.")
    funding_currency: Mapped[str | None] = _currency()
    announced_minor: Mapped[int | None] = _amount("Money that is pledged, committed or paid.")
    announced_currency: Mapped[str | None] = _currency()
    in_kind_pledge_minor: Mapped[int | None] = _amount("Value of goods that are pledged; never part of money.")
    in_kind_pledge_currency: Mapped[str | None] = _currency()
    in_kind_commitment_minor: Mapped[int | None] = _amount("Value of goods that are committed; never part of money.")
    in_kind_commitment_currency: Mapped[str | None] = _currency()
    in_kind_given_minor: Mapped[int | None] = _amount("Value of goods that are given; never part of money.")
    in_kind_given_currency: Mapped[str | None] = _currency()
    known_part_of_joint_minor: Mapped[int | None] = _amount(
        "Published part of a joint contribution, which is included in the joint entry; never added to it."
    )
    known_part_of_joint_currency: Mapped[str | None] = _currency()
    allocated_minor: Mapped[int | None] = _amount("Sum of the allocations; null for a share.")
    allocated_currency: Mapped[str | None] = _currency()
    allocated_on_pledge_minor: Mapped[int | None] = _amount("Sum of the allocations of a pledge; part of `allocated`.")
    allocated_on_pledge_currency: Mapped[str | None] = _currency()
    allocated_to_planned_minor: Mapped[int | None] = _amount(
        "Sum of the allocations to procurements that are PLANNING, APPROVED, UNSUCCESSFUL or CANCELLED."
    )
    allocated_to_planned_currency: Mapped[str | None] = _currency()
    allocated_to_tendered_minor: Mapped[int | None] = _amount(
        "Sum of the allocations to procurements that are TENDERING or AWARDED."
    )
    allocated_to_tendered_currency: Mapped[str | None] = _currency()
    allocated_to_ordered_minor: Mapped[int | None] = _amount(
        "Sum of the allocations to procurements that are ORDERED or DELIVERING."
    )
    allocated_to_ordered_currency: Mapped[str | None] = _currency()
    allocated_to_completed_minor: Mapped[int | None] = _amount(
        "Sum of the allocations to procurements that are COMPLETED."
    )
    allocated_to_completed_currency: Mapped[str | None] = _currency()
    unallocated_minor: Mapped[int | None] = _amount(
        "Money that is not allocated, from the contribution or its parts; null for a share."
    )
    unallocated_currency: Mapped[str | None] = _currency()
    available_for_orders_minor: Mapped[int | None] = _amount("Committed or paid money that is not allocated.")
    available_for_orders_currency: Mapped[str | None] = _currency()
    participant_id: Mapped[str | None] = mapped_column(KEY)
    contribution_id: Mapped[str] = mapped_column(KEY)

    @classmethod
    def rows(cls, tables: Tables, parent: type[Any] | None) -> SelectBase:
        """Return the SELECT of the entries."""
        del parent
        return ledger_rows(tables)


#: The objects of an entry, by their names.
LEDGER_OBJECTS: dict[str, tuple[Any, str]] = {
    "participant": (Participant, "The donor; null for several donors together."),
    "contribution": (Contribution, "The contribution."),
}

for _name, (_model, _doc) in LEDGER_OBJECTS.items():
    _joined = foreign(getattr(LedgerEntry, f"{_name}_id")) == _model.id
    inspect(LedgerEntry).add_property(_name, relationship(_model, primaryjoin=_joined, viewonly=True, doc=_doc))

inspect(Participant).add_property(
    "ledger",
    relationship(
        LedgerEntry,
        primaryjoin=foreign(LedgerEntry.participant_id) == Participant.id,
        viewonly=True,
        uselist=True,
        doc="What it gives alone or as a known share: its own entries of the ledger, without joint ones.",
    ),
)
