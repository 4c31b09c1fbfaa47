"""Declares the queries and commands of document versions.

A command declares the file of a version; the client then uploads the bytes to the `path` of the version.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from models import Document, DocumentStatus, DocumentVersion, VersionState
from models.base import now
from resolvers.access.permissions import Action
from resolvers.commands.command import EXPECTED_VERSION, Command, command, id_of
from resolvers.commands.errors import INPUT, ValidationError, Violation
from resolvers.commands.input_fields import InputField
from resolvers.commands.marking_changes import require_reason
from resolvers.commands.standard_changes import check_version
from resolvers.core.attributes import Kind
from resolvers.documents.documents import FIXED, REPLACING, named_version
from resolvers.documents.review_requests import unfinished_reviews
from resolvers.files.declaration import (
    DeclaredVersion,
    check_byte_size,
    check_media_type,
    check_sha256,
    declare_version,
)
from resolvers.files.file_names import check_file_name
from resolvers.files.shown_files import is_shown, touch_document
from resolvers.files.upload import DeclaredContent
from resolvers.query.spec import QuerySpec, register_query_spec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from resolvers.commands.unit_of_work import UnitOfWork

register_query_spec(
    QuerySpec(
        DocumentVersion,
        filterable=(
            "id",
            "label",
            "media_type",
            "byte_size",
            "sha256",
            "state",
            "released_at",
            "document",
            "review_requests",
            "created_at",
            "updated_at",
        ),
        sortable=("created_at", "label", "byte_size", "released_at", "updated_at"),
        groupable=("media_type", "state"),
    )
)

#: The rule of approved minutes, and its message.
APPROVED = (
    "approved_minutes",
    "The document has approved minutes, so it takes no new version. Supersede it by another document instead.",
)

#: The states in which a version can be withdrawn.
WITHDRAWABLE = frozenset({VersionState.DECLARED, VersionState.QUARANTINED, VersionState.AVAILABLE})

#: The checks of a file's properties: each returns the value to store, or raises ValueError with a message.
FILE_RULES: dict[str, Callable[[Any], Any]] = {
    "file_name": check_file_name,
    "media_type": check_media_type,
    "sha256": check_sha256,
}


def add_version(unit: UnitOfWork, values: Mapping[str, Any]) -> DocumentVersion:
    """Declare the file of a new version. Raises CommandError."""
    document = unit.find(Document, values["document_id"], (*INPUT, "documentId"))
    unit.lock(document)
    checked = _checked_file(values, unit.max_file_bytes)
    content = DeclaredContent(checked["byte_size"], checked["sha256"])
    declared = DeclaredVersion(
        values["label"], checked["file_name"], checked["media_type"], content, notes=values.get("notes")
    )
    version = declare_version(document, declared, unit.viewer.account or "")
    if document.status in FIXED:
        # Until it is released, readers see the released version only.
        version.draft_since = now()
    unit.require(Action.CREATE, version)
    if document.status is DocumentStatus.WITHDRAWN:
        code, message = "ended", "The document is WITHDRAWN and can no longer change. Choose another document."
        raise ValidationError.at(code, message, "documentId")
    if is_approved(document):
        raise ValidationError.at(*APPROVED, "documentId")
    unit.session.add(version)
    unit.session.flush()
    return version


def is_approved(document: Document) -> bool:
    """Return whether a document has the approved minutes of a meeting."""
    return any(each.approved_on for each in document.minutes_of)


def release_version(unit: UnitOfWork, values: Mapping[str, Any]) -> DocumentVersion:
    """Release a draft version of a document. Raises CommandError."""
    version = unit.find(DocumentVersion, values["id"])
    document = version.document
    unit.lock(document, version)
    unit.require(Action.DECIDE, document)
    check_version(version, values["expected_version"])
    if broken := next(_cannot_release(version), None):
        raise ValidationError([Violation((*INPUT, "id"), *broken)])
    if left := unfinished_reviews(unit, version):
        require_reason(unit, f"it is released although {left}, or wait for them, or cancel them")
    version.draft_since, version.released_at = None, now()
    touch_document(version, was_shown=False)
    unit.session.flush()
    return version


def _cannot_release(version: DocumentVersion) -> Iterator[tuple[str, str]]:
    if version.document.status not in REPLACING:
        yield "transition", f"The document is {version.document.status.name}: it must be FINAL or RELEASED first."
    if version.state is not VersionState.AVAILABLE:
        ended = version.state in {VersionState.REJECTED, VersionState.WITHDRAWN}
        advice = "create another version" if ended else "upload its file and wait until it is AVAILABLE"
        yield "state", f"The version is {version.state.name}: {advice}."
    if version.draft_since is None:
        yield "released", "Readers see this version already. Create a new version."
    if is_approved(version.document):
        yield APPROVED


def withdraw_version(unit: UnitOfWork, values: Mapping[str, Any]) -> DocumentVersion:
    """Withdraw a version of a document, such as a wrong upload. Raises CommandError."""
    version = unit.find(DocumentVersion, values["id"])
    unit.lock(version.document, version)
    unit.require(Action.TRANSITION, version)
    check_version(version, values["expected_version"])
    if broken := next(_cannot_withdraw(version), None):
        raise ValidationError([Violation((*INPUT, "id"), *broken)])
    require_reason(unit, "the version is withdrawn")
    was_shown = is_shown(version)
    version.state, version.withdrawn_at = VersionState.WITHDRAWN, now()
    version.withdrawn_by_id, version.withdrawal_reason = unit.viewer.account, unit.reason
    touch_document(version, was_shown=was_shown)
    unit.session.flush()
    return version


def _cannot_withdraw(version: DocumentVersion) -> Iterator[tuple[str, str]]:
    if version.state not in WITHDRAWABLE:
        yield (
            "transition",
            f"The version is {version.state.name}, so its file is not downloaded. Create another version.",
        )
    document = version.document
    if document.status in REPLACING and version is named_version(document):
        message = (
            f"The document is {document.status.name}, and this is its version. Release another version with "
            "releaseDocumentVersion first, or withdraw the document, or supersede it once it is RELEASED."
        )
        yield "named_version", message


def _checked_file(values: Mapping[str, Any], max_file_bytes: int | None) -> dict[str, Any]:
    """Return the properties of a file as they are stored. Raises ValidationError with all faults."""
    found, broken = {"byte_size": values["byte_size"]}, []
    checks = dict(FILE_RULES)
    if max_file_bytes is not None:
        checks["byte_size"] = partial(check_byte_size, most=max_file_bytes)
    for name, check in checks.items():
        try:
            found[name] = check(values[name])
        except ValueError as error:
            field = next(each for each in VERSION_FIELDS if each.name == name)
            broken.append(Violation((*INPUT, field.api_name), name, str(error)))
    if broken:
        raise ValidationError(broken)
    return found


VERSION_FIELDS = (
    InputField("document_id", Kind.REFERENCE, "The id of the document.", required=True, target=Document),
    InputField("label", Kind.TEXT, "The label of the version, such as `1.2`.", required=True, maximum=40),
    InputField("file_name", Kind.TEXT, "The name of the file.", required=True, maximum=255),
    InputField("media_type", Kind.TEXT, "The media type, such as `application/pdf`.", required=True, maximum=300),
    InputField(
        "byte_size", Kind.BIG_INTEGER, "The length in bytes, at most the maximum file size of this server.",
        required=True, minimum=0,
    ),
    InputField("sha256", Kind.TEXT, "The SHA-256 digest of the bytes: 64 hexadecimal digits.", required=True),
    InputField("notes", Kind.TEXT, "What changed in this version.", maximum=4000),
)  # fmt: skip

command(
    Command(
        "create_document_version",
        DocumentVersion,
        "Declare the file of a new document version. Then upload the bytes with PUT to its `path` within a day.",
        VERSION_FIELDS,
        add_version,
    )
)

command(
    Command(
        "release_document_version",
        DocumentVersion,
        "Release a version that was added to a FINAL or RELEASED document: readers see it from now on, and it is the "
        "version that the document means.",
        (id_of(DocumentVersion), EXPECTED_VERSION),
        release_version,
    )
)

command(
    Command(
        "withdraw_document_version",
        DocumentVersion,
        "Withdraw a version, such as a wrong upload or a wrong declaration, with a reason. The version stays in the "
        "list, and its file can no longer be uploaded or downloaded.",
        (id_of(DocumentVersion), EXPECTED_VERSION),
        withdraw_version,
    )
)
