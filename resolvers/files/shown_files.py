"""Raises the version of a document whenever its readers get another file.

Who approves or releases a document sends the version that he read. So a file that he has not seen must raise it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from models import Document, DocumentVersion, VersionState
from resolvers.audit.versions import touch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session


def is_shown(version: DocumentVersion) -> bool:
    """Return whether the readers of the document can download the file of a version."""
    return version.state is VersionState.AVAILABLE and version.draft_since is None


def touch_document(version: DocumentVersion, *, was_shown: bool) -> None:
    """Raise the version of the document if the file of a version is shown now and was not before, or the reverse."""
    if is_shown(version) != was_shown:
        touch(version.document, version)


def lock_documents(session: Session, keys: Iterable[str]) -> None:
    """Lock the documents of the versions with these keys, before the versions, as all commands do."""
    held = select(DocumentVersion.document_id).where(DocumentVersion.id.in_([*keys]))
    session.scalars(
        select(Document).where(Document.id.in_(held)).order_by(Document.id).with_for_update(of=Document)
    ).all()
