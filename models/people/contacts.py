"""The contacts of accounts: how the members of a group reach each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Entity, reference_to, sort_indexes
from models.types import KEY, LINE, MAILBOX, PHONE

if TYPE_CHECKING:
    from models.administration.accounts import Account


class Contact(Entity):
    """The contact of a person, for the members of the person's groups, and for the leads."""

    __tablename__ = "contacts"
    natural_key = ("account",)

    account_id: Mapped[str] = mapped_column(KEY, reference_to("accounts", ondelete="CASCADE"), unique=True)
    email: Mapped[str | None] = mapped_column(
        MAILBOX, doc="The e-mail address; that of the account, unless the person enters another one."
    )
    phone: Mapped[str | None] = mapped_column(PHONE, doc="The telephone number, such as `+372 5555 5555`.")
    availability: Mapped[str | None] = mapped_column(LINE, doc="When and how the person is best reached.")

    account: Mapped[Account] = relationship(doc="The account of the person.")

    __table_args__ = (*sort_indexes("created_at", "updated_at"),)
