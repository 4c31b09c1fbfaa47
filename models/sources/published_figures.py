"""Published figures with their sources; the system never computes them."""

from __future__ import annotations

import datetime as dt
from enum import Enum, unique
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, reference_to, sort_indexes
from models.money import money_checks
from models.precision import DatePrecision, Qualifier
from models.sources.sources import Sourced
from models.types import CODE, CURRENCY, KEY, PARAGRAPH, enum_column

if TYPE_CHECKING:
    from models.funding.contributions import Contribution
    from models.meetings.meetings import Meeting
    from models.orders.deliveries import Delivery
    from models.people.participants import Participant


@unique
class Measure(Enum):
    """The quantity that a published figure measures."""

    PARTICIPATING_NATIONS = "Number of nations that participate in the coalition."
    OBSERVERS = "Number of observers at a meeting."
    ATTENDING_NATIONS = "Number of nations that attended a meeting."
    CONTRIBUTED = "Money or goods contributed."
    EXPECTED = "Contributions that are still expected."
    COMMITTED = "Money or goods committed."
    RAISED = "Money and goods raised in total, cash and in kind."
    ATTRACTED = "Money and goods attracted since the coalition was created."
    UNDER_ACQUISITION = "Value of the acquisitions in progress."
    DELIVERED = "Value of the deliveries."
    SPENT = "Money spent."


class PublishedFigure(Sourced, Entity):
    """A count or total from a publication; it is never computed and never added to others."""

    __tablename__ = "published_figures"
    natural_key = ("reference",)

    reference: Mapped[str] = mapped_column(CODE, unique=True, doc="The reference in the register, such as `FIG-004`.")
    measure: Mapped[Measure] = mapped_column(
        enum_column(Measure, "measure"), doc="The quantity that the figure measures."
    )
    value: Mapped[int | None] = mapped_column(BigInteger, doc="The figure, if it is a count; otherwise null.")
    money_minor: Mapped[int | None] = mapped_column(
        BigInteger, doc="The figure, if it is an amount of money; otherwise null."
    )
    money_currency: Mapped[str | None] = mapped_column(CURRENCY)
    qualifier: Mapped[Qualifier] = mapped_column(
        enum_column(Qualifier, "qualifier"), default=Qualifier.EXACT, doc="How the source qualifies the figure."
    )
    as_of: Mapped[dt.date | None] = mapped_column(doc="The date to which the figure refers.")
    as_of_precision: Mapped[DatePrecision | None] = mapped_column(
        enum_column(DatePrecision, "as_of_precision"), doc="The precision of `asOf`."
    )
    note: Mapped[str | None] = mapped_column(PARAGRAPH, doc="The scope of the figure, or reasons to doubt it.")
    meeting_id: Mapped[str | None] = mapped_column(KEY, reference_to("meetings"))
    contribution_id: Mapped[str | None] = mapped_column(KEY, reference_to("contributions"))
    delivery_id: Mapped[str | None] = mapped_column(KEY, reference_to("deliveries"))
    participant_id: Mapped[str | None] = mapped_column(KEY, reference_to("participants"))

    meeting: Mapped[Meeting | None] = relationship(
        back_populates="published_figures", doc="The meeting that the figure is about or was published at."
    )
    contribution: Mapped[Contribution | None] = relationship(
        back_populates="published_figures", doc="The contribution for which a source states this figure."
    )
    delivery: Mapped[Delivery | None] = relationship(
        back_populates="published_figures", doc="The delivery for which a source states this figure."
    )
    participant: Mapped[Participant | None] = relationship(
        back_populates="published_figures", doc="The participant that the figure is about; null for other figures."
    )

    __table_args__ = (
        *money_checks("money"),
        CheckConstraint("(value IS NULL) <> (money_minor IS NULL)", name="value_or_money"),
        CheckConstraint("value >= 0", name="value"),
        *sort_indexes(
            "reference",
            "measure",
            "qualifier",
            "as_of",
            "value",
            "money_currency+money_minor",
            "created_at",
            "updated_at",
        ),
        *sort_indexes("reference", within="meeting_id"),
        *sort_indexes("reference", within="contribution_id"),
        *sort_indexes("reference", within="delivery_id"),
        *sort_indexes("reference", within="participant_id"),
    )
