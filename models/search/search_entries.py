"""The search index: the words of each searched object. It is derived from the objects and can be rebuilt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, Integer, Text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from models.base import Base
from models.types import KEY, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.engine import Dialect
    from sqlalchemy.types import TypeEngine


class IndexedWords(TypeDecorator["Sequence[str]"]):
    """The words of a text in order: a `tsvector` on PostgreSQL; text with spaces on SQLite, which FTS5 splits there."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the column type of the engine."""
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else TSVECTOR())

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> str | None:
        """Return the words in the form of the engine. They consist of letters, digits, `=`, `@` and `~`."""
        if value is None or dialect.name == "sqlite":
            return None if value is None else " ".join(value)
        return " ".join(f"'{word}':{min(place, LAST_PLACE)}" for place, word in enumerate(value, start=1))


#: PostgreSQL counts positions up to this one.
LAST_PLACE = 16383


def number_of(key: str) -> int:
    """Return the number of the entry of an object: the 62 random bits at the end of its key."""
    return UUID(key).int & (2**62 - 1)


class SearchEntry(Base):
    """The words of one object. Its key can belong to any searched table, so no foreign key leads there."""

    __tablename__ = "search_entries"

    #: SQLite's full-text index refers to rows by this number, which follows from the key: see `number_of`.
    number: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False
    )
    object_id: Mapped[str] = mapped_column(KEY, unique=True)
    #: The name of the object's type.
    kind: Mapped[str] = mapped_column(text(40))
    #: The number of words in the title: among equal hits, a short title is first.
    title_length: Mapped[int] = mapped_column()
    words: Mapped[Any] = mapped_column(IndexedWords())

    __table_args__ = (
        # SQLite has the virtual table `search_words` in its place.
        Index("ix_search_entries_words", "words", postgresql_using="gin").ddl_if(dialect="postgresql"),
    )
