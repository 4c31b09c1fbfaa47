"""The audit log of files: who sent them; a later verdict of the scanner has no actor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from resolvers.files.clamav import ClamdScanner
from resolvers.files.cleanup import clean_up
from resolvers.files.document_files import DocumentFiles
from resolvers.files.open_store import open_store
from server.app import build_app
from server.config.settings import load_settings
from tests.servers.clamd import INFECTED, Clamd, free_port
from tests.support.accounts import on
from tests.support.document_files import DATA, desk
from tests.support.mutations import the_trail

if TYPE_CHECKING:
    from resolvers.database.database import Database
    from tests.support.document_files import Desk

VIRUS = DATA + INFECTED
#: How an event names nobody.
NOBODY = (None, None, None)


def changes_of(found: Desk, path: str) -> list[tuple[str, Any]]:
    """Return the states that a version was set to, each with its actor, its credential and its request."""
    key = path.rpartition("/")[2]
    return [
        (event["after"]["state"], (event["actor_id"], event["credential"], event["request_id"]))
        for event in on(found.url, the_trail)
        if event["entity_key"] == key
    ]


def by(found: Desk, answer: Any, name: str = "writer") -> tuple[str | None, ...]:
    """Return how an event names the account, the credential and the request of a response."""
    account = found.accounts[name]
    # By the trail itself: it tells whose each token is.
    [token] = [
        event["entity_key"]
        for event in on(found.url, the_trail)
        if event["entity_type"] == "ApiToken" and event["after"]["accountId"] == f"Account:{account}"
    ]
    return account, f"token:{token}", answer.headers["x-request-id"]


def test_who_sent_a_file_is_named_with_credential_and_request(url: str, files_address: str) -> None:
    with desk(url, files_address) as found:
        path = found.declared()
        sent = found.put(path)
        assert changes_of(found, path) == [("AVAILABLE", by(found, sent))]
        # Who sends the same bytes again changes nothing.
        found.put(path)
        assert len(changes_of(found, path)) == 1


@pytest.mark.clamd
@pytest.mark.parametrize(("data", "state"), [(DATA, "AVAILABLE"), (VIRUS, "REJECTED")], ids=["clean", "infected"])
def test_what_the_scanner_says_at_once_is_told_of_the_sender(
    url: str, files_address: str, clamd: Clamd, data: bytes, state: str
) -> None:
    with desk(url, files_address, clamd=clamd.unix) as found:
        path = found.declared(data)
        sender = by(found, found.put(path, data))
        assert changes_of(found, path) == [("QUARANTINED", sender), (state, sender)]


@pytest.mark.clamd
@pytest.mark.parametrize(("data", "state"), [(DATA, "AVAILABLE"), (VIRUS, "REJECTED")], ids=["clean", "infected"])
def test_what_a_sweep_finds_is_nobody_s_doing(
    url: str, files_address: str, clamd: Clamd, data: bytes, state: str
) -> None:
    async def work(database: Database) -> None:
        await clean_up(DocumentFiles(database, open_store(files_address), ClamdScanner(clamd.unix)))

    with desk(url, files_address, clamd=f"tcp://127.0.0.1:{free_port()}") as found:
        path = found.declared(data)
        sender = by(found, found.put(path, data))
        on(url, work)
        assert changes_of(found, path) == [("QUARANTINED", sender), (state, NOBODY)]


@pytest.mark.clamd
def test_the_other_versions_of_infected_bytes_are_not_rejected_in_the_sender_s_name(
    url: str, files_address: str, clamd: Clamd
) -> None:
    with desk(url, files_address) as found:
        old = found.declared(VIRUS)
        first = by(found, found.put(old, VIRUS))
    given = load_settings(database_url=url, file_store=files_address, clamd=clamd.unix)
    with TestClient(build_app(given), raise_server_exceptions=False) as client:
        new = found.declared(VIRUS)
        sent = client.put(new, content=VIRUS, headers=found.showing("writer"))
        assert changes_of(found, old) == [("AVAILABLE", first), ("REJECTED", NOBODY)]
        assert changes_of(found, new)[-1] == ("REJECTED", by(found, sent))
