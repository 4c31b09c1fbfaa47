"""Judged searches: what people look for, in nine languages, is among the first five hits on both engines."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from models import DocumentStatus
from resolvers.search_index.entries import rebuild_index
from server.startup.demo import load_public_record
from tests.support.execute import read
from tests.support.factories import a_document
from tests.support.rows import keep

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

JUDGED = tomllib.loads(Path(__file__).with_name("judged.toml").read_text())
SEARCHES = [(query, wanted) for searches in JUDGED["searches"].values() for query, wanted in searches.items()]

LEAST_SEARCHES, LEAST_LANGUAGES, LEAST_RECALL = 60, 9, 0.95


async def test_judged_searches_find_what_they_should_among_the_first_five(database: Database) -> None:
    assert len(SEARCHES) >= LEAST_SEARCHES
    assert len(JUDGED["searches"]) >= LEAST_LANGUAGES
    await load_public_record(database)
    titles = JUDGED["documents"].items()
    await keep(database, *(a_document(key, title=title, status=DocumentStatus.RELEASED) for key, title in titles))
    await rebuild_index(database)
    query = "query ($query: String!) { search(query: $query, first: 5) { nodes { reference } } }"
    found = wanted = 0
    missed = []
    for text, references in SEARCHES:
        hits = {each["reference"] for each in (await read(database, query, query=text))["search"]["nodes"]}
        found += len(hits & {*references})
        wanted += len(references)
        missed += [(text, each) for each in references if each not in hits]
    assert found / wanted >= LEAST_RECALL, missed
