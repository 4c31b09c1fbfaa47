"""Disbursements and tranches of contributions in the contract."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import models
from schema.builder.entity_types import entity_type
from schema.builder.money import Money
from schema.entity import Entity

if TYPE_CHECKING:
    from schema.funding.contributions import Contribution
    from schema.sources.sources import Source


@entity_type(models.ContributionTranche)
class ContributionTranche(Entity):
    """A tranche of a contribution."""

    contribution: Contribution
    year: int
    amount: Money
    paid: Money


@entity_type(models.Disbursement, root="disbursements", description="The payments and refunds of contributions.")
class Disbursement(Entity):
    """A payment or refund."""

    contribution: Contribution
    number: int
    paid_on: dt.date
    paid_year: int
    amount: Money
    tranche_year: int | None
    corrects: int | None
    reason: str | None
    sources: list[Source]
