"""Compiles `converted`: the sums of a list in one currency, by the reference rates of a day.

Sums are made for each currency first, and each is converted once, with the last rate on or before the day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Date, String, and_, case, func, literal_column, null, select, type_coerce
from sqlalchemy.orm import aliased

from models.funding.exchange_rates import ExchangeRate
from models.types import ExchangeRate as Rate
from resolvers.query.json_values import amount_text, short_decimal_text
from resolvers.sql.conversion import converted_sum
from resolvers.sql.json_expressions import JsonArrayAgg, JsonObject, literal_text

if TYPE_CHECKING:
    from resolvers.query.selection import SelectedField, Selection
    from resolvers.sql.parameters import ParameterBinder

#: The currency of which all rates are.
EURO = "EUR"
#: One unit for one euro, in the fractions of a stored rate.
_ONE = literal_column(str(10**Rate.decimals), BigInteger())


class Conversion:
    """The conversion that the arguments of one field `converted` request."""

    def __init__(self, field: SelectedField, selection: Selection, binder: ParameterBinder) -> None:
        self.selection = selection
        day = field.arguments.get("ratesOn")
        self.day = func.current_date() if day is None else binder.bind(day, Date(), field.path)
        self.target = binder.bind(field.arguments["in"], String(), field.path)

    def parts(self, totals: Any) -> Any:
        """Return a subquery of the sums (`minor`, `currency`), with their rates and that of the target."""
        dated = select(*totals.c, self._last_day(totals.c.currency).label("rate_day")).subquery()
        rate, target = aliased(ExchangeRate), aliased(ExchangeRate)
        same = and_(rate.currency == dated.c.currency, rate.day == dated.c.rate_day)
        of_target = and_(target.currency == self.target, target.day == self._last_day(self.target))
        columns = {
            "rate": case((dated.c.currency == EURO, _ONE), else_=_units(rate)),
            "source": rate.source,
            "target_rate": case((self.target == EURO, _ONE), else_=_units(target)),
            "target_day": target.day,
            "target_source": target.source,
        }
        joined = dated.outerjoin(rate, same).outerjoin(target, of_target)
        return (
            select(*dated.c, *(column.label(name) for name, column in columns.items()))
            .select_from(joined)
            .order_by(dated.c.currency)
            .subquery()
        )

    def json(self, parts: Any, total: SelectedField) -> Any:
        """Return a SELECT of the JSON of the converted sum of `parts`."""
        pairs = [(part.key, self._value(parts, part)) for part in self.selection.fields(total)]
        # The count makes the SELECT return one row, even if no selected field is an aggregate.
        whole = case((func.count() >= literal_column("0"), JsonObject(pairs)))
        return select(whole).select_from(parts)

    def _value(self, parts: Any, part: SelectedField) -> Any:
        of_one = {"rate": parts.c.target_rate, "rateDate": parts.c.target_day, "source": parts.c.target_source}
        if part.name == "of":
            return JsonArrayAgg(self._part(parts, part))
        if part.name == "amount":
            read = (parts.c.minor, parts.c.rate, parts.c.currency, parts.c.target_rate, self.target)
            return converted_sum(*read)
        if part.name == "currency":
            return self.target
        if part.name == "rate":
            return _rate_text(func.max(of_one[part.name]))
        if part.name in of_one:
            return func.max(of_one[part.name])
        return literal_text("ConvertedMoney")

    def _part(self, parts: Any, field: SelectedField) -> JsonObject:
        columns = {
            "amount": amount_text(parts.c.minor, parts.c.currency),
            "currency": parts.c.currency,
            "rate": _rate_text(parts.c.rate),
            "rateDate": parts.c.rate_day,
            "source": parts.c.source,
            "__typename": literal_text("ConvertedPart"),
        }
        return JsonObject([(part.key, columns[part.name]) for part in self.selection.fields(field)])

    def _last_day(self, currency: Any) -> Any:
        """Return the day of the last rate of a currency on or before the requested day."""
        rate = aliased(ExchangeRate)
        found = select(func.max(rate.day)).where(rate.currency == currency, rate.day <= self.day)
        return found.correlate_except(rate).scalar_subquery()


def _units(rate: Any) -> Any:
    return type_coerce(rate.units_per_euro, BigInteger)


def _rate_text(units: Any) -> Any:
    text = short_decimal_text(units, Rate.decimals, 0)
    return case((units.is_not(None), text), else_=null())
