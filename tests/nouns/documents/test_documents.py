"""Documents: the register, who may see what, and the versions."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from models import DatePrecision, DocumentStatus, DocumentType, Marking
from models.documents.documents import DOCUMENT_TRANSITIONS
from tests.support.execute import read
from tests.support.factories import (
    a_document,
    a_document_version,
    a_meeting,
    a_participant,
    an_account,
    an_expert_group,
)
from tests.support.rows import changes, keep, refused

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

ISSUED = dt.date(2024, 4, 3)
SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


@pytest.fixture(scope="module")
async def record(shared_database: Database) -> Database:
    owner, other = an_expert_group("EG1", name="Networks"), an_expert_group("EG2")
    release = a_document(
        "DOC-1",
        document_type=DocumentType.PRESS_RELEASE,
        status=DocumentStatus.RELEASED,
        issue_date=ISSUED,
        issue_date_precision=DatePrecision.DAY,
        keywords=["coalition", "Kõrgõzstan's «кібер»"],
        language="en",
        url="https://example.org/release",
        publisher="Ministry of Defence",
    )
    paper = a_document("DOC-2", marking=Marking.AMBER_STRICT, group=owner, shared_with=[other], language="et")
    uploaded = {"uploaded_by": an_account(a_participant("EE"), "scribe@example.org"), "sha256": SHA256}
    await keep(
        shared_database,
        release,
        paper,
        a_document("DOC-3", superseded_by=paper, status=DocumentStatus.SUPERSEDED),
        a_document_version(paper, "1.0", byte_size=1024, **uploaded),
        a_document_version(paper, "1.1", byte_size=5_000_000_000, notes="With maps.", **uploaded),
        a_meeting("SG-2", documents=[release]),
    )
    return shared_database


async def test_a_release_is_in_the_register_with_its_address(record: Database) -> None:
    query = """{ documents(where: {reference: {eq: "DOC-1"}}) { nodes {
        documentType marking status language keywords issueDate issueDatePrecision url publisher
        group { code } meetings { nodes { reference } }
    } } }"""
    expected = {
        "documentType": "PRESS_RELEASE",
        "marking": "CLEAR",
        "status": "RELEASED",
        "language": "en",
        "keywords": ["coalition", "Kõrgõzstan's «кібер»"],
        "issueDate": "2024-04-03",
        "issueDatePrecision": "DAY",
        "url": "https://example.org/release",
        "publisher": "Ministry of Defence",
        "group": None,
        "meetings": {"nodes": [{"reference": "SG-2"}]},
    }
    assert await read(record, query) == {"documents": {"nodes": [expected]}}


async def test_a_document_without_keywords_has_an_empty_list_of_them(record: Database) -> None:
    answer = await read(record, '{ documents(where: {reference: {eq: "DOC-2"}}) { nodes { keywords } } }')
    assert answer == {"documents": {"nodes": [{"keywords": []}]}}


async def test_a_group_shares_its_paper_with_another(record: Database) -> None:
    query = '{ documents(where: {sharedWith: {some: {code: {eq: "EG2"}}}}) { nodes { reference group { code } } } }'
    assert await read(record, query) == {"documents": {"nodes": [{"reference": "DOC-2", "group": {"code": "EG1"}}]}}


async def test_a_superseded_document_leads_to_the_one_in_its_place(record: Database) -> None:
    query = "{ documents(where: {status: {eq: SUPERSEDED}}) { nodes { reference supersededBy { reference } } } }"
    found = {"reference": "DOC-3", "supersededBy": {"reference": "DOC-2"}}
    assert await read(record, query) == {"documents": {"nodes": [found]}}


async def test_a_version_may_be_larger_than_two_gigabytes(record: Database) -> None:
    query = """{ documents(where: {versions: {some: {byteSize: {gte: 5000000000}}}}) { nodes {
        versions(orderBy: [{field: LABEL}]) { nodes { label notes byteSize sha256 uploadedBy { displayName } } }
    } } }"""
    first = {"label": "1.0", "notes": None, "byteSize": 1024}
    second = {"label": "1.1", "notes": "With maps.", "byteSize": 5_000_000_000}
    common = {"sha256": SHA256, "uploadedBy": {"displayName": "scribe"}}
    versions = {"nodes": [first | common, second | common]}
    assert await read(record, query) == {"documents": {"nodes": [{"versions": versions}]}}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (["LANGUAGE"], [["en", None, 1], ["et", None, 1], [None, None, 1]]),
        (["GROUP"], [["EG1", "Networks", 1], [None, None, 2]]),
        (["MARKING", "DOCUMENT_TYPE"], None),
    ],
)
async def test_documents_are_counted_in_groups(record: Database, fields: list[str], expected: Any) -> None:
    query = "query ($by: [DocumentGroupField!]!) { documents { aggregate { groupBy(by: $by) { %s } } } }"
    answer = await read(record, query % "keys { value label } count", by=fields)
    groups = answer["documents"]["aggregate"]["groupBy"]
    if expected is None:
        found = [([key["value"] for key in group["keys"]], group["count"]) for group in groups]
        assert found == [(["AMBER_STRICT", "REPORT"], 1), (["CLEAR", "PRESS_RELEASE"], 1), (["CLEAR", "REPORT"], 1)]
    else:
        assert [[*group["keys"][0].values(), group["count"]] for group in groups] == expected


def test_a_document_changes_its_status_as_the_rules_say() -> None:
    assert (
        changes(
            DocumentStatus,
            "DRAFT → UNDER_REVIEW → FINAL → RELEASED → SUPERSEDED",
            "UNDER_REVIEW → DRAFT",
            "SUPERSEDED → RELEASED",
            "DRAFT·UNDER_REVIEW·FINAL·RELEASED·SUPERSEDED → WITHDRAWN",
        )
        == DOCUMENT_TRANSITIONS
    )


def test_the_markings_are_those_of_the_traffic_light_protocol() -> None:
    labels = ["TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"]
    assert [marking.value.split(". ")[0] for marking in Marking] == labels


@pytest.mark.parametrize(
    ("constraint", "fault"),
    [
        ("ck_documents_language", {"language": "e"}),
        ("ck_documents_expires_on", {"issue_date": ISSUED, "expires_on": ISSUED - dt.timedelta(days=1)}),
    ],
)
async def test_a_document_is_refused_whose_particulars_cannot_be(
    shared_database: Database, constraint: str, fault: dict[str, Any]
) -> None:
    await refused(shared_database, constraint, a_document(**fault))


async def test_a_reference_belongs_to_one_document(shared_database: Database) -> None:
    await refused(shared_database, "uq_documents_reference", a_document("DOC-9"), a_document("DOC-9"))
