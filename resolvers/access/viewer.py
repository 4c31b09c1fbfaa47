"""Defines the viewer: the account of a request with its claims, which every statement binds.

The claims are loaded at authentication and passed to each request, so that no query loads them again.
"""

from __future__ import annotations

from dataclasses import dataclass

from models import CoalitionRole, GroupRole, Marking, Scope

#: The key of the leads, who own the objects that no group owns. It is not the key of a group.
LEADS_GROUP = "00000000-0000-0000-0000-000000000000"


#: The roles in the coalition that may read TLP:AMBER.
MEMBER_ROLES = frozenset({CoalitionRole.LEAD, CoalitionRole.PARTICIPANT})


#: The roles in a group that may write.
WRITER_ROLES = frozenset({GroupRole.CHAIR, GroupRole.CO_CHAIR, GroupRole.SECRETARY, GroupRole.MEMBER})


#: The roles in a group that may validate objects, share them or lower their marking.
CHAIR_ROLES = frozenset({GroupRole.CHAIR, GroupRole.CO_CHAIR})


# Compared by identity, so that caches find the entries of a viewer without comparing all claims.
@dataclass(frozen=True, slots=True, eq=False)
class Viewer:
    """The viewer of a request: an account or the public.

    Attributes:
        account: The key of the account; None for the public.
        participant: The key of the participant that the person works for.
        roles: The roles of that participant in the coalition today.
        markings: The markings that the viewer may read in all groups.
        groups: The keys of the groups whose documents the viewer may read.
        writable_groups: The keys of the groups whose documents the viewer may change.
        chaired_groups: The keys of the groups that the viewer chairs.
        scopes: The scopes of the credential.
        credential: The name of the credential in the audit log, such as the key of an API token.
    """

    account: str | None = None
    participant: str | None = None
    roles: tuple[CoalitionRole, ...] = ()
    markings: tuple[Marking, ...] = (Marking.CLEAR,)
    groups: tuple[str, ...] = ()
    writable_groups: tuple[str, ...] = ()
    chaired_groups: tuple[str, ...] = ()
    scopes: frozenset[Scope] = frozenset({Scope.READ})
    credential: str | None = None

    @property
    def can_write(self) -> bool:
        """Whether the viewer may send changes at all: an account, with a credential for it."""
        return self.account is not None and Scope.WRITE in self.scopes


#: The viewer of a request without a credential, if the public record is open.
PUBLIC = Viewer()


READ_AND_WRITE = frozenset(Scope)
