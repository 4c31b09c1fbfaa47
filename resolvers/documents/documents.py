"""Declares the queries and commands of documents."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from models import Document, DocumentStatus, VersionState
from models.base import now
from resolvers.access.permissions import Action
from resolvers.access.readers import why_hidden
from resolvers.commands.command import EXPECTED_VERSION, Command, command, id_of
from resolvers.commands.errors import INPUT, ValidationError, Violation
from resolvers.commands.input_fields import InputField
from resolvers.commands.rules.periods import ends_after_start
from resolvers.commands.spec import MutationSpec, mutation_spec_of, register_mutation_spec
from resolvers.commands.standard_changes import check_version, validate_and_flush
from resolvers.commands.succession import cannot_replace
from resolvers.commands.uniqueness import unique_among_visible
from resolvers.core.attributes import Kind
from resolvers.core.naming import api_name
from resolvers.documents.document_links import LINK, each_object_is_linked_once
from resolvers.documents.review_requests import unfinished_reviews
from resolvers.people.expert_groups import group_is_active
from resolvers.query.spec import QuerySpec, register_query_spec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from enum import Enum

    from models import DocumentVersion
    from resolvers.commands.unit_of_work import UnitOfWork

register_query_spec(
    QuerySpec(
        Document,
        filterable=(
            "id",
            "reference",
            "title",
            "document_type",
            "marking",
            "status",
            "language",
            "issue_date",
            "expires_on",
            "is_expired",
            "publisher",
            "group",
            "shared_with",
            "meetings",
            "versions",
            "links",
            "review_requests",
            "created_at",
            "updated_at",
        ),
        sortable=("reference", "title", "issue_date", "expires_on", "publisher", "created_at", "updated_at"),
        groupable=("document_type", "marking", "status", "is_expired", "language", "publisher", "group"),
    )
)

#: A language code: two letters (ISO 639-1).
LANGUAGE = re.compile("[a-z]{2}")

#: The statuses of documents that can supersede another one, and that can release another version.
REPLACING = frozenset({DocumentStatus.FINAL, DocumentStatus.RELEASED})

#: The statuses of a document that has superseded another one: it can be superseded or withdrawn in its turn.
REPLACED = REPLACING | {DocumentStatus.SUPERSEDED, DocumentStatus.WITHDRAWN}

#: The statuses in which the content is fixed: a new version is a draft beside the released one.
FIXED = frozenset({DocumentStatus.FINAL, DocumentStatus.RELEASED, DocumentStatus.SUPERSEDED})

#: The fields that describe the content.
CONTENT = (
    "title", "description", "document_type", "language", "issue_date", "issue_date_precision", "url", "publisher",
)  # fmt: skip


def language_is_a_code(_unit: UnitOfWork, row: Document) -> Iterator[Violation]:
    """The language must be an ISO 639-1 code."""
    if row.language is not None and LANGUAGE.fullmatch(row.language) is None:
        message = "The language is not an ISO 639-1 code. Use two lower-case letters, such as `en`."
        yield Violation((*INPUT, "language"), "language", message)


def has_content(_unit: UnitOfWork, row: Document) -> Iterator[Violation]:
    """A document that becomes FINAL or RELEASED must have a file that readers can download, or a URL."""
    if row.status not in REPLACING or row.url is not None:
        return
    versions = [each for each in row.versions if each.draft_since is None and each.withdrawn_at is None]
    # Of a document that is FINAL, readers get the version that was released last.
    released = named_version(row)
    if any(each.state is VersionState.AVAILABLE for each in ([released] if released else versions)):
        return
    message = (
        f"The document has no URL, and none of its versions ({len(row.versions)}) has an AVAILABLE file to release. "
        "Upload the file of a version and wait until it is AVAILABLE"
    )
    if row.status is DocumentStatus.FINAL:
        message += ", or set the URL."
    else:
        message += ", then release it with releaseDocumentVersion."
    yield Violation((*INPUT, "to"), "content", message)


def named_version(row: Document) -> DocumentVersion | None:
    """Return the version that a document names since it became FINAL; None if it names none."""
    released = [each for each in row.versions if each.released_at and each.draft_since is None]
    return max(released, key=lambda each: (each.released_at, each.id), default=None)


def supersede(unit: UnitOfWork, values: Mapping[str, Any]) -> Document:
    """Supersede a document by a later one. Raises CommandError."""
    row = unit.find(Document, values["id"])
    later = unit.resolve_reference(Document, values["by_id"], ("by_id",))
    unit.lock(*{row, later})
    unit.require(Action.DECIDE, row)
    check_version(row, values["expected_version"])
    if row.status is not DocumentStatus.RELEASED:
        code, message = "transition", f"The document is {row.status.name}. Only a RELEASED document can be superseded."
        raise ValidationError.at(code, message, "id")
    if fault := next(cannot_replace(later, row, REPLACING), None):
        raise ValidationError.at(*fault, "byId")
    row.superseded_by, row.superseded_by_id, row.status = later, later.id, DocumentStatus.SUPERSEDED
    validate_and_flush(unit, mutation_spec_of(Document), row)
    return row


def superseded_in_order(_unit: UnitOfWork, row: Document) -> Iterator[Violation]:
    """A document that names a later one is superseded by it: an agreed one, which all its readers see."""
    if row.superseded_by is None:
        return
    faults = [*cannot_replace(row.superseded_by, row, REPLACED)]
    if row.status not in {DocumentStatus.SUPERSEDED, DocumentStatus.WITHDRAWN}:
        faults += [("superseded", f"The document is {row.status.name}. With a later one, it must be SUPERSEDED.")]
    for rule, message in faults:
        yield Violation((*INPUT, "supersededBy"), rule, message)


def is_replaced_no_longer(unit: UnitOfWork, row: Document) -> Iterator[Violation]:
    """A superseded document is released again only if the document that supersedes it is withdrawn."""
    later = row.superseded_by
    if unit.input.get("to") is DocumentStatus.RELEASED and later and later.status is not DocumentStatus.WITHDRAWN:
        message = f"{later.reference} supersedes it and is {later.status.name}. Withdraw that document first."
        yield Violation((*INPUT, "to"), "superseded", message)


def readers_of_minutes_see_the_meeting(unit: UnitOfWork, row: Document) -> Iterator[Violation]:
    """Check that readers whom a change adds to the minutes of a meeting see that meeting."""
    fields = [name for name in ("marking", "shared_with_ids", "recipient_ids", "group_id") if name in unit.input]
    meetings = [each.meeting for each in row.minutes_of if each.meeting and why_hidden(each.meeting, row)]
    if "id" in unit.input and fields and meetings:
        names = ", ".join(sorted(each.reference for each in meetings))
        message = f"It is the minutes of {names}, and some of its readers would not see it. Give it fewer readers."
        yield Violation((*INPUT, api_name(fields[0])), "readers", message)


def clear_superseding(unit: UnitOfWork, row: Document) -> None:
    """Take the later document out of one that is released again."""
    if unit.input.get("to") is DocumentStatus.RELEASED:
        row.superseded_by = row.superseded_by_id = None


def final_in_spite_of_reviews(unit: UnitOfWork, row: Document, to: Enum) -> str | None:
    """A document becomes FINAL with a reason if reviews of the version that it will mean are not ready."""
    version = newest_available(row) if to is DocumentStatus.FINAL else None
    left = unfinished_reviews(unit, version) if version else None
    return f"it becomes FINAL although {left}, or wait for them, or cancel them" if left else None


def newest_available(row: Document) -> DocumentVersion | None:
    """Return the newest version whose file can be downloaded."""
    arrived = (each for each in row.versions if each.state is VersionState.AVAILABLE)
    return max(arrived, key=lambda each: (each.created_at, each.id), default=None)


def agree_on_version(unit: UnitOfWork, row: Document) -> None:
    """Release the newest available version with FINAL; versions that have not arrived become drafts."""
    if unit.input.get("to") is not DocumentStatus.FINAL:
        return
    for version in row.versions:
        if version.state in {VersionState.DECLARED, VersionState.QUARANTINED}:
            version.draft_since = now()
    if newest := newest_available(row):
        newest.released_at = now()


register_mutation_spec(
    MutationSpec(
        Document,
        fields=(
            "reference",
            "title",
            "description",
            "document_type",
            "marking",
            "language",
            "keywords",
            "issue_date",
            "issue_date_precision",
            "expires_on",
            "url",
            "publisher",
            "group",
        ),
        auto_named=("reference",),
        name_prefix="DOC",
        many_to_many={"shared_with": "shared_with_ids", "recipients": "recipient_ids"},
        children={"links": LINK},
        approval_statuses=frozenset({DocumentStatus.FINAL, DocumentStatus.RELEASED}),
        # Readers have seen the document, so they must learn why it is withdrawn.
        reasoned_statuses=frozenset(
            (status, DocumentStatus.WITHDRAWN) for status in FIXED | {DocumentStatus.UNDER_REVIEW}
        ),
        reasoned_when=(final_in_spite_of_reviews,),
        locked_fields=dict.fromkeys(FIXED, CONTENT),
        before_flush=(clear_superseding,),
        after_flush=(agree_on_version,),
        load_rules=(superseded_in_order,),
        validators=(
            group_is_active,
            language_is_a_code,
            has_content,
            is_replaced_no_longer,
            readers_of_minutes_see_the_meeting,
            ends_after_start("issue_date", "expires_on"),
            unique_among_visible("url"),
            each_object_is_linked_once,
        ),
    )
)

command(
    Command(
        "supersede_document",
        Document,
        "Supersede a released document by a later one. The released document becomes SUPERSEDED.",
        (
            id_of(Document),
            EXPECTED_VERSION,
            InputField("by_id", Kind.REFERENCE, "The id of the later document.", required=True, target=Document),
        ),
        supersede,
    )
)
