"""API tokens: their format, and how an operator creates, lists and revokes them."""

from __future__ import annotations

import re
import string
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx2
import pytest
from sqlalchemy import select

from models import ApiToken
from resolvers.identity.token_format import digest_of, is_token, new_token
from tests.servers.processes import coalition, serving
from tests.support.accounts import ASKED, EMAIL, bearing, enter, enter_with_token, on

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from click.testing import Result

    from resolvers.database.database import Database
    from tests.servers.databases import Databases

TOKEN = re.compile(r"itc_[0-9A-Za-z]{49}")
NOBODY = "nobody@example.org"


@pytest.fixture
def sqlite_url(sqlite_databases: Databases) -> Iterator[str]:
    with sqlite_databases.migrated() as address:
        yield address


def the_line(result: Result) -> str:
    """Return the one line of a failed command's error."""
    assert (result.exit_code, result.stdout) == (1, "")
    [line] = result.stderr.splitlines()
    return line


def test_no_two_tokens_are_the_same_and_all_are_of_one_shape() -> None:
    made = {new_token() for _ in range(2000)}
    assert len(made) == 2000
    assert all(TOKEN.fullmatch(token) and is_token(token) for token in made)
    # Every place but the first of the number and of the checksum takes every letter.
    for place in range(6, 40):
        assert {token[place] for token in made} == set(string.digits + string.ascii_letters)


def test_a_typing_error_is_noticed_without_a_look_at_the_database() -> None:
    token = new_token()
    for place in range(4, len(token)):
        other = "x" if token[place] != "x" else "y"
        assert not is_token(token[:place] + other + token[place + 1 :])
    for wrong in ("", "itc_", token[:-1], f"{token}0", token.upper(), f"{token[:-1]}é", f"{token}\n"):
        assert not is_token(wrong)


def test_only_the_digest_of_a_token_is_stored(url: str) -> None:
    made = enter_with_token(url)

    async def rows(database: Database) -> list[tuple[object, ...]]:
        async with database.bypass_policies("a test looks at what is stored").connect() as connection:
            return [tuple(row) for row in await connection.execute(select(ApiToken.__table__))]

    [row] = on(url, rows)
    assert digest_of(made.text) in row
    assert made.text not in str(row)


def test_a_token_is_made_shown_once_listed_and_revoked(url: str) -> None:
    on(url, enter)
    made = coalition("token", "create", "--account", EMAIL.upper(), "--name", "nightly", database_url=url)
    token = made.stdout.strip()
    assert TOKEN.fullmatch(token)
    [key] = re.findall(r"[0-9a-f-]{36}", made.stderr)
    listed = coalition("token", "list", database_url=url).stdout
    assert token not in listed
    assert re.search(rf"^{key}  {EMAIL}  nightly  read .* never +active$", listed, re.MULTILINE)
    for _ in range(2):
        assert coalition("token", "revoke", key, database_url=url).exit_code == 0
    assert re.search(rf"^{key} .* revoked$", coalition("token", "list", database_url=url).stdout, re.MULTILINE)


def test_an_account_is_entered_listed_and_disabled_and_its_tokens_with_it(url: str) -> None:
    enter_with_token(url)
    coalition("account", "disable", EMAIL, database_url=url)
    assert re.search(rf"^{EMAIL} .* disabled$", coalition("account", "list", database_url=url).stdout, re.MULTILINE)
    assert "account disabled" in coalition("token", "list", database_url=url).stdout
    line = the_line(coalition("token", "create", "--account", EMAIL, "--name", "more", database_url=url))
    assert line == f"Error: The account {EMAIL} is disabled: use another account."


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("token", "create", "--account", NOBODY, "--name", "a"), "There is no account with the email address"),
        (("token", "create", "--account", EMAIL, "--name", " "), "The token needs a name"),
        (("token", "create", "--account", EMAIL, "--name", "a", "--days", "0"), "The token must be valid for"),
        (("token", "create", "--account", EMAIL, "--name", "a", "--days", "366"), "The token must be valid for"),
        (("token", "revoke", "nonsense"), "There is no token with this ID"),
        (("token", "revoke", "00000000-0000-0000-0000-000000000000"), "There is no token with this ID"),
        (("account", "disable", NOBODY), "There is no account with the email address"),
        (("account", "create", EMAIL, "--name", "A", "--participant", "nowhere"), "There is no participant with"),
        (
            ("account", "create", "nonsense", "--name", "A", "--participant", "X"),
            "'nonsense' is not a valid e-mail address",
        ),
        (
            ("account", "create", "mi\u212ae@example.org", "--name", "A", "--participant", "X"),
            "The code must contain only ASCII letters, digits",
        ),
        (("account", "create", NOBODY, "--name", " ", "--participant", "X"), "--name: The text is empty"),
        (
            ("account", "create", NOBODY, "--name", "A", "--participant", "X", "--issuer", "i"),
            "--issuer and --subject belong together",
        ),
    ],
)
def test_what_cannot_be_done_is_one_line(url: str, arguments: tuple[str, ...], line: str) -> None:
    on(url, enter)
    assert the_line(coalition(*arguments, database_url=url)).startswith(f"Error: {line}")


def test_an_address_that_is_taken_is_one_line(url: str) -> None:
    on(url, lambda database: enter(database, issuer="https://id.example.org", subject="1"))
    participant = coalition("account", "list", database_url=url).stdout.split()[7]
    for email, *identity in ((EMAIL.upper(),), (NOBODY, "--issuer", "https://id.example.org", "--subject", "1")):
        arguments = ("account", "create", email, "--name", "A", "--participant", participant, *identity)
        assert "already" in the_line(coalition(*arguments, database_url=url))


def test_before_the_database_is_migrated_one_line_says_so(empty_url: str) -> None:
    for arguments in (("account", "list"), ("token", "list")):
        assert "coalition migrate" in the_line(coalition(*arguments, database_url=empty_url))


def test_a_revoked_token_is_refused_by_every_worker_within_five_seconds(sqlite_url: str, tmp_path: Path) -> None:
    made, other = enter_with_token(sqlite_url), enter_with_token(sqlite_url, NOBODY)

    def ask(token: str) -> int:
        return client.post(server.address, json=ASKED, headers=bearing(token)).status_code

    with (
        serving("--workers", "2", cwd=tmp_path, database_url=sqlite_url) as server,
        # A connection of its own for each request, so that both workers answer.
        httpx2.Client(limits=httpx2.Limits(max_keepalive_connections=0), timeout=30) as client,
        ThreadPoolExecutor(8) as pool,
    ):
        for token in (made.text, other.text):
            assert set(pool.map(ask, [token] * 40)) == {200}
        assert coalition("token", "revoke", made.id, database_url=sqlite_url).exit_code == 0
        # The promise is the time, not the first refusal: one of the workers can learn of it before the other.
        time.sleep(5)
        assert set(pool.map(ask, [made.text] * 40)) == {401}
        assert set(pool.map(ask, [other.text] * 20)) == {200}
