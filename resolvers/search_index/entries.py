"""Writes the search index: after each change in its transaction, and as a whole when it is rebuilt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, delete, exists, func, select, union_all
from sqlalchemy.dialects import postgresql, sqlite

from models.search.search_entries import SearchEntry, number_of
from models.search.search_hits import SEARCHED
from resolvers.search_index.search_query import BOUNDARY, IN_TITLE, NAME, SPELLING
from resolvers.search_index.words import spellings, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from models import HasId
    from models.search.searched import Searched
    from resolvers.database.database import Database

TABLE: Any = SearchEntry.__table__

#: Objects that are read and written at once.
BATCH = 500


class IndexReport(NamedTuple):
    """The result of a rebuild.

    Attributes:
        counts: The number of indexed objects of each type.
        removed: The number of entries of objects that do not exist.
    """

    counts: Mapping[str, int]
    removed: int


def index_changes(connection: Connection, changed: Iterable[tuple[str, str]]) -> None:
    """Write the entries of changed objects, given as names of types and keys, in the transaction of their change."""
    keys: dict[str, list[str]] = {}
    for kind, key in dict.fromkeys(changed):
        if kind in SEARCHED:
            keys.setdefault(kind, []).append(key)
    for kind, found in keys.items():
        for some in _batches(found):
            _write(connection, SEARCHED[kind], some)


def rebuild(connection: Connection) -> IndexReport:
    """Write the whole index anew. Return the counts."""
    before = connection.execute(select(TABLE.c.object_id)).scalars().all()
    connection.execute(delete(TABLE))
    counts, written = {}, set()
    for kind, model in SEARCHED.items():
        keys = connection.execute(select(model.id).order_by(model.id)).scalars().all()
        for some in _batches(keys):
            _write(connection, model, some)
        counts[kind] = len(keys)
        written |= set(keys)
    return IndexReport(counts, len(set(before) - written))


def count_missing(connection: Connection) -> int:
    """Return the number of searched objects that have no entry."""
    counts = (
        select(func.count().label("missing")).select_from(model).where(~exists().where(TABLE.c.object_id == model.id))
        for model in SEARCHED.values()
    )
    found = union_all(*counts).subquery()
    return int(connection.execute(select(func.sum(found.c.missing))).scalar_one())


async def missing_entries(database: Database) -> int:
    """Return the number of searched objects that the index of a database lacks: no search finds them."""
    engine = database.bypass_policies("an operator checks the search index", read_only=True)
    async with engine.connect() as connection:
        return await connection.run_sync(count_missing)


async def complete_index(database: Database) -> int:
    """Write the whole index anew if it lacks objects. Return how many it lacked.

    An upgrade from a version without a search, or another program, leaves an index without entries. Later changes and
    loads add entries of what they change, so the index can also have a part of them.
    """
    missing = await missing_entries(database)
    if missing:
        await rebuild_index(database)
    return missing


async def rebuild_index(database: Database) -> IndexReport:
    """Write the whole index of a database anew, in one transaction. Return the counts."""
    engine = database.bypass_policies("an operator makes the search index anew")
    async with engine.begin() as connection:
        return await connection.run_sync(rebuild)


def _batches(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(keys), BATCH):
        yield keys[start : start + BATCH]


def _write(connection: Connection, model: type[HasId], keys: Iterable[str]) -> None:
    keys = list(keys)
    declared = declaration_of(model)
    columns = [getattr(model, name) for name in declared.attributes]
    found = connection.execute(select(model.id, *columns).where(model.id.in_(keys))).mappings().all()
    gone = set(keys) - {row["id"] for row in found}
    if gone:
        connection.execute(delete(TABLE).where(TABLE.c.object_id.in_(gone)))
    if not found:
        return
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(TABLE)
    replaced = {name: statement.excluded[name] for name in ("title_length", "words")}
    upsert = statement.on_conflict_do_update(index_elements=[TABLE.c.object_id], set_=replaced)
    connection.execute(upsert, [entry_of(model, row) for row in found])


def declaration_of(model: type[HasId]) -> Searched:
    """Return the attributes of a searched type that a search reads. Raises TypeError for another type."""
    if model.searched is None:
        message = f"{model.__name__} is not searched"
        raise TypeError(message)
    return model.searched


def entry_of(model: type[HasId], row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the entry of an object from its key and its searched attributes."""
    declared = declaration_of(model)
    name, title = (words_of(row[each]) if each else [] for each in (declared.name, declared.title))
    texts = [words_of(text) for each in declared.texts for text in _texts(row[each])]
    return {
        "number": number_of(row["id"]),
        "object_id": row["id"],
        "kind": model.__name__,
        "title_length": len(title),
        "words": [*_plain([name, title, *texts]), *_in_title(name, title), *_similar([title, *texts], name)],
    }


def _texts(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _plain(texts: Iterable[list[str]]) -> Iterator[str]:
    for words in texts:
        yield from words
        yield BOUNDARY


def _in_title(name: list[str], title: list[str]) -> Iterator[str]:
    yield from (f"{IN_TITLE}{word}" for word in name)
    yield BOUNDARY
    yield from (f"{IN_TITLE}{word}" for word in title)


def _similar(texts: Iterable[list[str]], name: list[str]) -> Iterator[str]:
    found = {spelling for words in texts for word in words for spelling in spellings(word)}
    yield from (f"{SPELLING}{spelling}" for spelling in sorted(found))
    yield f"{NAME}{''.join(name)}" if name else BOUNDARY
