"""How documents and their versions may be read."""

from models import Document, DocumentVersion
from resolvers.reading import Reading, readable

readable(
    Reading(
        Document,
        where=(
            "id",
            "reference",
            "title",
            "document_type",
            "marking",
            "status",
            "language",
            "issue_date",
            "expires_on",
            "publisher",
            "group",
            "shared_with",
            "meetings",
            "versions",
            "created_at",
            "updated_at",
        ),
        order=("reference", "title", "issue_date", "publisher", "created_at", "updated_at"),
        groups=("document_type", "marking", "status", "language", "publisher", "group"),
    )
)

readable(
    Reading(
        DocumentVersion,
        where=("id", "label", "media_type", "byte_size", "sha256", "state", "document", "created_at", "updated_at"),
        order=("created_at", "label", "byte_size", "updated_at"),
        groups=("media_type", "state"),
    )
)
