"""Who asks, and what they bring along: the rights that every statement binds.

The rights are read when somebody is recognised and handed to each request as they are,
so that no query asks for them again.
"""

from __future__ import annotations

from dataclasses import dataclass

from models import CoalitionRole, GroupRole, Marking, Scope

#: The key that stands for no group at all: the leads keep what no group owns.
LEADS_GROUP = "00000000-0000-0000-0000-000000000000"


#: The roles in the coalition that admit to TLP:AMBER.
MEMBER_ROLES = frozenset({CoalitionRole.LEAD, CoalitionRole.PARTICIPANT})


#: The roles in a group that may write.
WRITER_ROLES = frozenset({GroupRole.CHAIR, GroupRole.CO_CHAIR, GroupRole.SECRETARY, GroupRole.MEMBER})


#: The roles in a group that decide: what is validated, agreed or marked lower.
CHAIR_ROLES = frozenset({GroupRole.CHAIR, GroupRole.CO_CHAIR})


# Compared by identity: what is kept for a viewer is found without a look at all the rights.
@dataclass(frozen=True, slots=True, eq=False)
class Viewer:
    """Somebody who asks; the public has no account.

    Attributes:
        account: The key of the account, None for the public.
        participant: The key of the participant the person works for.
        roles: The roles that participant has in the coalition today.
        markings: The markings that are read wherever they stand.
        groups: The keys of the groups whose papers are read.
        writes: The keys of the groups whose papers are written.
        chairs: The keys of the groups that are chaired.
        scopes: What the credential that was shown may be used for.
        credential: What that credential is known by in the trail, such as the key of an API token.
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


#: Whoever shows no credential, where the public record is open.
PUBLIC = Viewer()


READ_AND_WRITE = frozenset(Scope)
