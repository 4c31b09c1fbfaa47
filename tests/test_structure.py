"""The structural rules of the repository: names, places, sizes and imports of files, and pinned packages."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from models import NOUNS

ROOT = Path(__file__).resolve().parents[1]
FLOORS = ("server", "schema", "resolvers", "models")
#: The packages of nouns, the same on every floor.
SUBJECTS = {noun.partition(".")[0] for noun in NOUNS}
#: The packages above the nouns of a floor: all others are below, and know none.
ABOVE_NOUNS = {"resolvers": {"identity"}, "schema": set[str]()}
SOURCE_SUFFIXES = {".css", ".html", ".js", ".jsx", ".mjs", ".py", ".sh", ".ts", ".tsx"}
MAX_LINES = 300
MAX_FUNCTION_LINES = 40
MAX_FILES = 25
FEWEST_DOCSTRING_LINES = 10


def tracked_files() -> list[str]:
    """Return the path from the root of every file that is or would be committed."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    return [name for name in listed if (ROOT / name).is_file()]


def imports_of(file: Path) -> set[str]:
    """Return the full name of every module that a file imports, or imports from."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_nothing_shadows_the_installed_alembic() -> None:
    assert not (ROOT / "alembic" / "__init__.py").exists()


def test_no_lock_file_is_tracked() -> None:
    locks = {"uv.lock", "package-lock.json", "poetry.lock", "yarn.lock", "pnpm-lock.yaml"}
    assert [name for name in tracked_files() if Path(name).name in locks] == []


def test_no_source_file_outgrows_one_room() -> None:
    # A migration is written once, whole, and never edited again.
    files = [ROOT / name for name in tracked_files() if not name.startswith("alembic/versions/")]
    lengths = {file: len(file.read_text().splitlines()) for file in files if file.suffix in SOURCE_SUFFIXES}
    assert lengths
    assert {file: lines for file, lines in lengths.items() if lines > MAX_LINES} == {}


def test_no_function_outgrows_one_screen() -> None:
    lengths = {
        f"{file.relative_to(ROOT)}:{node.name}": (node.end_lineno or 0) - node.lineno + 1
        for floor in FLOORS
        for file in (ROOT / floor).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }
    assert lengths
    assert {name: lines for name, lines in lengths.items() if lines > MAX_FUNCTION_LINES} == {}


def test_no_folder_of_a_floor_is_crowded() -> None:
    files = [Path(name) for name in tracked_files() if Path(name).parts[0] in (*FLOORS, "tests")]
    folders = Counter(str(file.parent) for file in files)
    assert folders
    assert {folder: files for folder, files in folders.items() if files > MAX_FILES} == {}


@pytest.mark.parametrize("floor", FLOORS)
def test_a_floor_says_at_its_door_what_it_holds(floor: str) -> None:
    docstring = ast.get_docstring(ast.parse((ROOT / floor / "__init__.py").read_text())) or ""
    assert len(docstring.splitlines()) >= FEWEST_DOCSTRING_LINES


@pytest.mark.parametrize("noun", NOUNS)
def test_a_noun_has_the_same_file_name_on_every_floor(noun: str) -> None:
    subject, name = noun.split(".")
    wanted = [f"{floor}/{subject}/{name}.py" for floor in ("models", "resolvers", "schema")]
    wanted.append(f"tests/nouns/{subject}/test_{name}.py")
    assert [name for name in wanted if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize("floor", ABOVE_NOUNS)
def test_in_the_packages_of_nouns_are_only_nouns(floor: str) -> None:
    files = {f"{subject}.{file.stem}" for subject in SUBJECTS for file in (ROOT / floor / subject).glob("[!_]*.py")}
    # A source is not a noun: objects of many nouns cite it.
    assert files - {"sources.sources"} == {*NOUNS}, "a noun is named in NOUNS of models/__init__.py"


@pytest.mark.parametrize("floor", ABOVE_NOUNS)
def test_no_mechanism_imports_a_noun_and_no_noun_what_is_above_it(floor: str) -> None:
    nouns = {f"{floor}.{noun}" for noun in NOUNS}
    above = {f"{floor}.{name}" for name in ABOVE_NOUNS[floor]}
    packages = [file for file in (ROOT / floor).rglob("*.py") if file.parent != ROOT / floor]
    others = ABOVE_NOUNS[floor] | SUBJECTS
    below = [file for file in packages if file.relative_to(ROOT / floor).parts[0] not in others]
    wrong = {file: found for file in below if (found := imports_of(file) & nouns)}
    for file in (ROOT / floor / f"{noun.replace('.', '/')}.py" for noun in NOUNS):
        if found := {name for name in imports_of(file) if name.startswith(tuple(above))}:
            wrong[file] = found
    assert packages
    assert wrong == {}


def test_every_package_is_pinned_exactly() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    written = [
        *project["project"]["dependencies"],
        *(pin for pins in project["project"]["optional-dependencies"].values() for pin in pins),
        *(pin for pin in project["dependency-groups"]["dev"] if not pin.startswith("coalition[")),
        *project["tool"]["uv"]["constraint-dependencies"],
    ]
    pins = {re.split(r"\[|==", pin)[0]: pin.partition("==")[2].partition(";")[0] for pin in written}
    # uv writes this file beside the one that pins; it is never committed, as it records where things were fetched from.
    resolved = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    assert {item["name"]: item["version"] for item in resolved if item["name"] != "coalition"} == pins
