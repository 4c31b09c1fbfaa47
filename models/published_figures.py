"""Figures that were published as such, each with its sources; they are never a count of rows."""

from __future__ import annotations

import datetime as dt
from enum import Enum, unique
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, reference_to, sort_indexes
from models.money import money_checks
from models.precision import DatePrecision, Qualifier
from models.sources import Sourced
from models.types import CODE, CURRENCY, KEY, PARAGRAPH, enum_column

if TYPE_CHECKING:
    from models.contributions import Contribution
    from models.deliveries import Delivery
    from models.meetings import Meeting
    from models.participants import Participant


@unique
class Measure(Enum):
    """What a published figure counts."""

    PARTICIPATING_NATIONS = "Nations counted as participating in the coalition."
    OBSERVERS = "Observers counted at a meeting."
    ATTENDING_NATIONS = "Nations counted as attending a meeting."
    CONTRIBUTED = "Money or goods contributed."
    EXPECTED = "Contributions still expected."
    COMMITTED = "Money or goods committed."
    RAISED = "Money and goods raised, cash and in kind together."
    ATTRACTED = "Money and goods attracted since the coalition began."
    UNDER_ACQUISITION = "The value of acquisitions under way."
    DELIVERED = "The value of what was delivered."
    SPENT = "Money spent."


class PublishedFigure(Sourced, Entity):
    """A head-count or total as somebody published it: never computed here, and never added up."""

    __tablename__ = "published_figures"
    natural_key = ("reference",)

    reference: Mapped[str] = mapped_column(CODE, unique=True, doc="Its name in this register, such as `FIG-004`.")
    measure: Mapped[Measure] = mapped_column(enum_column(Measure, "measure"), doc="What it counts.")
    value: Mapped[int | None] = mapped_column(BigInteger, doc="The figure, where it is a number of things.")
    money_minor: Mapped[int | None] = mapped_column(BigInteger, doc="The figure, where it is an amount of money.")
    money_currency: Mapped[str | None] = mapped_column(CURRENCY)
    qualifier: Mapped[Qualifier] = mapped_column(
        enum_column(Qualifier, "qualifier"), default=Qualifier.EXACT, doc="How its source qualifies it."
    )
    as_of: Mapped[dt.date | None] = mapped_column(doc="The date it speaks of.")
    as_of_precision: Mapped[DatePrecision | None] = mapped_column(
        enum_column(DatePrecision, "as_of_precision"), doc="How exactly that date is known."
    )
    note: Mapped[str | None] = mapped_column(PARAGRAPH, doc="What it includes, or what speaks against it.")
    meeting_id: Mapped[str | None] = mapped_column(KEY, reference_to("meetings"))
    contribution_id: Mapped[str | None] = mapped_column(KEY, reference_to("contributions"))
    delivery_id: Mapped[str | None] = mapped_column(KEY, reference_to("deliveries"))
    participant_id: Mapped[str | None] = mapped_column(KEY, reference_to("participants"))

    meeting: Mapped[Meeting | None] = relationship(
        back_populates="published_figures", doc="The meeting at which, or of which, it was published."
    )
    contribution: Mapped[Contribution | None] = relationship(
        back_populates="published_figures", doc="The contribution that another source puts at this figure."
    )
    delivery: Mapped[Delivery | None] = relationship(
        back_populates="published_figures", doc="The delivery that another source puts at this figure."
    )
    participant: Mapped[Participant | None] = relationship(
        back_populates="published_figures", doc="The participant it is a figure of, where it is not of all."
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
