"""The base of all tables: declarative base, keys, timestamps and version counter."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import Column, ForeignKey, Index, MetaData, Table
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column, relationship
from uuid_utils import uuid7

from models.types import KEY, UtcDateTime

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.administration.audit_events import AuditEvent
    from models.search.searched import Searched


def _index_columns(index: Index, table: Table) -> str:
    """Return the column part of an index name, short enough for PostgreSQL: one name per amount, no trailing id."""
    del table
    names = [column.name for column in index.columns]
    names = [name.removesuffix("_currency") for name in names if not name.endswith("_minor")]
    return "_".join(names[:-1] if len(names) > 1 and names[-1] == "id" else names)


class Base(DeclarativeBase):
    """The declarative base of every table."""

    metadata = MetaData(
        # Every constraint has a name, so that a migration can refer to it on both engines.
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
    """Return a new UUIDv7: globally unique and increasing with time, which keeps its index compact."""
    return str(uuid7())


def now() -> dt.datetime:
    """Return the current time in UTC."""
    return dt.datetime.now(dt.UTC)


class HasId(Base):
    """A row that has an ID in the API."""

    __abstract__ = True

    #: What of a row a search reads; None for a type that no search finds.
    searched: ClassVar[Searched | None] = None

    id: Mapped[str] = mapped_column(
        KEY, primary_key=True, default=new_key, sort_order=-4, doc="The globally unique ID of this object."
    )


class Entity(HasId):
    """A row that users read, change and cite: it has a key, timestamps and a version."""

    __abstract__ = True

    #: The attributes that identify a row for people and in record files.
    natural_key: tuple[str, ...] = ()

    #: The relation to the object that a row is a part of; empty for a row that is no part.
    parent_relation: ClassVar[str] = ""

    #: The relation that leads to the owning group: to the group itself, or to a row whose owner owns this one as well;
    #: several relations if one of them is set. What has a parent belongs to the owner of its parent. The leads own what
    #: has neither, or where it is empty.
    owned_through: ClassVar[str | tuple[str, ...]] = ""

    #: The relations of which a constraint of the table allows exactly one to be set; empty if there are none.
    exactly_one_of: ClassVar[tuple[str, ...]] = ()

    created_at: Mapped[dt.datetime] = mapped_column(
        UtcDateTime, default=now, sort_order=-3, doc="When this object was created."
    )
    updated_at: Mapped[dt.datetime] = mapped_column(
        UtcDateTime, default=now, sort_order=-2, doc="When this object was last updated."
    )
    version: Mapped[int] = mapped_column(
        default=1, sort_order=-1, doc="The version number; send it as `expectedVersion`."
    )

    @declared_attr
    @classmethod
    def history(cls) -> Mapped[list[AuditEvent]]:
        """Return the relation to the audit events of the row and its parts."""
        column = "entity_key" if cls.parent_relation else "subject_key"
        return relationship(
            "AuditEvent",
            primaryjoin=f"foreign(AuditEvent.{column}) == {cls.__name__}.id",
            viewonly=True,
            doc="The audit events of this object and its parts that the viewer may read, oldest first.",
        )

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> Mapping[str, Any]:
        """Return the mapper options: each write checks the version of its row; `resolvers.audit.versions` raises it."""
        return {"version_id_col": cls.version, "version_id_generator": False}


def reference_to(target: str, *, ondelete: str = "RESTRICT", closes_a_circle: bool = False) -> ForeignKey:
    """Return a foreign key to the id of `target`; by default, a referenced row cannot be deleted.

    Args:
        target: The name of the table.
        ondelete: The action when the referenced row is deleted.
        closes_a_circle: Whether the key closes a cycle of tables; it is then added after all of them.
    """
    return ForeignKey(f"{target}.id", ondelete=ondelete, use_alter=closes_a_circle)


def sort_indexes(*names: str, within: str | None = None) -> list[Index]:
    """Return one index for each column to sort or filter by; the id at its end breaks ties.

    Args:
        names: The columns; `+` joins the two columns of an amount.
        within: The foreign key of a parent, for lists that are sorted within that parent.
    """
    lead = (within,) if within else ()
    return [Index(None, *lead, *name.split("+"), "id") for name in names]


def link_table(name: str, left: str, right: str) -> Table:
    """Return the association table of a many-to-many relation; `left` and `right` are `column=table`."""
    (left_column, left_table), (right_column, right_table) = left.split("="), right.split("=")
    return Table(
        name,
        Base.metadata,
        Column(left_column, KEY, reference_to(left_table, ondelete="CASCADE"), primary_key=True),
        Column(right_column, KEY, reference_to(right_table, ondelete="CASCADE"), primary_key=True),
        Index(None, right_column, left_column),
    )
