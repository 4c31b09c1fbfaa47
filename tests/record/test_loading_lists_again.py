"""Loading a record again after people worked on its lists: what they added, removed and ordered stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, func, insert, update

import models as m
from models.base import new_key
from resolvers.record.loader import RecordError
from tests.record.conftest import values_of
from tests.support.records import dump

if TYPE_CHECKING:
    from resolvers.database.database import Database
    from tests.record.conftest import Load, Person
    from tests.support.records import Document

pytestmark = pytest.mark.anyio

MEETING, CONTRIBUTION = 'meetings[0] "SG-2"', 'contributions[0] "CON-001"'


async def test_what_a_person_added_to_a_list_stays_and_what_he_removed_stays_removed(
    database: Database, small: Document, load_again: Load, person: Person
) -> None:
    (contribution,) = await values_of(database, m.Contribution.id)
    participants = dict(await values_of(database, m.Participant.code, m.Participant.id))
    donor = {"contribution_id": contribution, "participant_id": participants["NATO"], "id": new_key()}
    await person(
        delete(m.ContributionDonor).where(m.ContributionDonor.participant_id == participants["PL"]),
        insert(m.ContributionDonor).values(**donor),
    )
    report = await load_again()
    assert report.preserved == (f'{CONTRIBUTION}: donors[1] "PL": stays removed, as it was removed here',)
    assert await load_again() == report
    donors = await values_of(database, m.ContributionDonor.participant_id)
    assert donors == sorted([participants["EE"], participants["NATO"]])
    report = await load_again(overwrites=["CON-001.donors"])
    assert (report.created, report.preserved) == (1, ())
    assert await values_of(database, func.count(m.ContributionDonor.id)) == [3]
    small["contributions"][0]["donors"].pop()
    assert ((await load_again()).removed, (await load_again()).removed) == (1, 0)


async def test_a_row_that_the_file_leaves_out_stays_where_a_person_worked_on_it(
    database: Database, small: Document, load_again: Load, person: Person
) -> None:
    (contribution,) = await values_of(database, m.Contribution.id)
    of_it = m.ContributionDonor.contribution_id == contribution
    await person(update(m.ContributionDonor).where(of_it).values(share_minor=100, share_currency="EUR"))
    small["contributions"][0]["donors"].pop()
    report = await load_again()
    assert (report.removed, report.preserved) == (
        0,
        (f"{CONTRIBUTION}: donors: one stays, as it was changed here; the file leaves it out",),
    )
    assert (await load_again(overwrites=["contributions.donors"])).removed == 1


async def test_the_order_that_a_person_gave_a_list_stays_and_what_is_new_comes_last(
    database: Database, small: Document, load_again: Load, person: Person
) -> None:
    def put(reference: str, ordinal: int) -> Any:
        return update(m.Decision).where(m.Decision.reference == reference).values(ordinal=ordinal)

    (meeting,) = await values_of(database, m.Meeting.id)
    own = {"id": new_key(), "meeting_id": meeting, "reference": "OWN", "kind": "OTHER", "text": "Ours.", "ordinal": 1}
    await person(
        *(put("SG-2/3", 4), put("SG-2/2", 3), put("SG-2/1", 2)),
        insert(m.Decision).values(**{**own, "kind": m.DecisionKind.OTHER}),
    )
    small["meetings"][0]["decisions"].insert(0, {"reference": "SG-2/0", "kind": "OTHER", "text": "First."})
    for _ in range(2):
        assert (await load_again()).preserved == ()
        assert await values_of(database, m.Decision.ordinal, m.Decision.reference) == [
            (1, "OWN"),
            (2, "SG-2/1"),
            (3, "SG-2/2"),
            (4, "SG-2/3"),
            (5, "SG-2/0"),
        ]


async def test_items_known_by_their_place_stay_where_a_person_put_another_between_them(
    database: Database, small: Document, load_again: Load, person: Person
) -> None:
    (meeting,) = await values_of(database, m.Meeting.id)
    item = m.AgendaItem
    await person(
        update(item).where(item.ordinal == 2).values(ordinal=3),
        insert(item).values(id=new_key(), meeting_id=meeting, ordinal=2, title="Ours"),
    )
    small["meetings"][0]["agenda"] += [{"title": "Training"}]
    for _ in range(2):
        assert (await load_again()).preserved == ()
        assert await values_of(database, item.ordinal, item.title) == [
            *((1, "Procurements"), (2, "Ours"), (3, "Roadmap"), (4, "Training")),
        ]


async def test_links_that_a_person_added_or_took_out_stay_so(
    database: Database, small: Document, load_again: Load, person: Person
) -> None:
    links = m.Base.metadata.tables["procurement_funders"]
    participants = dict(await values_of(database, m.Participant.code, m.Participant.id))
    (procurement,) = await values_of(database, m.Procurement.id)
    await person(delete(links), insert(links).values(procurement_id=procurement, participant_id=participants["PL"]))
    small["procurements"][0]["funders"] = ["EE", "NATO"]
    report = await load_again()
    assert report.preserved == ('procurements[0] "PROC-001": funders: stays without "EE", as it was here',)
    assert await values_of(database, links.c.participant_id) == sorted([participants["NATO"], participants["PL"]])
    report = await load_again(overwrites=["PROC-001.funders"])
    assert await values_of(database, links.c.participant_id) == sorted([participants["EE"], participants["NATO"]])


async def test_a_reference_to_what_a_person_removed_is_refused(
    small: Document, load_again: Load, person: Person
) -> None:
    await person(update(m.ExpertGroup).values(created_by_id=None), delete(m.Decision).where(m.Decision.ordinal == 1))
    report = await load_again()
    assert report.preserved == (
        'expertGroups[0] "EG1": createdBy: stays empty, as it was changed here',
        f'{MEETING}: decisions[0] "SG-2/1": stays removed, as it was removed here',
    )
    small["roadmaps"].append({"reference": "RM-3", "title": "Third", "horizon": "2030", "endorsedBy": "SG-2/1"})
    with pytest.raises(RecordError, match=r'"RM-3": it refers to .* "SG-2/1", which was removed here'):
        await load_again()


async def test_what_a_held_meeting_decided_is_not_removed_by_a_file_that_leaves_it_out(
    database: Database, small: Document, load_again: Load
) -> None:
    small["meetings"][0]["heldOn"] = "2024-04-03"
    await load_again()
    before = await dump(database)
    removed = small["meetings"][0]["decisions"].pop(1)
    with pytest.raises(RecordError) as caught:
        await load_again()
    assert str(caught.value).startswith(f"{MEETING}: decisions: The meeting was held: its decision SG-2/2 stays.")
    assert await dump(database) == before
    small["meetings"][0]["decisions"].insert(1, removed)
    assert (await load_again()).preserved == ()
