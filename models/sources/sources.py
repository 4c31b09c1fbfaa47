"""Sources of facts: the public statements that support an object."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Index, UniqueConstraint, inspect
from sqlalchemy.ext.orderinglist import ordering_list
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from models.base import Base, new_key, reference_to
from models.precision import Confidence
from models.types import ADDRESS, KEY, LINE, PARAGRAPH, enum_column

#: The attributes of a source that a client can set, the URL first.
CITED = ("url", "publisher", "published_on", "confidence", "note")


class Source(Base):
    """A public statement that supports a fact; sources that disagree are all listed."""

    __abstract__ = True

    natural_key = ("url",)

    id: Mapped[str] = mapped_column(KEY, primary_key=True, default=new_key, sort_order=-2)
    ordinal: Mapped[int] = mapped_column(sort_order=-1, doc="The position among the sources of the object, from 1.")
    url: Mapped[str] = mapped_column(ADDRESS, doc="The URL of the statement.")
    publisher: Mapped[str | None] = mapped_column(LINE, doc="The publisher.")
    published_on: Mapped[dt.date | None] = mapped_column(doc="The date of publication.")
    confidence: Mapped[Confidence | None] = mapped_column(
        enum_column(Confidence, "confidence"), doc="How well the source supports the fact."
    )
    note: Mapped[str | None] = mapped_column(
        PARAGRAPH, doc="Differences from other sources, or inferences from this source."
    )


class Sourced:
    """Mixin that adds sources to an entity, in a separate table for each entity."""

    @declared_attr
    @classmethod
    def sources(cls) -> Mapped[list[Source]]:
        """Create the entity's table of sources; return the relation to it."""
        table: str = cls.__tablename__  # type: ignore[attr-defined]
        citation = type(
            f"{cls.__name__}Source",
            (Source,),
            {
                "__module__": cls.__module__,
                "__doc__": Source.__doc__,
                "__tablename__": f"{table}_sources",
                "owner_id": mapped_column(KEY, reference_to(table, ondelete="CASCADE"), nullable=False),
                "__table_args__": (UniqueConstraint("owner_id", "url"), Index(None, "owner_id", "ordinal")),
            },
        )
        return relationship(
            citation,
            cascade="all, delete-orphan",
            order_by="[%s.ordinal, %s.id]" % ((citation.__name__,) * 2),
            collection_class=ordering_list("ordinal", count_from=1),
            doc="The public statements that support this object, the main source first.",
        )


def sources_of(entity: type[Sourced]) -> type[Source]:
    """Return the class of an entity's sources; all these classes have the same columns."""
    found: type[Source] = inspect(entity).relationships["sources"].mapper.class_
    return found
