"""The documentation names only what exists: paths, links, names in code, settings with their defaults, packages."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

import pytest
from graphql import build_schema, parse, validate

from server.config.settings import PREFIX, Settings
from tests.guides.test_adding_a_noun import blocks
from tests.test_structure import FLOORS, ROOT, tracked_files

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
CODE = re.compile(r"`([^`\n]+)`")
FENCE = re.compile(r"^ *```.*?^ *```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")
#: A word of code or of a command that is a path from the root of the project.
PATH = re.compile(r"(?:[\w.-]+/)+[\w.-]*|[\w-]+\.(?:md|toml|lock)")
#: A name of Python: in an item that names files, it must occur in one of them.
NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
SETTING = re.compile(rf"^\| `({PREFIX}\w+)` \|([^|]*)\|", re.MULTILINE)
#: What git ignores, and what the guide to adding a noun writes.
NOT_THERE = {"server/static", "uv.lock", *(str(block.file) for block in blocks())}
#: Set by the program itself, for its workers.
INTERNAL = {"demo_personas"}


def folders(files: list[str]) -> set[str]:
    """Return the folders of some files, those that hold other folders included."""
    return {str(parent) for file in files for parent in PurePosixPath(file).parents}


FILES = tracked_files()
FOLDERS = folders(FILES)
TOP = {file.partition("/")[0] for file in FILES}


def paths_in(text: str) -> list[str]:
    """Return the paths of the project that a text names in code."""
    words = (word for code in CODE.findall(text) for word in code.split())
    paths = (word.removesuffix("::") for word in words if PATH.fullmatch(word))
    return [path for path in paths if path.partition("/")[0] in TOP or "/" not in path]


def exists(path: str) -> bool:
    """Return whether a path is that of a file or a folder."""
    return path in FILES or path.removesuffix("/") in FOLDERS


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def items(page: Path) -> list[str]:
    """Return the numbered items and the rows of tables in a page."""
    text = FENCE.sub("", page.read_text())
    return re.findall(r"^\d+\. .*(?:\n {2,}\S.*)*|^\| .*$", text, re.MULTILINE)


def missing_names(item: str) -> list[str]:
    """Return the names of Python in an item that occur in none of the files that it names."""
    named = [path for path in paths_in(item) if path.endswith((".py", "/"))]
    files = [file for file in FILES for path in named if file == path or (path[-1] == "/" and file.startswith(path))]
    text = "\n".join((ROOT / file).read_text() for file in files if file.endswith(".py"))
    words = {*re.findall(r"\w+", text)}
    names = [code for code in CODE.findall(item) if NAME.fullmatch(code) and not exists(code)]
    return [name for name in names if files and not words.issuperset(name.split("."))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_path_and_link_leads_somewhere(page: Path) -> None:
    text = page.read_text()
    outside_blocks = FENCE.sub("", text)
    wrong = [path for path in paths_in(outside_blocks) if not exists(path) and path not in NOT_THERE]
    for link in LINK.findall(outside_blocks):
        target, _, anchor = link.partition("#")
        if "://" in link:
            continue
        file = (page.parent / target).resolve() if target else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            wrong.append(link)
    assert wrong == []


def test_every_example_is_valid_against_the_contract() -> None:
    contract = build_schema((ROOT / "schema" / "schema.graphql").read_text())
    examples = [code for page in PAGES for code in re.findall(r"```graphql\n(.*?)```", page.read_text(), re.DOTALL)]
    assert examples
    errors = {example: validate(contract, parse(example)) for example in examples}
    assert {example: found for example, found in errors.items() if found} == {}


def test_a_command_names_files_that_exist() -> None:
    wrong = []
    for page in PAGES:
        for block in FENCE.findall(page.read_text()):
            if not block.lstrip().startswith("```sh"):
                continue
            words = (word.partition("::")[0] for word in block.split())
            paths = (word for word in words if PATH.fullmatch(word) and word.partition("/")[0] in TOP)
            wrong += [path for path in paths if not exists(path) and path not in NOT_THERE]
    assert wrong == ["schema/schema.graphql"] * wrong.count("schema/schema.graphql")


def test_each_item_names_only_what_is_in_its_files() -> None:
    found = items(ROOT / "CONTRIBUTING.md")
    assert found
    assert {item: missing for item in found if (missing := missing_names(item))} == {}


def test_a_name_that_is_not_in_its_file_is_found() -> None:
    assert missing_names("1. `server/app.py`: `Application` and `Applikation.start` go on.") == ["Applikation.start"]
    assert paths_in("Read `server/app.py`, `application/json` and `docs/`.") == ["server/app.py", "docs/"]
    assert not exists("server/apps.py")


@pytest.mark.parametrize("floor", FLOORS)
def test_the_map_names_every_package(floor: str) -> None:
    packages = {f"{PurePosixPath(file).parent}/" for file in FILES if re.fullmatch(rf"{floor}/\w+/__init__\.py", file)}
    assert packages
    assert packages - set(paths_in((ROOT / "CONTRIBUTING.md").read_text())) == set()


def test_every_guide_and_decision_is_in_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text()
    pages = [page.relative_to(ROOT / "docs") for page in PAGES if page.parent.parent == ROOT / "docs"]
    assert pages
    assert [str(page) for page in pages if f"({page})" not in index] == []


def test_every_setting_is_listed_with_its_default() -> None:
    listed = dict(row for page in PAGES for row in SETTING.findall(page.read_text()))
    defaults = {
        f"{PREFIX}{name.upper()}": field.default
        for name, field in Settings.model_fields.items()
        if name not in INTERNAL
    }
    assert listed.keys() == defaults.keys()
    wrong = {name: text for name, text in listed.items() if text.strip(" `").replace(",", "") != shown(defaults[name])}
    assert wrong == {}


def shown(default: object) -> str:
    """Return a default as an environment variable has it; an empty text where there is none."""
    return "" if default is None else str(int(default) if isinstance(default, bool) else default)
