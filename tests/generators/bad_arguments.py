"""Arguments of a list of procurements that must be refused, and the ways to pass one."""

from __future__ import annotations

import json
from typing import Any

KEY = "00000000-0000-4000-8000-000000000000"
ARGUMENTS = {
    "first": "Int",
    "last": "Int",
    "after": "String",
    "before": "String",
    "where": "ProcurementWhere",
    "orderBy": "[ProcurementOrder!]",
}


class Enum(str):
    """A value that is written without quotes in a document."""

    __slots__ = ()


def cursor(*values: Any) -> str:
    """Return a forged cursor of procurements by title."""
    return json.dumps(["Procurement:title,id", *values]).encode().hex()


def too_deep(*steps: str) -> dict[str, Any]:
    where: dict[str, Any] = {"id": {"isNull": True}}
    for step in reversed(steps):
        where = {step: [where] if step in {"and", "or"} else where}
    return where


def literal(value: Any) -> str:
    if isinstance(value, Enum):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {literal(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    return json.dumps(value)


def ways(name: str, value: Any) -> list[tuple[str, dict[str, Any]]]:
    """Return the queries that pass an argument: as a literal, as a variable, and as a variable below another object."""
    order = "" if name == "orderBy" else ", orderBy: [{field: TITLE}]"
    head = f"query Asked($value: {ARGUMENTS[name]})"
    return [
        (f"{{ procurements({name}: {literal(value)}{order}) {{ totalCount }} }}", {}),
        (f"{head} {{ procurements({name}: $value{order}) {{ nodes {{ id }} }} }}", {"value": value}),
        (
            f"{head} {{ expertGroups {{ nodes {{ procurements({name}: $value{order}) {{ __typename }} }} }} }}",
            {"value": value},
        ),
    ]


#: Each argument with a value that is refused, and what its message says of it.
REFUSED: list[tuple[str, Any, str]] = [
    *(("first", value, f"first is {value}") for value in (0, -1, 101, -(2**31), 2**31 - 1)),
    *(("last", value, f"last is {value}") for value in (0, -1, 101)),
    *(
        ("first", value, "Int cannot represent non 32-bit signed integer")
        for value in (2**31, -(2**31) - 1, 2**63, 10**30)
    ),
    ("first", 1.5, "Int cannot represent non-integer"),
    ("first", "1", "Int cannot represent non-integer"),
    ("first", True, "Int cannot represent non-integer"),
    *(
        (argument, value, f"{argument} is not a cursor of this list in this order")
        for argument in ("after", "before")
        for value in (
            "",
            "x",
            "00",
            "7b7d",
            "5b5d",
            "ff" * 20,
            cursor()[:-1],
            cursor()[:-2],
            cursor(),
            cursor("Apple"),
            cursor("Apple", KEY, KEY),
            cursor("Apple", "no key"),
            cursor("Apple", KEY.upper().replace("0", "A")),
            cursor(None, KEY),
            cursor(1, KEY),
            cursor(10**400, KEY),
            cursor(["Apple"], KEY),
            cursor({"a": 1}, KEY),
            cursor("Ap\0ple", KEY),
            cursor("\ud800", KEY),
            cursor("Apple", 1),
            json.dumps(["Procurement:reference,id", "P", KEY]).encode().hex(),
            json.dumps(["Contribution:title,id", "Apple", KEY]).encode().hex(),
            json.dumps({"Procurement:title,id": 1}).encode().hex(),
            ("[" * 5000).encode().hex(),
            ("9" * 5000).encode().hex(),
        )
    ),
    ("after", "a\0b", "after contains a NUL character"),
    ("where", {"title": {"eq": "a\0b"}}, "where.title.eq contains a NUL character"),
    ("where", {"title": {"in": ["good", "a\0b"]}}, "where.title.in contains a NUL character"),
    ("where", {"title": {"contains": "\0"}}, "where.title.contains contains a NUL character"),
    ("where", {"title": None}, "where.title must not be null"),
    ("where", {"title": {"eq": None}}, "where.title.eq must not be null"),
    ("where", {"leadParticipant": None}, "where.leadParticipant must not be null"),
    ("where", {"leadParticipant": {"code": {"eq": None}}}, "where.leadParticipant.code.eq must not be null"),
    ("where", {"needs": {"some": None}}, "where.needs.some must not be null"),
    ("where", {"and": None}, "where.and must not be null"),
    ("where", {"not": {"title": {"startsWith": None}}}, "where.not.title.startsWith must not be null"),
    ("where", {"plannedYear": {"isNull": None}}, "where.plannedYear.isNull must not be null"),
    *(
        ("where", too_deep(*steps), f"where.{'.'.join(steps)} is nested too deeply")
        for steps in (
            ("and", "and", "and", "and"),
            ("and", "or", "not", "leadParticipant"),
            ("not", "not", "not", "not"),
        )
    ),
    ("where", {"leadParticipant": {"attendances": {"some": {"meeting": {"group": {}}}}}}, "is nested too deeply"),
    ("where", {"id": {"eq": "Nothing"}}, "where.id.eq is not an id of this API"),
    ("where", {"id": {"eq": f"Contribution:{KEY}"}}, "where.id.eq is an id of type Contribution"),
    ("where", {"id": {"in": [f"Procurement:{KEY}", "x"]}}, "where.id.in is not an id of this API"),
    ("where", {"id": {"eq": "\0"}}, "where.id.eq"),
    (
        "where",
        {"leadParticipant": {"id": {"eq": f"Procurement:{KEY}"}}},
        "where.leadParticipant.id.eq is an id of type",
    ),
    ("where", {"plannedYear": {"eq": 2**31}}, "Int cannot represent non 32-bit signed integer"),
    ("where", {"estimatedValue": {"gte": "1.00"}}, "where.estimatedValue compares amounts without a currency"),
    ("where", {"estimatedValue": {"currency": None, "gte": "1"}}, "where.estimatedValue"),
    ("where", {"estimatedValue": {"currency": "EUR", "eq": "1.001"}}, "where.estimatedValue.eq: EUR has 2 decimals"),
    ("where", {"estimatedValue": {"currency": "JPY", "lte": "0.5"}}, "where.estimatedValue.lte: JPY has 0 decimals"),
    ("where", {"estimatedValue": {"currency": "EUR", "eq": "9" * 18}}, "where.estimatedValue.eq: "),
    *(
        ("where", {"estimatedValue": {"currency": "EUR", "eq": value}}, "write a decimal number")
        for value in ("", "1e3", "NaN", "Infinity", "1,5", "0x1", "\u0661", "1 ")
    ),
    (
        "where",
        {"estimatedValue": {"currency": "EUR", "eq": "1.12345678901"}},
        "the number has too many decimals; write at most 8",
    ),
    (
        "where",
        {"estimatedValue": {"currency": "EUR", "eq": "9" * 19}},
        "the number is too large; the largest amount in EUR is 10000000000000.00",
    ),
    *(
        ("where", {"estimatedValue": {"currency": value, "eq": "1"}}, "ISO 4217 currency code")
        for value in ("eur", "EURO", "XXX", "", "XAU")
    ),
    *(
        ("where", {"approvedOn": {"eq": value}}, "Expected value of type 'Date'")
        for value in (
            "2024-02-30",
            "2024-4-3",
            "0000-01-01",
            "10000-01-01",
            "20240403",
            "2024-W14-3",
            "\u0662024-04-03",
        )
    ),
    *(
        ("where", {"createdAt": {"gte": value}}, "Expected value of type 'DateTime'")
        for value in (
            "2024-04-03",
            "2024-04-03T09:30:00",
            "2024-04-03T25:00:00Z",
            "2024-04-03T09:30:60Z",
            "2024-04-03T09:30:00+25:00",
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59-14:00",
            "2024-04-03 09:30:00Z",
        )
    ),
    *(
        ("where", {"cpvCode": {"eq": value}}, "Expected value of type 'CpvCode'")
        for value in ("3242000", "32420000-33", "x", "\u0663" * 8 + "-1")
    ),
    ("where", {"cpvCode": {"in": ["32420000", "32420000-4"]}}, "has a wrong check digit; the code is 32420000-3."),
    ("where", {"status": {"eq": Enum("NO_SUCH")}}, "NO_SUCH"),
    ("where", {"noSuchField": {}}, "noSuchField"),
    ("where", "text", "ProcurementWhere"),
    ("orderBy", [{"field": Enum("NO_SUCH")}], "NO_SUCH"),
    ("orderBy", [{"direction": Enum("ASC")}], "field"),
    ("orderBy", [{"field": Enum("TITLE"), "direction": None}], "direction"),
]
