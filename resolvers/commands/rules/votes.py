"""The rule of votes: the known votes on a decision allow its outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models import DecisionOutcome, VoteChoice
from resolvers.commands.errors import INPUT, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models import Meeting
    from resolvers.commands.unit_of_work import UnitOfWork


def votes_agree_with_the_outcome(_unit: UnitOfWork, row: Meeting) -> Iterator[Violation]:
    """Check that the known votes allow the outcome; votes that are not known can be any, and a tie allows both."""
    voters = {each.participant_id for each in row.attendances if each.may_vote}
    for place, decision in enumerate(row.decisions):
        votes = [each.choice for each in decision.votes]
        for_it, against = votes.count(VoteChoice.FOR), votes.count(VoteChoice.AGAINST)
        unknown = len(voters - {each.participant_id for each in decision.votes})
        adopted = decision.outcome in {None, DecisionOutcome.ADOPTED} and against > for_it + unknown
        rejected = decision.outcome is DecisionOutcome.REJECTED and for_it > against + unknown
        if adopted or rejected:
            outcome = (decision.outcome or DecisionOutcome.ADOPTED).name
            message = (
                f"With {for_it} votes for it, {against} against it and {unknown} unknown, it is not {outcome}. Correct "
                "the votes, the attendances or the outcome."
            )
            yield Violation((*INPUT, "decisions", str(place), "votes"), "votes", message)
