"""Manifests of trusted documents: loaded whole or not at all, listed, withdrawn and restored by an operator."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from models import TrustedDocument
from resolvers.trusted_documents import digest_of, find_document
from server.cli.trusted_manifest import MAX_BYTES, MAX_DOCUMENTS
from tests.servers.processes import coalition
from tests.support.accounts import on
from tests.support.trusted_documents import GROUPS, ID, OTHER

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    from resolvers.database.database import Database

ONE = "query One { participants(first: 1) { nodes { code } } }"
TWO = "query Two { documents { totalCount } } query Three { meetings { totalCount } }"
NAMELESS = "{ expertGroups { totalCount } }"


def plain(*texts: str) -> dict[str, str]:
    """Return a manifest in the format of Relay and GraphQL Code Generator."""
    return {digest_of(text): text for text in texts}


def apollo(*texts: str, **changes: Any) -> dict[str, Any]:
    """Return a manifest in the format of Apollo's generator."""
    operations = [{"id": digest_of(text), "name": "A", "type": "query", "body": text} for text in texts]
    return {"format": "apollo-persisted-query-manifest", "version": 1, "operations": operations, **changes}


def load(url: str, folder: Path, manifest: object, **settings: str) -> Result:
    file = folder / "manifest.json"
    content = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
    file.write_bytes(content)
    return coalition("trusted-documents", "load", str(file), database_url=url, **settings)


def said(result: Result) -> str:
    """Return the output of a successful load, without the name of the file."""
    assert result.exit_code == 0, result.stderr
    return result.stdout.partition("manifest.json: ")[2].strip()


def faults(result: Result) -> list[str]:
    """Return the lines of the error of a refused load, without the name of the file."""
    assert (result.exit_code, result.stdout) == (1, "")
    first, *lines = result.stderr.splitlines()
    return [first.partition("manifest.json: ")[2], *(line.strip() for line in lines)]


def stored(url: str) -> dict[str, tuple[str, list[str]]]:
    """Return the text and the names of every stored document, by its digest."""

    async def read(database: Database) -> dict[str, tuple[str, list[str]]]:
        async with database.bypass_policies("a test looks at what is stored").connect() as connection:
            rows = await connection.execute(select(TrustedDocument.__table__))
            return {row.sha256: (row.text, row.names) for row in rows}

    return on(url, read)


@pytest.mark.parametrize("form", [plain, apollo])
def test_a_manifest_is_loaded_and_a_second_load_changes_nothing(url: str, tmp_path: Path, form: Any) -> None:
    texts = (ONE, TWO, NAMELESS)
    assert said(load(url, tmp_path, form(*texts))) == "3 new, 0 already known."
    first = coalition("trusted-documents", "list", database_url=url).stdout
    assert stored(url) == {
        digest_of(ONE): (ONE, ["One"]),
        digest_of(TWO): (TWO, ["Two", "Three"]),
        digest_of(NAMELESS): (NAMELESS, []),
    }
    assert said(load(url, tmp_path, form(*texts))) == "0 new, 3 already known."
    assert coalition("trusted-documents", "list", database_url=url).stdout == first
    assert said(load(url, tmp_path, form(ONE, GROUPS))) == "1 new, 1 already known."
    assert len(stored(url)) == 4


def test_both_forms_of_a_manifest_name_the_same_documents(url: str, tmp_path: Path) -> None:
    assert said(load(url, tmp_path, plain(ONE, TWO))) == "2 new, 0 already known."
    assert said(load(url, tmp_path, apollo(ONE, TWO))) == "0 new, 2 already known."
    assert said(load(url, tmp_path, {f"sha256:{ID}": GROUPS})) == "1 new, 0 already known."


def test_a_document_that_stands_in_a_manifest_twice_is_one(url: str, tmp_path: Path) -> None:
    assert said(load(url, tmp_path, apollo(ONE, ONE))) == "1 new, 0 already known."
    assert said(load(url, tmp_path, {ID: GROUPS, f"sha256:{ID}": GROUPS})) == "1 new, 0 already known."
    assert said(load(url, tmp_path, {})) == "0 new, 0 already known."


def test_a_text_is_kept_to_the_letter(url: str, tmp_path: Path) -> None:
    text = '# Grüße — 🛰\r\n\t{ participant(code: "\\u00e9\u0301") { name } } \n'
    assert said(load(url, tmp_path, plain(text))) == "1 new, 0 already known."
    assert on(url, lambda database: find_document(database, digest_of(text))) == text


def test_every_fault_is_told_at_once_and_nothing_is_loaded(url: str, tmp_path: Path) -> None:
    bad = {
        ID: ONE,
        digest_of(TWO): TWO,
        digest_of("{ nothing }"): "{ nothing }",
        digest_of("{"): "{",
        digest_of("{ x }"): "{ y }",
        "f" * 32: NAMELESS,
        OTHER: 5,
    }
    first, *lines = faults(load(url, tmp_path, bad))
    assert first == "nothing was loaded, because of 7 faults:"
    assert lines[0] == f"{ID}: its hash does not match its text, whose SHA-256 is {digest_of(ONE)}"
    assert lines[1] == f"{digest_of('{ nothing }')}: Cannot query field 'nothing' on type 'Query'. (line 1)"
    assert "Syntax Error" in lines[2]
    assert "its hash does not match its text" in lines[3]
    assert "Cannot query field 'y'" in lines[4]
    assert "it looks like an MD5: configure the generator to write SHA-256" in lines[5]
    assert "its text is missing" in lines[6]
    assert stored(url) == {}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "Syntax Error"),
        ("fragment A on Query { __typename }", "it has no operation"),
        ("type A { b: Int }", "it has no operation"),
        ("mutation { change }", "Cannot query field 'change'"),
        ("subscription { change }", "The subscription operation is not supported"),
        ("query($n: Nothing) { __typename }", "Unknown type 'Nothing'"),
        ("query A { __typename } query A { __typename }", "only one operation named"),
        ("{ participant(code: 5) { name } }", "code: "),
        ("{ " + "a: __typename " * 40 + "}", "Limit aliases"),
        ("{ __typename } # " + "x" * 20_000, "Limit characters"),
        ("{ " + "a " * 3_000 + "}", "2000 tokens"),
        ("{a" * 900, ""),
        ('{ participant(code: "\0") { name } }', "a NUL character"),
        ("{ __typename } # \0", "a NUL character"),
        ("{ ...A } fragment A on Query { ...A }", "Cannot spread fragment 'A' within itself"),
    ],
    ids=lambda text: text[:20].replace("\0", "NUL") or "nothing",
)  # fmt: skip
def test_a_document_that_would_never_be_answered_is_not_loaded(url: str, tmp_path: Path, text: str, fault: str) -> None:
    for manifest in (plain(ONE, text), apollo(text, ONE)):
        _, *lines = faults(load(url, tmp_path, manifest))
        assert lines
        assert fault in " ".join(lines)
    assert stored(url) == {}


def test_the_limits_of_this_server_decide_and_the_size_of_pages_does_not(url: str, tmp_path: Path) -> None:
    wide = "query($n: Int!) { documents(first: $n) { nodes { meetings(first: 100) { nodes { id } } } } }"
    assert "Limit depth" in faults(load(url, tmp_path, plain(wide), max_depth="3"))[1]
    assert said(load(url, tmp_path, plain(wide))) == "1 new, 0 already known."


@pytest.mark.parametrize(
    ("manifest", "line"),
    [
        (b"", "line 1, column 1: not JSON: "),
        (b"{", "line 1, column 2: not JSON: "),
        (b'{"a": "\xff"}', "not UTF-8 at byte 7"),
        (b"[" * 100_000, "nested too deeply"),
        ([GROUPS], "a manifest must be a JSON object ("),
        ("text", "a manifest must be a JSON object ("),
        (f'{{"{ID}": "{GROUPS}", "{ID}": "{GROUPS}"}}'.encode(), f'"{ID}" occurs twice in one object'),
        (apollo(ONE, version=2), 'a manifest with a format must have "format"'),
        (apollo(ONE, format="other"), 'a manifest with a format must have "format"'),
        (apollo(operations={}), 'a manifest with a format must have "format"'),
        (apollo(operations=None), 'a manifest with a format must have "format"'),
    ],
    ids=["nothing", "syntax", "bytes", "depth", "list", "text", "twice", "version", "format", "operations", "none"],
)
def test_a_file_that_is_no_manifest_is_refused_in_one_line(
    url: str, tmp_path: Path, manifest: object, line: str
) -> None:
    [found] = faults(load(url, tmp_path, manifest))
    assert line[:45] in found
    assert stored(url) == {}


@pytest.mark.parametrize(
    ("operation", "fault"),
    [
        (None, "its text is missing or not a string"),
        ({"body": ONE}, "its id is missing or not a string"),
        ({"id": digest_of(ONE)}, "its text is missing or not a string"),
        ({"id": 5, "body": ONE}, "its id is missing or not a string"),
        ({"id": digest_of(ONE).upper(), "body": ONE}, "its hash is not 64 hexadecimal digits in lower case"),
        ({"id": digest_of(ONE)[:40], "body": ONE}, "it looks like a SHA-1"),
        ({"id": OTHER, "body": ONE}, "its hash does not match its text"),
        ({"id": OTHER, "body": "\ud83d"}, "half of a surrogate pair"),
        ({"id": OTHER, "body": ONE, "name": "\n\x1b[2J" * 9_000}, "its hash does not match its text"),
    ],
    ids=[
        "nothing",
        "no id",
        "no body",
        "a number",
        "capitals",
        "SHA-1",
        "another's hash",
        "half a pair",
        "a name that writes on the screen",
    ],
)  # fmt: skip
def test_an_operation_at_fault_is_told_by_its_place(url: str, tmp_path: Path, operation: object, fault: str) -> None:
    _, line = faults(load(url, tmp_path, apollo(operations=[*apollo(TWO)["operations"], operation])))
    assert line.startswith("operations[1]")
    assert fault in line
    assert len(line) < 300
    assert line.isprintable()
    assert stored(url) == {}


def test_a_huge_manifest_is_loaded_and_one_beyond_all_measure_is_refused(url: str, tmp_path: Path) -> None:
    many = [f"query Q{number} {{ participants(first: 1) {{ nodes {{ code }} }} }}" for number in range(1_000)]
    assert said(load(url, tmp_path, plain(*many))) == "1000 new, 0 already known."
    assert said(load(url, tmp_path, plain(*many))) == "0 new, 1000 already known."
    [line] = faults(load(url, tmp_path, {str(number): "" for number in range(MAX_DOCUMENTS + 1)}))
    assert line == "has 10,001 documents; at most 10,000 can be loaded at once."
    [line] = faults(load(url, tmp_path, b" " * (MAX_BYTES + 1)))
    assert line == "has 33,554,433 bytes; at most 33,554,432 are allowed: load it in parts."
    lines = faults(load(url, tmp_path, {str(number): "" for number in range(MAX_DOCUMENTS)}))
    assert lines[0] == "nothing was loaded, because of 20000 faults:"
    assert (len(lines), lines[-1]) == (52, "… and 19950 more")


def test_documents_are_listed_withdrawn_and_restored(url: str, tmp_path: Path) -> None:
    load(url, tmp_path, plain(ONE, TWO))
    listed = coalition("trusted-documents", "list", database_url=url).stdout
    assert re.search(rf"^sha256:{digest_of(TWO)}  Two, Three  \S+Z  trusted$", listed, re.MULTILINE)
    for key in (f"sha256:{digest_of(ONE)}", digest_of(ONE)):
        withdrawn = coalition("trusted-documents", "withdraw", key, database_url=url)
        assert withdrawn.stdout == f"sha256:{digest_of(ONE)} is withdrawn.\n"
    listed = coalition("trusted-documents", "list", database_url=url).stdout
    assert re.search(rf"^sha256:{digest_of(ONE)}  One +\S+Z  withdrawn \S+Z$", listed, re.MULTILINE)
    # What an operator took back does not return with the next release of a client.
    assert said(load(url, tmp_path, plain(ONE, TWO))) == "0 new, 1 already known, 1 still withdrawn."
    assert on(url, lambda database: find_document(database, digest_of(ONE))) is None
    assert coalition("trusted-documents", "restore", digest_of(ONE), database_url=url).stdout.endswith(
        " is trusted again.\n"
    )
    assert on(url, lambda database: find_document(database, digest_of(ONE))) == ONE


@pytest.mark.parametrize("command", ["withdraw", "restore"])
@pytest.mark.parametrize("key", ["nonsense", OTHER, ID.upper(), "", "sha256:"], ids=lambda key: key[:10] or "nothing")
def test_an_id_of_no_document_is_one_line(url: str, command: str, key: str) -> None:
    result = coalition("trusted-documents", command, key, database_url=url)
    expected = "Error: No trusted document has this ID. Run coalition trusted-documents list to see all IDs.\n"
    assert (result.exit_code, result.stderr) == (1, expected)


def test_before_the_database_is_migrated_one_line_says_so(empty_url: str, tmp_path: Path) -> None:
    for result in (
        load(empty_url, tmp_path, plain(ONE)),
        coalition("trusted-documents", "list", database_url=empty_url),
    ):
        assert result.exit_code == 1
        assert "coalition migrate" in result.stderr


def test_the_help_cannot_be_taken_for_that_of_shared_papers() -> None:
    words = " ".join(coalition("trusted-documents", "--help").stdout.split())
    assert "trusted documents: the GraphQL queries of client programs" in words
    for command in ("load", "list", "withdraw", "restore"):
        assert re.search("GraphQL quer|trusted document", coalition("trusted-documents", command, "--help").stdout)
