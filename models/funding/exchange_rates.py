"""The euro's reference rates, by which sums are converted on request. An operator loads them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import CURRENCY, LINE
from models.types import ExchangeRate as Rate


class ExchangeRate(Base):
    """The reference rate of a currency on a day, as its source published it."""

    __tablename__ = "exchange_rates"

    currency: Mapped[str] = mapped_column(CURRENCY, primary_key=True)
    day: Mapped[dt.date] = mapped_column(primary_key=True)
    #: How many units of the currency one euro is worth.
    units_per_euro: Mapped[Decimal] = mapped_column(Rate)
    source: Mapped[str] = mapped_column(LINE)

    __table_args__ = (
        CheckConstraint("units_per_euro BETWEEN 1 AND 100000000000000", name="units_per_euro"),
        CheckConstraint("length(currency) = 3 AND currency <> 'EUR'", name="currency"),
    )
