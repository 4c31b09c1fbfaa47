"""Declares the queries and commands of review requests, and which reviews a version still needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models import (
    DocumentStatus,
    DocumentVersion,
    ReviewRequest,
    ReviewResult,
    ReviewStatus,
    VersionState,
)
from models.base import now
from models.documents.review_requests import READY_RESULTS, REVIEWERS
from resolvers.access.permissions import Action
from resolvers.commands.command import EXPECTED_VERSION, Command, command, id_of
from resolvers.commands.errors import INPUT, ValidationError, Violation
from resolvers.commands.input_fields import InputField
from resolvers.commands.rules.task_readers import accounts_of, cannot_read
from resolvers.commands.spec import MutationSpec, OneOf, mutation_spec_of, register_mutation_spec
from resolvers.commands.standard_changes import check_version, find_and_lock, validate_and_flush
from resolvers.core.attributes import Kind
from resolvers.query.spec import QuerySpec, register_query_spec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from resolvers.commands.unit_of_work import UnitOfWork

register_query_spec(
    QuerySpec(
        ReviewRequest,
        filterable=(
            "id",
            "reference",
            "status",
            "result",
            "due_on",
            "is_overdue",
            "is_stale",
            "done_at",
            "document",
            "document_version",
            *REVIEWERS,
            "requested_by",
            "created_at",
            "updated_at",
        ),
        sortable=("reference", "due_on", "done_at", "created_at", "updated_at"),
        groupable=("status", "result", "document", "reviewer_group"),
    )
)

#: The statuses of documents of which no review is written any more.
ENDED_DOCUMENTS = frozenset({DocumentStatus.SUPERSEDED, DocumentStatus.WITHDRAWN})

#: The statuses that clients set to go on with a review.
REVIEWING = frozenset({ReviewStatus.REQUESTED, ReviewStatus.ACCEPTED})


def unfinished_reviews(unit: UnitOfWork, version: DocumentVersion) -> str | None:
    """Return which reviews of a version say neither READY nor READY_WITH_ISSUES, as a clause; None if all do."""
    asked = [each for each in version.review_requests if each.status is not ReviewStatus.CANCELLED]
    left = [each for each in asked if each.result not in READY_RESULTS]
    hidden = {*unit.not_visible(left)}
    named = sorted(f"{each.reference} is {(each.result or each.status).name}" for each in left if each not in hidden)
    if not named:
        return None
    return f"{len(named)} of {len(asked)} reviews of version {version.label} are not ready ({', '.join(named)})"


def _set_requested_by(unit: UnitOfWork, row: ReviewRequest) -> None:
    row.requested_by_id = unit.viewer.account


def _version_can_be_reviewed(unit: UnitOfWork, row: ReviewRequest) -> Iterator[Violation]:
    """Check that a review goes on only with the current version of a document that has not ended."""
    at = (*INPUT, "documentVersionId" if "id" not in unit.input else "to" if "to" in unit.input else "id")
    if "id" in unit.input and "result" not in unit.input and unit.input.get("to") not in REVIEWING:
        return
    version, newer, is_new = row.document_version, row.newer_version(), "id" not in unit.input
    # Who reviews cannot choose a version.
    decline = "Decline this request, or ask the account that requested it to cancel it and to request a review of"
    if row.document.status in ENDED_DOCUMENTS:
        message = f"The document is {row.document.status.name}, so no review of it is needed any more."
        yield Violation(at, "ended", message)
    elif newer is not None:
        advice = "Request a review of" if is_new else decline
        message = f"Version {newer.label} has replaced version {version.label}. {advice} version {newer.label}."
        yield Violation(at, "replaced", message)
    elif version.state is not VersionState.AVAILABLE:
        advice = "Choose a version with a file that is AVAILABLE" if is_new else f"{decline} another version"
        message = f"The file of the version is {version.state.name}. {advice}."
        yield Violation(at, "state", message)


def _reviewer_is_asked_once(unit: UnitOfWork, row: ReviewRequest) -> Iterator[Violation]:
    """Check that no other request asks the same reviewer about the same version."""
    if "reviewer" not in unit.input:
        return
    asked = (each for each in row.document_version.review_requests if each is not row)
    for other in asked:
        same = all(getattr(other, f"{name}_id") == getattr(row, f"{name}_id") for name in REVIEWERS)
        if same and other.status is not ReviewStatus.CANCELLED:
            message = f"{other.reference} requests this review already. Use that request, or choose another reviewer."
            yield Violation((*INPUT, "reviewer"), "requested_once", message)


def _reviewer_sees_the_version(unit: UnitOfWork, row: ReviewRequest) -> Iterator[Violation]:
    """Check that the reviewer can read the version; the message does not say why not."""
    reviewer = row.reviewer_account or row.reviewer_group
    if "reviewer" in unit.input and reviewer is not None:
        yield from cannot_read(unit, row.document_version, "reviewer", accounts_of(unit, reviewer))


def _is_due_in_time(unit: UnitOfWork, row: ReviewRequest) -> Iterator[Violation]:
    """Check that a new due date is not in the past."""
    if "due_on" in unit.input and row.due_on and row.due_on < now().date():
        message = f"The date is before today, {now().date()} (UTC). Give today or a later date."
        yield Violation((*INPUT, "dueOn"), "due", message)


def _text_fits(_unit: UnitOfWork, row: ReviewRequest) -> Iterator[Violation]:
    """Check that a review whose result is not READY says why."""
    if row.result and row.result is not ReviewResult.READY and row.text is None:
        message = f"The result is {row.result.name}. Say in the text which issues there are."
        yield Violation((*INPUT, "text"), "text", message)


def _keep_reason(unit: UnitOfWork, row: ReviewRequest) -> None:
    """Write why a review will not be done; clear it when the review is requested again."""
    if "to" in unit.input:
        ended = row.status in {ReviewStatus.DECLINED, ReviewStatus.CANCELLED}
        row.reason = unit.reason if ended else None


def _complete(unit: UnitOfWork, values: Mapping[str, Any]) -> ReviewRequest:
    """Write an accepted review: its result and its text. Raises CommandError."""
    spec = mutation_spec_of(ReviewRequest)
    row: ReviewRequest = find_and_lock(unit, spec, values)
    unit.require(Action.TRANSITION, row)
    check_version(row, values["expected_version"])
    if row.status is not ReviewStatus.ACCEPTED:
        code, message = "transition", f"The review request is {row.status.name}. It must be ACCEPTED first."
        raise ValidationError.at(code, message, "id")
    row.status, row.result, row.text, row.done_at = ReviewStatus.DONE, values["result"], values.get("text"), now()
    validate_and_flush(unit, spec, row)
    return row


register_mutation_spec(
    MutationSpec(
        ReviewRequest,
        create_only=("document_version",),
        fields=("reference", "due_on", "note"),
        one_of={"reviewer": OneOf("The reviewer: a person or an expert group.", REVIEWERS)},
        auto_named=("reference",),
        name_prefix="REV",
        approval_statuses=frozenset({ReviewStatus.CANCELLED}),
        reasoned_statuses=frozenset(
            {ReviewStatus.DECLINED, ReviewStatus.CANCELLED, (ReviewStatus.DECLINED, ReviewStatus.REQUESTED)}
        ),
        locked_fields=dict.fromkeys((ReviewStatus.ACCEPTED, ReviewStatus.DECLINED), ("reviewer",)),
        lock_also=("document",),
        completed_by=(_set_requested_by,),
        validators=(
            _version_can_be_reviewed,
            _reviewer_is_asked_once,
            _reviewer_sees_the_version,
            _is_due_in_time,
            _text_fits,
        ),
        before_flush=(_keep_reason,),
    )
)

command(
    Command(
        "complete_review_request",
        ReviewRequest,
        "Write an accepted review, with its result. The review request becomes DONE.",
        (
            id_of(ReviewRequest),
            EXPECTED_VERSION,
            InputField("result", Kind.ENUM, "The result.", required=True, nullable=False, enum=ReviewResult),
            InputField("text", Kind.TEXT, "The text; required unless the result is READY.", maximum=4000),
        ),
        _complete,
    )
)
