"""What loads of records wrote, so that a later load knows a value of its own from a value that a person gave."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.types import KEY, text


class LoadedRow(Base):
    """The values that a load last wrote into one row, or found there as its file has them."""

    __tablename__ = "loaded_rows"

    #: The key of the row, which may be gone by now. Keys are unique over all tables.
    row_id: Mapped[str] = mapped_column(KEY, primary_key=True)
    table_name: Mapped[str] = mapped_column(text(63), index=True)
    #: By the names of the columns; of lists of links the keys, by the name of the list.
    values: Mapped[dict[str, Any]] = mapped_column(JSON)
