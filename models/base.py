"""What every table shares: the declarative base, keys, time stamps and the version counter."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import Column, ForeignKey, Index, MetaData, Table
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column, relationship
from uuid_utils import uuid7

from models.types import KEY, UtcDateTime

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.audit_events import AuditEvent


def _index_columns(index: Index, table: Table) -> str:
    """Name an index's columns within PostgreSQL's 63 characters: an amount by its name, the closing id not at all."""
    del table
    names = [column.name for column in index.columns]
    names = [name.removesuffix("_currency") for name in names if not name.endswith("_minor")]
    return "_".join(names[:-1] if len(names) > 1 and names[-1] == "id" else names)


class Base(DeclarativeBase):
    """The declarative base of every table."""

    metadata = MetaData(
        # Every constraint has a name of its own, so that a migration can speak of it on both engines.
        naming_convention={
            "index_columns": _index_columns,
            "ix": "ix_%(table_name)s_%(index_columns)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        },
    )


def new_key() -> str:
    """Give a fresh UUIDv7: unique everywhere, and growing with time, so that an index on it stays compact."""
    return str(uuid7())


def now() -> dt.datetime:
    """Give this moment in UTC."""
    return dt.datetime.now(dt.UTC)


class HasId(Base):
    """A row that has an id in the API."""

    __abstract__ = True

    id: Mapped[str] = mapped_column(
        KEY, primary_key=True, default=new_key, sort_order=-4, doc="The key of this object, unique in the whole API."
    )


class Entity(HasId):
    """A row that people know, change and cite: it has a key, its times and a version."""

    __abstract__ = True

    #: The attributes by which people and files know a row; one tuple is one row.
    natural_key: tuple[str, ...] = ()

    #: The relation to what a row is a part of, and has no life apart from; empty where it stands by itself.
    parent_relation: ClassVar[str] = ""

    created_at: Mapped[dt.datetime] = mapped_column(
        UtcDateTime, default=now, sort_order=-3, doc="When this object was entered here."
    )
    updated_at: Mapped[dt.datetime] = mapped_column(
        UtcDateTime, default=now, onupdate=now, sort_order=-2, doc="When this object was last changed here."
    )
    version: Mapped[int] = mapped_column(
        default=1, sort_order=-1, doc="How often this object was written; send it back with a change."
    )

    @declared_attr
    @classmethod
    def history(cls) -> Mapped[list[AuditEvent]]:
        """Make the relation to what was done to the row, and to what is a part of it."""
        column = "entity_key" if cls.parent_relation else "subject_key"
        return relationship(
            "AuditEvent",
            primaryjoin=f"foreign(AuditEvent.{column}) == {cls.__name__}.id",
            viewonly=True,
            doc="What was done to it and to what is a part of it, oldest first, as far as you may read of it.",
        )

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> Mapping[str, Any]:
        """Count the writes of a row, and refuse one that starts from an older state."""
        return {"version_id_col": cls.version}


def reference_to(target: str, *, ondelete: str = "RESTRICT", closes_a_circle: bool = False) -> ForeignKey:
    """Give the foreign key to `target`'s id; a row that others speak of cannot vanish from under them.

    One key of every circle of tables `closes_a_circle`: it is made once all its tables are there.
    """
    return ForeignKey(f"{target}.id", ondelete=ondelete, use_alter=closes_a_circle)


def sort_indexes(*names: str, within: str | None = None) -> list[Index]:
    """Give an index for each column people sort or filter by, closed by the id that breaks ties.

    `within` names the foreign key of the parent whose lists are sorted so.
    """
    lead = (within,) if within else ()
    return [Index(None, *lead, *name.split("+"), "id") for name in names]


def link_table(name: str, left: str, right: str) -> Table:
    """Give the table of a many-to-many relation; `left` and `right` are `column=table`."""
    (left_column, left_table), (right_column, right_table) = left.split("="), right.split("=")
    return Table(
        name,
        Base.metadata,
        Column(left_column, KEY, reference_to(left_table, ondelete="CASCADE"), primary_key=True),
        Column(right_column, KEY, reference_to(right_table, ondelete="CASCADE"), primary_key=True),
        Index(None, right_column, left_column),
    )
