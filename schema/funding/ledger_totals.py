"""Published totals beside the ledger, in the contract."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import models
from models import ContributionKind, LedgerStage, Qualifier
from schema.builder.entity_types import Node, entity_type
from schema.builder.money import Money

if TYPE_CHECKING:
    from schema.funding.contributions import Contribution
    from schema.people.participants import Participant
    from schema.sources.published_figures import PublishedFigure


#: It has no base in common with the entities that are stored.
_MODEL: Any = models.LedgerTotal


@entity_type(
    _MODEL,
    root="ledger_totals",
    description="""The published totals of the money and goods of donors, each beside the total that the ledger adds up.
    They are never added to each other.""",
)
class LedgerTotal(Node):
    """A published total beside that of the ledger."""

    donors: str | None
    participant: Participant | None
    stage: LedgerStage
    kind: ContributionKind | None
    until: dt.date | None
    published: Money
    qualifier: Qualifier
    computed: Money | None
    difference: Money | None
    unknown_count: int
    figure: PublishedFigure | None
    contribution: Contribution | None
