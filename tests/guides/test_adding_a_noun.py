"""The guide to adding a noun is followed word for word in a copy of the project, and the generic tests take it in."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.test_structure import ROOT, tracked_files

GUIDE = ROOT / "docs" / "guides" / "adding-a-noun.md"
#: What the guide says of a block of code: the file it belongs to, and where in it, unless it is all of the file.
PLACE = re.compile(r"# (?P<file>[\w/.]+)(?:, (?:in (?P<name>.+)|(?P<imports>among the imports)))?\n")
LISTS = "tests/access/test_access_matrix.py::test_a_list_holds_what_is_to_be_seen_and_counts_nothing_else"
RANDOM = "tests/query/test_differential.py::test_random_queries_get_the_reference_s_answer_from_a_new_and_from_a_compiled_operation"  # noqa: E501
#: The tests that take the noun in, among those that the guide names, and how much of what they draw at random. Those
#: that are the same on both engines for any noun run on one.
TESTS = (
    "tests/nouns/people/test_trainings.py",
    "tests/access/test_declarations.py",
    "tests/access/test_row_level_security.py",
    "tests/models/test_landed_migrations.py",
    f"{RANDOM}[sqlite]",
    "tests/query/test_lookups.py::test_every_type_of_object_is_found_by_its_id[sqlite]",
    "tests/schema/test_contract.py",
    "tests/test_structure.py",
    "tests/models/test_migrations.py::test_alembic_check_finds_nothing_left_to_migrate[sqlite]",
    "tests/models/test_migrations.py::test_the_migrations_build_exactly_what_the_models_say",
    *(f"{LISTS}[{way}-Training]" for way in ("sqlite", "postgresql", "behind the wall")),
)
FEW = ("--random-queries", "10")


class Block(NamedTuple):
    """A block of code of the guide: where it belongs, and its text."""

    file: Path
    after: str
    text: str


def blocks() -> list[Block]:
    """Return the blocks that belong to files."""
    found = []
    for code in re.findall(r"```(?:python|markdown)\n(.*?)```", GUIDE.read_text(), re.DOTALL):
        place = PLACE.match(code)
        assert place, f"a block of {GUIDE.name} does not say which file it belongs to: {code[:60]}"
        after = "from models." if place["imports"] else place["name"] or ""
        found.append(Block(Path(place["file"]), after, code[place.end() :]))
    return found


def commands() -> list[str]:
    """Return the commands of the guide except the last, which runs more tests than are run here."""
    return [block.strip() for block in re.findall(r"```sh\n(.*?)```", GUIDE.read_text(), re.DOTALL)][:-1]


def write(block: Block, root: Path) -> None:
    """Write a file of the guide, or put lines behind the one that begins with what the guide names."""
    file = root / block.file
    if not block.after:
        assert not file.exists(), f"{block.file} is there already"
        file.write_text(block.text)
        return
    lines = file.read_text().splitlines(keepends=True)
    place = next(place for place, line in enumerate(lines) if line.startswith(block.after))
    file.write_text("".join([*lines[: place + 1], block.text, *lines[place + 1 :]]))


def run(root: Path, *command: str) -> str:
    """Run a command in the copy; return what it writes."""
    address = {"COALITION_DATABASE_URL": f"sqlite:///{root}.db"}
    ran = subprocess.run(
        command, cwd=root, env=os.environ | address, check=False, capture_output=True, text=True, timeout=900
    )
    assert ran.returncode == 0, f"{command}\n{ran.stdout[-6000:]}\n{ran.stderr[-2000:]}"
    return ran.stdout


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the project in which the guide was followed."""
    root = tmp_path_factory.mktemp("guide")
    for name in tracked_files():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    run(root, "git", "init", "--quiet")
    for block in blocks():
        write(block, root)
    # In the copy, and by the Python that runs this: `uv run` would make an environment first.
    main = "from server.cli.main import main; main()"
    names = {"coalition": f"{sys.executable} -c '{main}'", "alembic": f"{sys.executable} -m alembic"}
    for command in commands():
        run(root, "bash", "-ec", re.sub(r"uv run (\w+)", lambda found: names[found[1]], command))
    return root


def test_the_guide_touches_few_files_and_no_mechanism(followed: Path) -> None:
    """Only these files differ: those of the noun, the tables of access, and the printed and generated files."""
    before = {name: (ROOT / name).read_bytes() for name in tracked_files()}
    run(followed, "git", "add", "--all")
    there = run(followed, "git", "ls-files").splitlines()
    touched = {name for name in there if before.get(name) != (followed / name).read_bytes()}
    assert {re.sub(r"/\d{4}_", "/", name) for name in touched} == {
        "CHANGELOG.md",
        "alembic/landed.sha256",
        "alembic/versions/trainings.py",
        "models/__init__.py",
        "models/people/trainings.py",
        "resolvers/access/permissions.py",
        "resolvers/access/visibility.py",
        "resolvers/people/trainings.py",
        "schema/schema.graphql",
        "schema/people/trainings.py",
        "tests/nouns/people/test_trainings.py",
    }


def test_the_generic_tests_take_the_noun_in(followed: Path) -> None:
    shutil.copy(ROOT / "uv.lock", followed)
    said = run(followed, sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *FEW, *TESTS)
    assert " passed" in said
