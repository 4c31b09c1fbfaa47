"""Who may change what: the permission table, for every viewer in the cast."""

from __future__ import annotations

import pytest

import models as m
from models import CoalitionRole, Scope
from resolvers.access.permissions import PERMISSIONS, Action, is_allowed
from resolvers.access.viewer import LEADS_GROUP, PUBLIC, READ_AND_WRITE, Viewer
from tests.support.factories import (
    a_capability_area,
    a_contribution,
    a_decision,
    a_delivery,
    a_document,
    a_document_version,
    a_figure,
    a_group_membership,
    a_meeting,
    a_need,
    a_participant,
    a_procurement,
    a_roadmap,
    an_account,
    an_allocation,
    an_expert_group,
    an_order,
)

OURS, THEIRS = an_expert_group("OURS", id="ours"), an_expert_group("THEIRS", id="theirs")
HOME = a_participant("HOME", id="home")

LEAD = Viewer(
    account="a", participant="home", roles=(CoalitionRole.LEAD,), scopes=READ_AND_WRITE,
    groups=(LEADS_GROUP,), writable_groups=(LEADS_GROUP,), chaired_groups=(LEADS_GROUP,),
)  # fmt: skip
PARTICIPANT = Viewer(account="a", participant="home", roles=(CoalitionRole.PARTICIPANT,), scopes=READ_AND_WRITE)
CHAIR = Viewer(
    account="a", groups=("ours",), writable_groups=("ours",), chaired_groups=("ours",), scopes=READ_AND_WRITE
)
MEMBER = Viewer(account="a", groups=("ours",), writable_groups=("ours",), scopes=READ_AND_WRITE)
READER = Viewer(account="a", groups=("ours",), scopes=READ_AND_WRITE)
CAST = {"lead": LEAD, "participant": PARTICIPANT, "chair": CHAIR, "member": MEMBER, "reader": READER, "public": PUBLIC}

WRITERS, DECIDERS, KEEPERS = {"chair", "member"}, {"chair"}, {"lead"}


def of_ours(row: m.Entity) -> m.Entity:
    """Return a row that our group owns, with the key that a database would have put there."""
    row.group_id = "ours"  # type: ignore[attr-defined]
    return row


PROCUREMENT = of_ours(a_procurement())
DOCUMENT = of_ours(a_document())
GIVEN = a_contribution(HOME)
GIVEN.donors[0].participant_id = "home"
SOMEBODY_ELSES = a_contribution(a_participant())
an_account(SOMEBODY_ELSES.donors[0].participant)
#: A lead enters the contributions of donors without an account.
OF_A_DONOR_WITHOUT_ACCOUNT = a_contribution(a_participant())
OF_A_DONOR_WITHOUT_ACCOUNT.donors[0].participant_id = "elsewhere"
SOMEBODY_ELSES.donors[0].participant_id = "elsewhere"

#: Of a group without a chair; of one that has a chair, who is none of the cast; and that chair.
PLACE = of_ours(a_group_membership(OURS, an_account(HOME)))
THE_CHAIR = a_group_membership(THEIRS, an_account(HOME), group_id="theirs", role=m.GroupRole.CHAIR)
IN_A_CHAIRED_GROUP = a_group_membership(THEIRS, an_account(HOME), group_id="theirs")

CASES = [
    (DOCUMENT, Action.UPDATE, WRITERS),
    (DOCUMENT, Action.SHARE, DECIDERS),
    (DOCUMENT, Action.MARK_LOWER, DECIDERS),
    (a_document(), Action.UPDATE, KEEPERS),
    (a_document_version(DOCUMENT), Action.CREATE, WRITERS),  # type: ignore[arg-type]
    (a_document_version(DOCUMENT), Action.UPDATE, set()),  # type: ignore[arg-type]
    (of_ours(a_need(a_capability_area())), Action.CREATE, WRITERS),
    (of_ours(a_need(a_capability_area())), Action.TRANSITION, WRITERS),
    (of_ours(a_need(a_capability_area())), Action.DECIDE, DECIDERS),
    (PROCUREMENT, Action.UPDATE, WRITERS),
    (an_order(PROCUREMENT), Action.TRANSITION, WRITERS),  # type: ignore[arg-type]
    (a_delivery(purchase_order=an_order(PROCUREMENT)), Action.CREATE, WRITERS),  # type: ignore[arg-type]
    (a_delivery(), Action.CREATE, KEEPERS),
    (of_ours(a_meeting()), Action.CREATE, WRITERS),
    (a_meeting(), Action.CREATE, KEEPERS),
    (GIVEN, Action.UPDATE, {"lead", "participant"}),
    (SOMEBODY_ELSES, Action.UPDATE, set()),
    (OF_A_DONOR_WITHOUT_ACCOUNT, Action.UPDATE, {"lead"}),
    (an_allocation(GIVEN, PROCUREMENT, "1.00 EUR"), Action.CREATE, KEEPERS),  # type: ignore[arg-type]
    (a_roadmap(), Action.TRANSITION, KEEPERS),
    (a_participant(), Action.CREATE, KEEPERS),
    (an_account(HOME), Action.CREATE, KEEPERS),
    (an_account(HOME), Action.TRANSITION, KEEPERS),
    (a_figure(), Action.CREATE, KEEPERS),
    (PLACE, Action.CREATE, {*DECIDERS, *KEEPERS}),
    (IN_A_CHAIRED_GROUP, Action.CREATE, set()),
    (THE_CHAIR, Action.UPDATE, KEEPERS),
    (OURS, Action.UPDATE, KEEPERS),
    (a_decision(a_meeting()), Action.UPDATE, set()),
]


@pytest.mark.parametrize(("row", "action", "names"), CASES)
def test_a_change_is_for_those_the_table_names(row: m.Entity, action: Action, names: set[str]) -> None:
    assert {name for name, viewer in CAST.items() if is_allowed(action, row, viewer)} == names


@pytest.mark.parametrize("viewer", [LEAD, CHAIR, MEMBER])
def test_whoever_shows_a_token_that_only_reads_changes_nothing(viewer: Viewer) -> None:
    reading = Viewer(
        account=viewer.account,
        participant=viewer.participant,
        roles=viewer.roles,
        groups=viewer.groups,
        writable_groups=viewer.writable_groups,
        chaired_groups=viewer.chaired_groups,
        scopes=frozenset({Scope.READ}),
    )
    assert not any(is_allowed(action, row, reading) for row, action, _ in CASES)


def test_every_line_of_the_table_speaks_of_every_action() -> None:
    assert all(set(rights) == set(Action) for rights in PERMISSIONS.values())
