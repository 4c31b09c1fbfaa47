"""Published totals beside those of the ledger.

A total is not stored. A statement computes it from the rows that the viewer sees, by the rules of
`planning.ledger_total_rows`.
"""

from __future__ import annotations

import datetime as dt
from enum import Enum, unique
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, inspect
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.derived.computed_rows import ComputedRows, Uncreated
from models.figures.ledger_total_rows import ledger_total_rows
from models.funding.contribution_status import ContributionKind
from models.funding.contributions import Contribution
from models.people.participants import Participant
from models.precision import Qualifier
from models.sources.published_figures import PublishedFigure
from models.types import CURRENCY, KEY, LINE, enum_column

if TYPE_CHECKING:
    from sqlalchemy import SelectBase

    from models.derived.tables import Tables


@unique
class LedgerStage(Enum):
    """The money and goods that a total counts."""

    ANNOUNCED = "Everything pledged, committed or paid."
    FIRM = "Everything committed or paid."
    PLEDGED = "Everything pledged and not committed."


class LedgerTotal(ComputedRows, Uncreated):
    """A published total of the money and goods of donors, with what the ledger adds up for the same donors and day."""

    __tablename__ = "ledger_totals"
    natural_key = ("id",)

    id: Mapped[str] = mapped_column(KEY, primary_key=True, doc="The ID: that of the figure or of the contribution.")
    stage: Mapped[LedgerStage] = mapped_column(enum_column(LedgerStage, "stage"), doc="The counted stage.")
    kind: Mapped[ContributionKind | None] = mapped_column(
        enum_column(ContributionKind, "kind"), doc="The form; null for money and goods together."
    )
    donors: Mapped[str | None] = mapped_column(LINE, doc="The donors, as in the ledger; null for all donors.")
    until: Mapped[dt.date | None] = mapped_column(
        doc="The day of the total; of a vague date, its last possible day. Null for all that is known."
    )
    qualifier: Mapped[Qualifier] = mapped_column(
        enum_column(Qualifier, "qualifier"), doc="How the source qualifies the published total."
    )
    published_minor: Mapped[int] = mapped_column(BigInteger, doc="The published total.")
    published_currency: Mapped[str] = mapped_column(CURRENCY)
    computed_minor: Mapped[int | None] = mapped_column(
        BigInteger,
        doc="The sum of the entries of the ledger that were announced until that day, in the same currency. The stage "
        "is that of today. Null if there is none.",
    )
    computed_currency: Mapped[str | None] = mapped_column(CURRENCY)
    difference_minor: Mapped[int | None] = mapped_column(
        BigInteger, doc="The published total less the computed one; negative if less was published."
    )
    difference_currency: Mapped[str | None] = mapped_column(CURRENCY)
    unknown_count: Mapped[int] = mapped_column(
        doc="The number of entries that are not counted, because their day or their amount in this stage is unknown."
    )
    participant_id: Mapped[str | None] = mapped_column(KEY)
    figure_id: Mapped[str | None] = mapped_column(KEY)
    contribution_id: Mapped[str | None] = mapped_column(KEY)

    @classmethod
    def rows(cls, tables: Tables, parent: type[Any] | None) -> SelectBase:
        """Return the SELECT of the totals."""
        del parent
        return ledger_total_rows(tables)


#: The objects of a total, by their names.
TOTAL_OBJECTS: dict[str, tuple[Any, str]] = {
    "participant": (Participant, "The donor; null for several donors."),
    "figure": (PublishedFigure, "The published figure, with its sources; null for a total to date."),
    "contribution": (Contribution, "The contribution that the total is about or, of a total to date, that states it."),
}

for _name, (_model, _doc) in TOTAL_OBJECTS.items():
    _joined = foreign(getattr(LedgerTotal, f"{_name}_id")) == _model.id
    inspect(LedgerTotal).add_property(_name, relationship(_model, primaryjoin=_joined, viewonly=True, doc=_doc))
