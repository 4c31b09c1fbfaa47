"""A value of each kind has one form in JSON: it is read back as it was written, and nothing else is read."""

from __future__ import annotations

import datetime as dt
import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import Base, Priority
from models.types import ExchangeRate, Quantity, UnitPrice
from resolvers.core.attributes import Kind
from resolvers.core.codecs import canonical_json, codec_for, codec_of, to_json

# A few letters are enough, and no table of all of Unicode need be built to draw from.
TEXTS = st.text('aZ9Õ\U0001f600 "\\\n\u2028\0', max_size=8)
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: dt.timezone(dt.timedelta(minutes=minutes)))
EARLIEST, LATEST = dt.datetime(1, 1, 2), dt.datetime(9999, 12, 30)  # noqa: DTZ001 - the offset is drawn

VALUES: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.BIG_INTEGER: st.integers(-(2**63), 2**63 - 1),
    Kind.BOOLEAN: st.booleans(),
    Kind.DATE: st.dates(),
    Kind.ENUM: st.sampled_from(Priority),
    Kind.INTEGER: st.integers(-(2**31), 2**31 - 1),
    Kind.KEY: st.uuids().map(str),
    Kind.MOMENT: st.datetimes(EARLIEST, LATEST, timezones=OFFSETS),
    Kind.SHARE: st.integers(-(2**31), 2**31 - 1),
    Kind.QUANTITY: st.decimals(-(10**12), 10**12, places=3).map(Quantity.units).map(Quantity.number),
    Kind.UNIT_PRICE: st.decimals(-(10**12), 10**12, places=4).map(UnitPrice.units).map(UnitPrice.number),
    Kind.EXCHANGE_RATE: st.decimals(-(10**6), 10**6, places=8).map(ExchangeRate.units).map(ExchangeRate.number),
    Kind.TEXT: TEXTS,
    Kind.TEXTS: st.lists(TEXTS) | st.dictionaries(TEXTS, st.none() | st.integers()),
}

KEY = "018f3d5a-7c00-7abc-8def-0123456789ab"
WHOLE = "is not a whole number from -2147483648 to 2147483647"
DAY, MOMENT = "is not a date such as 2024-04-03", "is not a date and time such as 2024-04-03T09:30:00.000000Z"

#: What is no value of a kind, and what the message says.
REFUSED: list[tuple[Kind, Any, str]] = [
    (Kind.INTEGER, 2**31, f"2147483648 {WHOLE}"),
    (Kind.INTEGER, -(2**31) - 1, f"-2147483649 {WHOLE}"),
    (Kind.INTEGER, True, f"true {WHOLE}"),
    (Kind.INTEGER, 1.0, f"1.0 {WHOLE}"),
    (Kind.INTEGER, "1", f'"1" {WHOLE}'),
    (Kind.INTEGER, None, f"null {WHOLE}"),
    (Kind.BIG_INTEGER, 2**63, "is not a whole number from -9223372036854775808 to 9223372036854775807"),
    (Kind.QUANTITY, "2.50", '"2.50" is not a whole number'),
    (Kind.QUANTITY, "2", '"2" is not a whole number'),
    (Kind.QUANTITY, 2.5, "2.5 is not a whole number"),
    (Kind.QUANTITY, "0.0001", "with at most 3 decimals"),
    (Kind.QUANTITY, True, "true is not a whole number"),
    (Kind.UNIT_PRICE, "0.00001", "with at most 4 decimals"),
    (Kind.EXCHANGE_RATE, "0.000000001", "with at most 8 decimals"),
    (Kind.BOOLEAN, 1, "1 is not true or false"),
    (Kind.BOOLEAN, "true", '"true" is not true or false'),
    (Kind.ENUM, "URGENT", '"URGENT" is not one of CRITICAL, HIGH, MEDIUM, LOW'),
    (Kind.ENUM, "high", '"high" is not one of CRITICAL, HIGH, MEDIUM, LOW'),
    (Kind.ENUM, ["HIGH"], '["HIGH"] is not one of CRITICAL, HIGH, MEDIUM, LOW'),
    (Kind.ENUM, 1, "1 is not one of CRITICAL, HIGH, MEDIUM, LOW"),
    (Kind.KEY, KEY.upper(), "is not a UUID in lower case"),
    (Kind.KEY, KEY.replace("-", ""), "is not a UUID in lower case"),
    (Kind.KEY, f"{{{KEY}}}", "is not a UUID in lower case"),
    (Kind.KEY, 7, "7 is not a UUID in lower case"),
    (Kind.TEXT, 7, "7 is not a text"),
    (Kind.TEXT, ["x"], '["x"] is not a text'),
    (Kind.DATE, "2024-04-31", f'"2024-04-31" {DAY}'),
    (Kind.DATE, "20240403", f'"20240403" {DAY}'),
    (Kind.DATE, "2024-W14-3", f'"2024-W14-3" {DAY}'),
    (Kind.DATE, "٢٠٢٤-٠٤-٠٣", DAY),
    (Kind.DATE, "2024-04-03T00:00:00.000000Z", DAY),
    (Kind.DATE, 20240403, f"20240403 {DAY}"),
    (Kind.MOMENT, "2024-04-03", f'"2024-04-03" {MOMENT}'),
    (Kind.MOMENT, "2024-04-03T09:30:00.000000", MOMENT),
    (Kind.MOMENT, "2024-04-03T09:30:00Z", MOMENT),
    (Kind.MOMENT, "2024-04-03T09:30:00.000000+00:00", MOMENT),
    (Kind.MOMENT, "2024-04-03T24:00:00.000000Z", MOMENT),
    (Kind.MOMENT, "0001-01-01T00:00:00+23:00", MOMENT),
    (Kind.MOMENT, 0, f"0 {MOMENT}"),
]


def test_every_column_of_every_table_has_a_codec() -> None:
    columns = [column for table in Base.metadata.sorted_tables for column in table.columns]
    assert columns
    assert all(codec_for(column).label for column in columns)


@given(st.data())
def test_a_value_of_each_kind_is_read_back_as_it_was_written(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from([*VALUES]))
    value = data.draw(VALUES[kind])
    found = codec_of(kind, Priority).from_json(json.loads(json.dumps(to_json(value))))
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(("kind", "value", "message"), REFUSED)
def test_what_is_no_value_of_a_kind_is_refused_with_what_it_should_be(kind: Kind, value: Any, message: str) -> None:
    with pytest.raises(ValueError, match=r"is not") as caught:
        codec_of(kind, Priority).from_json(value)
    assert message in str(caught.value)


@given(
    st.sampled_from([*VALUES]),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
        lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    ),
)
def test_whatever_is_read_would_be_written_the_same(kind: Kind, value: Any) -> None:
    codec = codec_of(kind, Priority)
    with suppress(ValueError):
        assert json.dumps(to_json(codec.from_json(value))) == json.dumps(value)


def test_an_amount_a_relation_and_a_list_have_no_codec() -> None:
    for kind in (Kind.MONEY, Kind.MONEY_LIST, Kind.REFERENCE, Kind.COLLECTION):
        with pytest.raises(LookupError):
            codec_of(kind)


def test_values_have_one_canonical_form() -> None:
    values = {"b": Priority.HIGH, "a": dt.date(2024, 4, 3), "Ω": None}
    assert canonical_json(values) == '{"a":"2024-04-03","b":"HIGH","Ω":null}'.encode()
    assert canonical_json(dict(reversed(values.items()))) == canonical_json(values)
