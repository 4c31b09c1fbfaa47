"""The ledger in the contract."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import models
from models import ContributionKind, ContributionStatus
from schema.builder.entity_types import Node, entity_type
from schema.builder.money import Money

if TYPE_CHECKING:
    from schema.funding.contributions import Contribution
    from schema.people.participants import Participant


#: It has no base in common with the entities that are stored.
_MODEL: Any = models.LedgerEntry


@entity_type(
    _MODEL,
    root="ledger",
    description="""The money and goods of the donors by stage: an entry for each contribution that counts in sums, for
    each known share of a donor, and for each published part. Group them by donors and year for totals.""",
)
class LedgerEntry(Node):
    """An entry of the ledger."""

    donors: str | None
    participant: Participant | None
    contribution: Contribution
    year: int | None
    announced_by: dt.date | None
    kind: ContributionKind
    status: ContributionStatus
    pledge: Money | None
    commitment: Money | None
    paid: Money | None
    funding: Money | None
    announced: Money | None
    in_kind_pledge: Money | None
    in_kind_commitment: Money | None
    in_kind_given: Money | None
    known_part_of_joint: Money | None
    allocated: Money | None
    allocated_on_pledge: Money | None
    allocated_to_planned: Money | None
    allocated_to_tendered: Money | None
    allocated_to_ordered: Money | None
    allocated_to_completed: Money | None
    unallocated: Money | None
    available_for_orders: Money | None
