"""Text is found as people write it: in every language of the coalition, pasted from anywhere, in capitals."""

from __future__ import annotations

import sys
import unicodedata
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import String, bindparam, select
from sqlalchemy.dialects import postgresql

from resolvers.core.text import as_compared, as_written, normalized
from resolvers.database.database import create_engine
from resolvers.sql.comparisons import comparable
from tests.support.execute import read
from tests.support.mutations import changed
from tests.support.small_coalition import an_id

if TYPE_CHECKING:
    from resolvers.database.database import Database
    from tests.servers.databases import Databases
    from tests.support.small_coalition import World

pytestmark = pytest.mark.anyio

#: A title in each language, and a part of it.
TITLES = {
    "Danish": ("Køb af kryptérbare radioer til Færøerne", "færøerne"),
    "Dutch": ("Draagbare radio’s voor coördinatie in IJmuiden", "coördinatie"),  # noqa: RUF001 - a letter or sign of the language
    "Estonian": ("Õhutõrje sidevahendid Jõhvi ja Võrru", "sidevahendid jõhvi"),
    "French": ("Équipement « clé en main » pour l’Œuvre à Noël", "« clé en main »"),  # noqa: RUF001 - a letter or sign of the language
    "German": ("Funkgeräte für die Große Straße", "große straße"),
    "Latvian": ("Šifrēšanas ierīces Ķekavai un Ģibuļiem", "ķekavai un ģibuļiem"),
    "Lithuanian": ("Šifruoto ryšio įranga Žemaitijai ir Ąžuolynui", "įranga žemaitijai"),
    "Swedish": ("Utrustning för Åland och Östergötland", "åland och öster"),
    "Ukrainian": ("Захищений зв’язок для Києва, Їжакевичів і Ґданська", "зв’язок для києва, їжакевичів"),  # noqa: RUF001 - a letter or sign of the language
}


def pasted(text: str) -> str:
    """Return a text as another program copies it: decomposed, with no-break spaces, blanks around it."""
    return f" \u00a0{unicodedata.normalize('NFD', text).replace(' ', chr(0xA0))}\u2009 "


def hyphenated(text: str) -> str:
    """Return a text as a page of a document copies it: with a soft hyphen in each word."""
    return " ".join(f"{word[:2]}\u00ad{word[2:]}" for word in text.split(" "))


@pytest.mark.parametrize("language", TITLES)
async def test_a_text_is_found_however_it_is_pasted(world: World, language: str) -> None:
    title, part = TITLES[language]
    member = await world.viewer("member")
    asked = {"title": pasted(title), "groupId": an_id(world.group)}
    made = await changed(world.database, member, "createProcurement", "procurement { id title }", **asked)
    other = {"title": "Laptops", "groupId": an_id(world.group)}
    await changed(world.database, member, "createProcurement", "procurement { id }", **other)
    assert made["title"] == title
    exact = [title, pasted(title), hyphenated(title), hyphenated(pasted(title))]
    conditions = [{"eq": each} for each in exact] + [{"in": ["else", each]} for each in exact]
    for spelled in (part, part.upper(), part.title()):
        conditions += [{"contains": each} for each in (spelled, pasted(spelled), hyphenated(spelled))]
    for sign in "'’ʼ‘":  # noqa: RUF001 - the signs that people write for an apostrophe
        conditions += [{"contains": part.replace("’", sign)}]  # noqa: RUF001
    for start in (title[:9], title[:9].upper(), title[:9].lower()):
        conditions += [{"startsWith": each} for each in (start, pasted(start), hyphenated(start))]
    query = "query($where: ProcurementWhere) { procurements(where: $where) { nodes { id } } }"
    for condition in conditions:
        found = await read(world.database, query, viewer=member, where={"title": condition})
        assert found["procurements"]["nodes"] == [{"id": made["id"]}], condition
    none = await read(world.database, query, viewer=member, where={"title": {"eq": title.upper()}})
    assert none["procurements"]["nodes"] == []


def assigned() -> list[str]:
    """Return every character that a text can have."""
    found = map(chr, range(1, sys.maxunicode + 1))
    return [each for each in found if unicodedata.category(each) not in {"Cn", "Cs", "Co"}]


async def folded(database: Database, text: str, fold: Any = comparable) -> str:
    """Return a text as the database folds it."""
    async with database.bypass_policies("a test folds a text").connect() as connection:
        return str((await connection.execute(select(fold(bindparam("text", text, String()))))).scalar())


async def test_the_database_and_python_fold_every_character_alike(shared_database: Database) -> None:
    characters = assigned()
    found = (await folded(shared_database, "\n".join(characters))).split("\n")
    expected = str(as_compared("\n".join(characters))).split("\n")
    assert [(a, b) for a, b in zip(found, expected, strict=True) if a != b] == []


def on_an_older_postgresql() -> Any:
    make: Any = postgresql.dialect
    dialect = make()
    dialect.server_version_info = (17, 2)
    return dialect


@pytest.mark.parametrize("language", TITLES)
async def test_an_older_postgresql_folds_every_language_alike(postgresql_databases: Databases, language: str) -> None:
    text = TITLES[language][0]
    older = comparable(bindparam("text", text.upper(), String())).compile(
        dialect=on_an_older_postgresql(), compile_kwargs={"literal_binds": True}
    )
    assert "casefold" not in str(older)
    with postgresql_databases.migrated() as url:
        engine = create_engine(url)
        async with engine.connect() as connection:
            found = (await connection.exec_driver_sql(f"SELECT {older}")).scalar()
        await engine.dispose()
    assert found == as_compared(text)


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("a\u00a0b", "a b"),
        ("a \u2009 b", "a b"),
        ("\u3000 a  b\u00a0", "a  b"),
        ("Ko\u0308ln", "K\u00f6ln"),
        ("one\ntwo", "one\ntwo"),
    ],
)
def test_a_text_is_stored_in_one_form(given: str, stored: str) -> None:
    assert normalized(given) == stored
    assert as_written(f"{given}\u00ad") == stored
    assert normalized(stored) == stored
