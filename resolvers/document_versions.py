"""How a version is added to a document: its file is declared here, and its bytes are sent to its `path` afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models import Document, DocumentStatus, DocumentVersion
from resolvers.access.permissions import Action
from resolvers.commands.command import Command, command
from resolvers.commands.errors import INPUT, ValidationError, Violation
from resolvers.commands.input_fields import InputField
from resolvers.core.attributes import Kind
from resolvers.files.declaration import DeclaredVersion, check_media_type, check_sha256, declare_version
from resolvers.files.file_names import check_file_name
from resolvers.files.upload import DeclaredContent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from resolvers.commands.unit_of_work import UnitOfWork

#: The rules of a file's particulars: each gives the value as it is kept, or raises ValueError with its words.
VALIDATORS: dict[str, Callable[[str], str]] = {
    "file_name": check_file_name,
    "media_type": check_media_type,
    "sha256": check_sha256,
}


def add_version(unit: UnitOfWork, values: Mapping[str, Any]) -> DocumentVersion:
    """Declare the file of a new version. Raises RefusalError."""
    document = unit.find(Document, values["document_id"], (*INPUT, "documentId"))
    unit.lock(document)
    checked = _checked(values)
    content = DeclaredContent(values["byte_size"], checked["sha256"])
    declared = DeclaredVersion(
        values["label"], checked["file_name"], checked["media_type"], content, notes=values.get("notes")
    )
    version = declare_version(document, declared, unit.viewer.account or "")
    unit.require(Action.CREATE, version)
    if document.status is DocumentStatus.WITHDRAWN:
        code, message = "ended", "It is WITHDRAWN and no longer changes."
        raise ValidationError.at(code, message, "documentId")
    unit.session.add(version)
    unit.session.flush()
    return version


def _checked(values: Mapping[str, Any]) -> dict[str, str]:
    """Give the particulars of a file as they are kept. Raises ValidationError with every fault."""
    found, broken = {}, []
    for name, check in VALIDATORS.items():
        try:
            found[name] = check(values[name])
        except ValueError as error:
            field = next(each for each in FIELDS if each.name == name)
            broken.append(Violation((*INPUT, field.api_name), name, str(error)))
    if broken:
        raise ValidationError(broken)
    return found


FIELDS = (
    InputField("document_id", Kind.REFERENCE, "The document it is a version of.", required=True, target=Document),
    InputField("label", Kind.TEXT, "Its name among the versions, such as `1.2`.", required=True, maximum=40),
    InputField("file_name", Kind.TEXT, "What to call the file.", required=True, maximum=255),
    InputField("media_type", Kind.TEXT, "Its media type, such as `application/pdf`.", required=True, maximum=300),
    InputField(
        "byte_size", Kind.BIG_INTEGER, "Its length in bytes; the server takes no more than it is set to.",
        required=True, minimum=0,
    ),
    InputField("sha256", Kind.TEXT, "SHA-256 of its bytes, in hexadecimal.", required=True, maximum=64),
    InputField("notes", Kind.TEXT, "What changed in it.", maximum=4000),
)  # fmt: skip

command(
    Command(
        "create_document_version",
        DocumentVersion,
        "Declare the file of a new version of a document; then send its bytes with PUT to its `path` within a day.",
        FIELDS,
        add_version,
    )
)
