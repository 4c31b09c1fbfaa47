"""What is asked: each work in the words of each server, so that all give the same data."""

from __future__ import annotations

import json
from itertools import count, cycle
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks.data import key, reference
from models import Procurement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

#: How many different objects are asked for one after another.
OBJECTS = 200
PAGE = 20
STATUS = "ORDERED"

NESTED = """
  nodes {
    id reference title status estimatedValue { amount currency }
    needs(first: 5) { nodes { reference title priority } }
    leadParticipant { code name } group { code name }
    purchaseOrders(first: 10) {
      nodes { number status value { amount currency } deliveries(first: 10) { nodes { reference status receivedOn } } }
    }
  }"""
LISTED = "nodes { reference title status estimatedValue { amount currency } } pageInfo { hasNextPage endCursor }"
FIELDS = "reference title status"

NESTED_IN_TABLES = """
  nodes {
    id: rowId reference title status estimatedValueMinor estimatedValueCurrency
    needs: procurementNeedsByProcurementId(first: 5) {
      nodes { need: capabilityNeedByNeedId { reference title priority } }
    }
    leadParticipant: participantByLeadParticipantId { code name } group: expertGroupByGroupId { code name }
    purchaseOrders: purchaseOrdersByProcurementId(first: 10, orderBy: [NUMBER_ASC]) {
      nodes {
        number status valueMinor valueCurrency
        deliveries: deliveriesByPurchaseOrderId(first: 10, orderBy: [REFERENCE_ASC]) {
          nodes { reference status receivedOn }
        }
      }
    }
  }"""
LISTED_IN_TABLES = """
  nodes { reference title status estimatedValueMinor estimatedValueCurrency } pageInfo { hasNextPage endCursor }"""


class Dialect(NamedTuple):
    """How one kind of server is asked for each thing: documents, and how `where` is written as a variable."""

    nested: str
    one: str
    #: With another name for each request.
    cold: str
    listed: str
    counted: str
    id: Callable[[str], str]
    where: Callable[[str, str], dict[str, Any]]
    #: What follows the name of a field that is sorted by.
    ascending: str


def _document(text: str) -> str:
    return " ".join(text.split())


def _lists(one: str, of: Callable[[str], str]) -> Dialect:
    """Give the dialect of the servers whose lists are ours; `one` gives a single object, `of` the id of a key."""
    listed = (
        "query Listed($after: String, $where: ProcurementWhere, $by: ProcurementOrderField!) { "
        f"procurements(first: {PAGE}, after: $after, where: $where, orderBy: [{{field: $by}}]) {{ {LISTED} }} }}"
    )
    nested = f"procurements(first: $first, orderBy: [{{field: REFERENCE}}]) {{ {NESTED} }}"
    return Dialect(
        nested=_document(f"query Nested($first: Int!) {{ {nested} }}"),
        one=f"query One($id: ID!) {{ {one} }}",
        cold=f"query Cold%d($id: ID!) {{ {one} }}",
        listed=listed,
        counted="query Counted { procurements { totalCount } }",
        id=of,
        where=lambda name, value: {name: {"eq": value}},
        ascending="",
    )


OURS = _lists(f"procurement: node(id: $id) {{ ... on Procurement {{ {FIELDS} }} }}", lambda key: f"Procurement:{key}")
HAND_WRITTEN = _lists(f"procurement(id: $id) {{ {FIELDS} }}", str)

_ONE_ROW = f"procurement: procurementByRowId(rowId: $id) {{ {FIELDS} }}"
TABLES = Dialect(
    nested=_document(
        "query Nested($first: Int!) { procurements: allProcurements(first: $first, orderBy: [REFERENCE_ASC]) { "
        f"{NESTED_IN_TABLES} }} }}"
    ),
    one=f"query One($id: UUID!) {{ {_ONE_ROW} }}",
    cold=f"query Cold%d($id: UUID!) {{ {_ONE_ROW} }}",
    listed=_document(
        "query Listed($after: Cursor, $where: ProcurementCondition, $by: ProcurementOrderBy!) { procurements: "
        f"allProcurements(first: {PAGE}, after: $after, condition: $where, orderBy: [$by]) {{ {LISTED_IN_TABLES} }} }}"
    ),
    counted="query Counted { procurements: allProcurements { totalCount } }",
    id=str,
    where=lambda name, value: {name: value},
    ascending="_ASC",
)


class Asked(NamedTuple):
    """One request: its document, and its variables."""

    query: str
    variables: Mapping[str, Any]

    def body(self) -> bytes:
        """Give the body of the request."""
        return json.dumps(self._asdict()).encode()


class Works:
    """What a server is asked of `procurements` of them."""

    def __init__(self, dialect: Dialect, procurements: int) -> None:
        self._dialect = dialect
        self._procurements = procurements
        #: The cursors that the server gave, by the order and the reference of the row.
        self.cursors: dict[tuple[str, str], str] = {}
        #: In the middle of the list by title: the things that are bought are spread over it by their names.
        self.middle_by_title = reference(procurements // 14 * 7 + 1)
        self.middle_by_reference = reference(procurements // 2 - 1)

    def nested_page(self) -> Asked:
        """Ask for fifty procurements with all that hangs on them."""
        return Asked(self._dialect.nested, {"first": 50})

    def objects(self) -> list[Asked]:
        """Ask for single objects, one after another."""
        return [Asked(self._dialect.one, {"id": key}) for key in self._ids()]

    def cold_documents(self) -> Iterator[Asked]:
        """Ask for single objects, each time with a document that nobody ever sent."""
        for number, found in zip(count(), cycle(self._ids()), strict=False):
            yield Asked(self._dialect.cold % number, {"id": found})

    def total_count(self) -> Asked:
        """Ask how many there are."""
        return Asked(self._dialect.counted, {})

    def page(self, after: str | None = None) -> Asked:
        """Ask for a page of the list by reference: the first, or that behind a cursor."""
        return self._listed("reference", after=after)

    def filtered_page(self, after: str) -> Asked:
        """Ask for a page of those of one status, by title, behind a cursor."""
        return self._listed("title", after=after, where=self._dialect.where("status", STATUS))

    def row(self, by: str, named: str) -> Asked:
        """Ask for the one procurement with a reference; its page ends with its cursor in the order `by`."""
        return self._listed(by, where=self._dialect.where("reference", named))

    def _listed(self, by: str, **variables: Any) -> Asked:
        given = {name: value for name, value in variables.items() if value is not None}
        return Asked(self._dialect.listed, {**given, "by": f"{by.upper()}{self._dialect.ascending}"})

    def _ids(self) -> list[str]:
        apart = max(self._procurements // OBJECTS, 1)
        return [self._dialect.id(key(Procurement, n)) for n in range(0, self._procurements, apart)]
