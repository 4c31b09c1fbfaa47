"""A wrong upload is replaced: its version is withdrawn and stays in the list, and an operator purges its file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models import DocumentStatus, DocumentVersion
from server.cli.main import main
from tests.support.accounts import on
from tests.support.clients import the_error
from tests.support.document_files import DATA, Desk, content, desk
from tests.support.mutations import the_trail

if TYPE_CHECKING:
    from pathlib import Path

    from resolvers.database.database import Database
    from tests.servers.databases import Databases

WRONG = b"The figures of another group. " * 5_000
VERSION = "documentVersion { id version state label withdrawnAt withdrawnBy { displayName } withdrawalReason purgedAt }"
DOCUMENT = """query ($id: ID!) { node(id: $id) { ... on Document { version currentVersion { label }
    versions(orderBy: [{field: CREATED_AT}]) { nodes { id version label state withdrawalReason purgedAt } } } } }"""


def sent(found: Desk, query: str, name: str = "writer", **variables: Any) -> Any:
    answer = found.client.post(
        "/graphql", json={"query": query, "variables": variables}, headers=found.showing(name)
    ).json()
    assert "errors" not in answer, answer
    return answer["data"]


def seen(found: Desk, document: str) -> Any:
    return sent(found, DOCUMENT, "observer", id=f"Document:{document}")["node"]


def withdrawn(found: Desk, path: str, expected: int, name: str = "writer", **given: Any) -> Any:
    query = f"""mutation ($input: WithdrawDocumentVersionInput!) {{ withdrawDocumentVersion(input: $input) {{
        ... on WithdrawDocumentVersionSuccess {{ {VERSION} }}
        ... on Error {{ code }} ... on ValidationError {{ violations {{ path rule message }} }} }} }}"""
    given |= {"id": f"DocumentVersion:{path.rpartition('/')[2]}", "expectedVersion": expected}
    return sent(found, query, name, input=given)["withdrawDocumentVersion"]


def rule_of(refusal: Any) -> str:
    [violation] = refusal["violations"]
    return str(violation["rule"])


def test_a_wrong_upload_is_replaced(url: str, databases: Databases, tmp_path: Path) -> None:
    store = tmp_path / "files"

    def run(*words: str, address: str = url) -> tuple[int, str]:
        env = {"COALITION_DATABASE_URL": address, "COALITION_FILE_STORE": str(store)}
        done = CliRunner().invoke(main, words, env=env)
        return done.exit_code, done.output

    with desk(url, str(store)) as found:
        document = found.a_document(status=DocumentStatus.UNDER_REVIEW)
        wrong, empty = found.declared(WRONG, document, label="1"), found.declared(DATA, document, label="2")
        a_version_is_withdrawn(found, document, wrong)
        # A version that was declared by mistake is taken back the same way.
        assert withdrawn(found, empty, 1, reason="Not ready.")["documentVersion"]["state"] == "WITHDRAWN"
        assert found.put(empty).status_code == 409
        # Its readers never had that file.
        assert seen(found, document)["version"] == 3
        right = found.declared(DATA, document, label="3")
        assert found.put(right).status_code == 201
        listed = seen(found, document)
        assert listed["version"] == 4
        assert listed["currentVersion"] == {"label": "3"}
        assert [(each["label"], each["state"]) for each in listed["versions"]["nodes"]] == [
            ("1", "WITHDRAWN"), ("2", "WITHDRAWN"), ("3", "AVAILABLE"),
        ]  # fmt: skip

        # The file is stored until it is purged: a backup and the cleanup keep it.
        place = store / content(WRONG).sha256[:2] / content(WRONG).sha256
        assert run("backup", str(tmp_path / "before"))[0] == 0
        assert run("files", "clean-up")[1].startswith("Removed 0 versions, 0 files")
        assert run("files", "purge") == (0, "Purged 0 versions and deleted 0 files.\n")
        for path, said in (
            (right, "is AVAILABLE: withdraw it first"),
            (empty, "never had a file"),
            ("/x", "not exist"),
        ):
            status, output = run("files", "purge", path.rpartition("/")[2])
            assert (status, said in output, "Nothing was purged." in output) == (1, True, True)
        assert place.exists()
        gone = listed["versions"]["nodes"][0]["id"]
        assert run("files", "purge", gone) == (0, "Purged 1 versions and deleted 1 files.\n")
        assert not place.exists()
        assert "is purged already" in run("files", "purge", gone)[1]
        assert seen(found, document)["versions"]["nodes"][0]["purgedAt"] is not None
        last = on(url, the_trail)[-1]
        assert (last["entity_id"], last["actor_id"], [*last["after"]]) == (gone, None, ["purgedAt"])
        assert last["reason"] == "an operator purges the file of a withdrawn version"
        assert run("audit", "verify")[0] == 0

    # A backup does not miss the purged file, and the restored database knows that it was purged.
    folder = str(tmp_path / "after")
    assert run("backup", folder)[0] == 0
    assert not [*(tmp_path / "after").rglob(content(WRONG).sha256)]
    with databases.migrated() as another:
        assert run("restore", folder, address=another)[0] == 0
        assert run("audit", "verify", address=another)[0] == 0
        assert on(another, states) == on(url, states)


def a_version_is_withdrawn(found: Desk, document: str, wrong: str) -> None:
    """Upload a file and withdraw its version, which says why and no longer has a file; a reader cannot withdraw it."""
    assert seen(found, document)["version"] == 1
    assert found.put(wrong, WRONG).status_code == 201
    first = seen(found, document)
    assert (first["currentVersion"], first["version"]) == ({"label": "1"}, 2)
    assert rule_of(withdrawn(found, wrong, 2)) == "reason"
    assert withdrawn(found, wrong, 2, "observer", reason="It is wrong.")["code"] == "FORBIDDEN"
    gone = withdrawn(found, wrong, 2, reason="The figures are of another group.")["documentVersion"]
    assert (gone["state"], gone["withdrawalReason"]) == ("WITHDRAWN", "The figures are of another group.")
    assert (gone["withdrawnAt"] is None, gone["withdrawnBy"] is None, gone["purgedAt"]) == (False, False, None)
    assert rule_of(withdrawn(found, wrong, 3, reason="Again.")) == "transition"
    assert seen(found, document)["currentVersion"] is None
    message = "The version is withdrawn: its file is not served. Download the current version, if there is one."
    assert (found.get(wrong).status_code, the_error(found.get(wrong))) == (410, ("WITHDRAWN", message))
    message = "The version is WITHDRAWN, so nothing was stored: add another version."
    assert (found.put(wrong, WRONG).status_code, the_error(found.put(wrong, WRONG))) == (409, ("CONFLICT", message))


async def states(database: Database) -> list[tuple[str, str, bool]]:
    """Return the label and the state of each version, and whether its file is purged."""
    statement = select(DocumentVersion).order_by(DocumentVersion.label)
    async with AsyncSession(database.bypass_policies("a test reads versions")) as session:
        return [(each.label, each.state.name, bool(each.purged_at)) for each in await session.scalars(statement)]
