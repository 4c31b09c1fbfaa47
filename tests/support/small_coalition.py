"""A small coalition in which tests change objects: a group with its accounts, a lead, an observer, an area."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models import CoalitionRole, GroupRole
from resolvers.access.viewer import READ_AND_WRITE, Viewer
from resolvers.identity.viewer_loader import read_viewer
from tests.support.factories import (
    a_capability_area,
    a_coalition_membership,
    a_group_membership,
    a_participant,
    an_account,
    an_expert_group,
)
from tests.support.rows import keep

if TYPE_CHECKING:
    from models import Account, Entity
    from resolvers.database.database import Database

#: Who is in the group, and as what.
PLACES = {"chair": GroupRole.CHAIR, "member": GroupRole.MEMBER, "reader": GroupRole.OBSERVER}


class World:
    """The accounts by name: `chair`, `member` and `reader` of the group, `other` outside it, and a `lead`."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.area = a_capability_area("CYBER")
        self.group = an_expert_group("EG1")
        self.other_group = an_expert_group("EG2")
        self.home, self.leads = a_participant("DK"), a_participant("EE")
        self.accounts: dict[str, Account] = {
            name: an_account(self.home, f"{name}@example.org") for name in (*PLACES, "other")
        }
        self.accounts["lead"] = an_account(self.leads, "lead@example.org")

    async def enter(self) -> World:
        """Store the coalition; return it."""
        await keep(
            self.database,
            self.area,
            self.other_group,
            a_coalition_membership(self.home, role=CoalitionRole.PARTICIPANT),
            a_coalition_membership(self.leads, role=CoalitionRole.LEAD),
            *(a_group_membership(self.group, self.accounts[name], role=role) for name, role in PLACES.items()),
            *self.accounts.values(),
        )
        return self

    async def viewer(self, name: str) -> Viewer:
        """Return the viewer of the account `name`, with all permissions of that account."""
        found = await read_viewer(self.database, self.accounts[name].id, READ_AND_WRITE)
        assert found is not None
        return found

    def a_need(self, **given: Any) -> dict[str, Any]:
        """Return an input that states a need of the group."""
        return {"title": "Encrypted radios", "areaId": an_id(self.area), "groupId": an_id(self.group), **given}


def an_id(row: Entity) -> str:
    """Return the id of an object in the API."""
    return f"{type(row).__name__}:{row.id}"
