"""Conversion: sums of several currencies in one, with the rate, its day and its source; only on request."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from models import ContributionStatus
from models.money import MAX_MINOR
from resolvers.record.exchange_rates import RatesError, load_rates
from tests.support.execute import read
from tests.support.factories import a_contribution, a_participant, money
from tests.support.rows import keep

if TYPE_CHECKING:
    from resolvers.database.database import Database

pytestmark = pytest.mark.anyio

#: The rates of three days, from https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip.
RATES = Path(__file__).parent.parent / "record" / "eurofxref-hist.csv"
ECB = "European Central Bank, euro foreign exchange reference rates"
MONEY = "amount currency rate rateDate source of { amount currency rate rateDate source }"


async def sums(database: Database, **wanted: Any) -> Any:
    """Return the sum of all contributions in a currency, by the rates of a day."""
    query = f"""query ($in: CurrencyCode!, $on: Date) {{ contributions {{ aggregate {{
        converted(in: $in, ratesOn: $on) {{ amount {{ {MONEY} }} }}
        groupBy(by: [STATUS]) {{ keys {{ value }} converted(in: $in, ratesOn: $on) {{ amount {{ amount }} }} }}
    }} }} }}"""
    found = (await read(database, query, **wanted))["contributions"]["aggregate"]
    groups = {each["keys"][0]["value"]: each["converted"]["amount"]["amount"] for each in found["groupBy"]}
    return found["converted"]["amount"], groups


async def given(database: Database, *amounts: str, status: ContributionStatus = ContributionStatus.COMMITTED) -> None:
    donor = a_participant()
    await keep(database, *(a_contribution(donor, status=status, **money(amount=each)) for each in amounts))


async def test_each_currency_is_added_first_and_converted_once_with_the_last_rate_until_the_day(
    database: Database,
) -> None:
    loaded = await load_rates(database, RATES)
    assert (loaded.rates, str(loaded.first), str(loaded.last)) == (90, "2024-01-02", "2024-03-01")
    # A second load changes nothing. The register does not know the currencies that ended before it.
    assert await load_rates(database, RATES) == loaded
    assert loaded.skipped == ("ROL", "TRL")
    await given(database, "0.03 DKK", "0.03 DKK", "10.00 EUR", "1000 JPY")
    await given(database, "74.54 DKK", status=ContributionStatus.PLEDGED)
    converted, groups = await sums(database, **{"in": "EUR", "on": "2024-02-29"})
    rate = {"rateDate": "2024-02-29", "source": ECB}
    # 74.60 / 7.454 is 10.008, and 1000 / 162.53 is 6.153: three parts of 10.01, 10.00 and 6.15.
    assert converted == {
        "amount": "26.16",
        "currency": "EUR",
        "rate": "1",
        "rateDate": None,
        "source": None,
        "of": [
            {"amount": "74.60", "currency": "DKK", "rate": "7.454", **rate},
            {"amount": "10.00", "currency": "EUR", "rate": "1", "rateDate": None, "source": None},
            {"amount": "1000", "currency": "JPY", "rate": "162.53", **rate},
        ],
    }
    assert groups == {"COMMITTED": "16.16", "PLEDGED": "10.00"}
    # Both days have no rates of their own. Two rates are used between two other currencies.
    for day, last in (("2024-02-28", "2024-01-02"), ("2024-03-03", "2024-03-01"), (None, "2024-03-01")):
        into, _ = await sums(database, **{"in": "JPY", "on": day})
        assert {into["rateDate"], *(each["rateDate"] for each in into["of"])} == {last, None}, day
    assert into["amount"] == str(round(Decimal("74.60") / Decimal("7.4543") * Decimal("162.82")) + 1628 + 1000)


async def test_each_sum_is_rounded_half_to_even(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "rates.csv"
    await given(database, "0.05 USD", "0.03 CHF", "0.02 SEK")
    for rate, rounded in (("2", "0.05"), ("2.0000001", "0.04"), ("4", "0.02")):
        file.write_text(f"Date,USD,CHF,SEK\n2024-02-01,{rate},{rate},{rate}\n")
        await load_rates(database, file)
        # 2.5, 1.5 and 1 cents; a little less of each; 1.25, 0.75 and 0.5 cents.
        assert (await sums(database, **{"in": "EUR", "on": "2024-02-01"}))[0]["amount"] == rounded


async def test_a_converted_sum_is_exact_beyond_64_bits(database: Database) -> None:
    await load_rates(database, RATES)
    await given(database, f"{MAX_MINOR // 100}.00 EUR", f"{MAX_MINOR // 100}.00 EUR")
    converted, _ = await sums(database, **{"in": "IDR", "on": "2024-03-01"})
    assert converted["amount"] == f"{2 * MAX_MINOR * 1700009 // 10000}.00"
    await given(database, f"{MAX_MINOR} JPY")
    converted, _ = await sums(database, **{"in": "IDR", "on": "2024-03-01"})
    exact = Decimal(2 * MAX_MINOR) / 100 * Decimal("17000.09")
    more = Decimal(MAX_MINOR) * Decimal("17000.09") / Decimal("162.82")
    assert converted["amount"] == str(exact + round(more, 2))


async def test_an_unknown_rate_makes_the_sum_null_and_never_zero(database: Database) -> None:
    nothing, _ = await sums(database, **{"in": "EUR", "on": "2024-03-01"})
    assert (nothing["amount"], nothing["currency"], nothing["of"]) == (None, "EUR", [])
    await load_rates(database, RATES)
    await given(database, "10.00 EUR", "10.00 USD")
    converted, _ = await sums(database, **{"in": "EUR", "on": "2024-01-01"})
    assert converted["amount"] is None
    assert [(each["currency"], each["amount"], each["rate"]) for each in converted["of"]] == [
        ("EUR", "10.00", "1"),
        ("USD", "10.00", None),
    ]
    # The ECB publishes no rate of this currency.
    converted, groups = await sums(database, **{"in": "UAH", "on": "2024-03-01"})
    assert (converted["amount"], converted["rate"], groups) == (None, None, {"COMMITTED": None})


FAULTS = {
    "": "line 1 must have `Date`",
    "Day,USD\n": "line 1 must have `Date`",
    "Date,Dollar\n": "line 1 must have `Date`",
    "Date,USD,\n": "the file has no rates",
    "Date,USD\n1 March,1.1\n": "line 2 does not begin with a day",
    "Date,USD\n2024-03-01,1.1\n2024-03-01,1.2\n": "line 3 repeats 2024-03-01",
    "Date,USD,JPY\n2024-03-01,1.1\n": "line 2 has fewer columns",
    "Date,USD\n2024-03-01,0\n": "line 2, USD: 0 is not a rate",
    "Date,USD\n2024-03-01,NaN\n": "line 2, USD: NaN is not a rate",
    "Date,USD\n2024-03-01,1.123456789\n": "line 2, USD: 1.123456789 is not a rate",
}


async def test_a_file_of_another_form_is_refused_as_a_whole(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "rates.csv"
    for text, fault in FAULTS.items():
        file.write_text(text)
        with pytest.raises(RatesError, match=f"^{fault}"):
            await load_rates(database, file)
    await given(database, "1.00 USD")
    converted, _ = await sums(database, **{"in": "EUR", "on": "2024-03-01"})
    assert converted["of"][0]["rate"] is None
