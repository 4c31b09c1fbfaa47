"""What may be declared of a file before its bytes arrive, and the version that waits for them.

A command checks what it was given with the functions here, each of which names one rule.
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

#: How long the bytes of a declared version are waited for.
UPLOAD_TTL = dt.timedelta(hours=24)

# RFC 6838, section 4.2, without parameters, under the types that one file can have. Which subtypes there are is not
# listed: a file is never shown by this server or in its name, and the groups' programs have types of their own.
MEDIA_TYPE = re.compile(
    r"(?:application|audio|font|haptics|image|message|model|text|video)/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}"
)


class DeclaredVersion(NamedTuple):
    """What is declared of a file, each part checked."""

    label: str
    file_name: str
    media_type: str
    content: DeclaredContent
    notes: str | None = None


def check_media_type(media_type: str) -> str:
    """Give a media type in small letters. Raises ValueError for what is none."""
    found = media_type.lower()
    if not MEDIA_TYPE.fullmatch(found):
        message = "A media type is written like application/pdf, without parameters."
        raise ValueError(message)
    return found


def check_sha256(digest: str) -> str:
    """Give a SHA-256 in small letters. Raises ValueError for what is none."""
    found = digest.lower()
    if not is_sha256(found):
        message = "A SHA-256 is written in 64 hexadecimal digits."
        raise ValueError(message)
    return found


def check_byte_size(byte_size: int, most: int) -> int:
    """Return a length in bytes. Raises ValueError for one below 0 or above `most`, the length of the largest file."""
    if not 0 <= byte_size <= most:
        message = f"A file has from 0 to {most:,} bytes on this server: make it smaller, or divide it."
        raise ValueError(message)
    return byte_size


def declare_version(document: Document, declared: DeclaredVersion, account: str) -> DocumentVersion:
    """Give the version that waits for its bytes, to be kept; its `path` is where they are to be sent with PUT.

    Args:
        document: The document it is a version of; it has its key.
        declared: What is declared of the file.
        account: The key of the account that uploads it.
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
