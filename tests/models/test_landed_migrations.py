"""A migration that has landed is never edited: databases have run it as it was, and do not run it again."""

from __future__ import annotations

import hashlib
import re

import pytest

from tests.support.database.migrations import SCRIPTS

LANDED = SCRIPTS / "landed.sha256"
#: What does not belong to any migration: it may change.
NOT_SEALED = {"env.py", "protection_autogenerate.py"}
#: A line as `sha256sum` writes it.
LINE = re.compile(r"([0-9a-f]{64})  (\S+\.py)")


def sealed() -> dict[str, str]:
    """Return the digest of each file as it landed, by its path in the folder of the migrations."""
    lines = [LINE.fullmatch(line) for line in LANDED.read_text().splitlines()]
    return {line[2]: line[1] for line in lines if line}


def migrations() -> list[str]:
    """Return the path of every migration, and of everything that migrations import."""
    files = sorted([*SCRIPTS.glob("*.py"), *SCRIPTS.glob("versions/*.py")])
    return [str(file.relative_to(SCRIPTS)) for file in files if file.name not in NOT_SEALED]


def test_every_line_of_the_list_names_a_file_and_its_digest() -> None:
    assert all(LINE.fullmatch(line) for line in LANDED.read_text().splitlines())
    assert sorted(set(sealed()) - set(migrations())) == [], "a migration that has landed is gone"


@pytest.mark.parametrize("name", migrations())
def test_a_migration_that_has_landed_is_as_it_was(name: str) -> None:
    # Whatever ends its lines: a checkout on Windows has others.
    digest = hashlib.sha256((SCRIPTS / name).read_text(encoding="utf-8").encode()).hexdigest()
    seal = f"(cd alembic && sha256sum {name} >> landed.sha256)"
    assert name in sealed(), f"alembic/{name} is not in alembic/landed.sha256. When it is complete, run: {seal}"
    assert sealed()[name] == digest, (
        f"alembic/{name} has changed since it landed. Databases have run it as it was: undo the change, and write a "
        "new migration instead. Only where it is not on main yet: delete its line in alembic/landed.sha256, and run "
        f"{seal}"
    )
