"""Declares a file before its upload: checks of the declared values, and the new document version.

Each check function enforces one rule.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, NamedTuple

from models import DocumentVersion
from models.base import new_key, now
from resolvers.core.hashing import is_sha256

if TYPE_CHECKING:
    from models import Document
    from resolvers.files.upload import DeclaredContent

#: How long a client can upload the file of a declared version.
UPLOAD_TTL = dt.timedelta(hours=24)

# RFC 6838, section 4.2, without parameters; `multipart` is missing, as no single file has that type. Every subtype is
# allowed: browsers never render a file from this server, and the groups' programs have types of their own.
MEDIA_TYPE = re.compile(
    r"(?:application|audio|font|haptics|image|message|model|text|video)/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}"
)


class DeclaredVersion(NamedTuple):
    """The declared values of a file, all checked."""

    label: str
    file_name: str
    media_type: str
    content: DeclaredContent
    notes: str | None = None


def check_media_type(media_type: str) -> str:
    """Return a media type in lower case. Raises ValueError if it is invalid."""
    found = media_type.lower()
    if not MEDIA_TYPE.fullmatch(found):
        message = "The media type is not valid: send one such as application/pdf, without parameters."
        raise ValueError(message)
    return found


def check_sha256(digest: str) -> str:
    """Return a SHA-256 in lower case. Raises ValueError if it is invalid."""
    found = digest.lower()
    if not is_sha256(found):
        message = "The SHA-256 is not valid: send 64 hexadecimal digits."
        raise ValueError(message)
    return found


def check_byte_size(byte_size: int, most: int) -> int:
    """Return a file size in bytes. Raises ValueError if it is below 0 or above `most`, the maximum size of a file."""
    if not 0 <= byte_size <= most:
        message = f"The file size must be from 0 to {most:,} bytes on this server: make the file smaller, or split it."
        raise ValueError(message)
    return byte_size


def declare_version(document: Document, declared: DeclaredVersion, account: str) -> DocumentVersion:
    """Return a new version without a file. The client uploads the file with PUT to the version's `path`.

    Args:
        document: The document that gets the version; its id must be set.
        declared: The declared values of the file.
        account: The id of the account that uploads the file.
    """
    return DocumentVersion(
        id=new_key(),
        document=document,
        document_id=document.id,
        label=declared.label,
        notes=declared.notes,
        file_name=declared.file_name,
        media_type=declared.media_type,
        byte_size=declared.content.byte_size,
        sha256=declared.content.sha256,
        upload_until=now() + UPLOAD_TTL,
        uploaded_by_id=account,
    )
