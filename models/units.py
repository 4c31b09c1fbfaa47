"""Units of quantities: codes of UN/CEFACT Recommendation 20 where one fits, else a plain word.

Quantities are added only if their units are the same code. A unit is stored as its code: `sets` and `Set` are `SET`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Mapped, mapped_column, validates

from models.types import text

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

#: The largest quantity: with every unit price in its range, the amount of a line is computed in 64 bits.
MAX_QUANTITY = 10**11

#: Codes of Recommendation 20 (revision 17), each with the words that people write for it.
CODES: dict[str, tuple[str, ...]] = {
    "H87": ("piece", "pieces", "pc", "pcs", "pce"),
    "C62": ("one", "unit", "units"),
    "EA": ("each",),
    "SET": ("set", "sets"),
    "KT": ("kit", "kits"),
    "PR": ("pair", "pairs"),
    "DZN": ("dozen", "dozens"),
    "E48": ("service unit", "service units"),
    "GRM": ("gram", "grams", "g"),
    "KGM": ("kilogram", "kilograms", "kg"),
    "TNE": ("tonne", "tonnes", "t"),
    "MMT": ("millimetre", "millimetres", "mm"),
    "CMT": ("centimetre", "centimetres", "cm"),
    "MTR": ("metre", "metres", "meter", "meters", "m"),
    "KMT": ("kilometre", "kilometres", "kilometer", "kilometers", "km"),
    "MTK": ("square metre", "square metres", "m2", "m²"),
    "MTQ": ("cubic metre", "cubic metres", "m3", "m³"),
    "LTR": ("litre", "litres", "liter", "liters", "l"),
    "WTT": ("watt", "watts"),
    "KWT": ("kilowatt", "kilowatts", "kw"),
    "WHR": ("watt hour", "watt hours", "wh"),
    "KWH": ("kilowatt hour", "kilowatt hours", "kwh"),
    "AD": ("byte", "bytes"),
    "E34": ("gigabyte", "gigabytes", "gb"),
    "E35": ("terabyte", "terabytes", "tb"),
    "MIN": ("minute", "minutes"),
    "HUR": ("hour", "hours", "h"),
    "DAY": ("day", "days"),
    "WEE": ("week", "weeks"),
    "MON": ("month", "months"),
    "ANN": ("year", "years"),
    "SEC": ("second", "seconds"),
    "QAN": ("quarter", "quarters"),
    "LH": ("labour hour", "labour hours"),
    "2P": ("kilobyte", "kilobytes", "kb"),
    "4L": ("megabyte", "megabytes", "mb"),
}

#: The codes of units that are counted: a quantity is a whole number. All others of `CODES` are measured.
COUNTED = frozenset({"H87", "C62", "EA", "SET", "KT", "PR", "DZN", "E48"})

_CODE_OF = {word: code for code, words in CODES.items() for word in (code.casefold(), *words)}


def unit_code(unit: str) -> str:
    """Return the code of a unit: that of Recommendation 20 if one fits, else the unit in lower case."""
    word = " ".join(unit.casefold().split())
    return _CODE_OF.get(word, word)


def counts_whole(unit: str | None) -> bool:
    """Return whether a quantity in this unit must be a whole number; without a code, it must."""
    return unit is None or unit_code(unit) not in CODES or unit_code(unit) in COUNTED


def fits_unit(quantity: Decimal | None, unit: str | None) -> bool:
    """Return whether a quantity has decimals only if its unit is measured."""
    return quantity is None or quantity == quantity.to_integral_value() or not counts_whole(unit)


class HasUnit:
    """An entity with a quantity, and the unit of that quantity, stored as its code."""

    unit: Mapped[str | None] = mapped_column(
        text(40),
        doc="The unit of the quantity: a code of UN/CEFACT Recommendation 20 such as `SET` or `H87` (piece) if one "
        "fits, else a word in lower case. Quantities are added only if their units are the same.",
    )

    @validates("unit")
    def _normalized(self, _name: str, unit: str | None) -> str | None:
        return unit_code(unit) if unit is not None else None


def have_same_unit(one: Any, other: Any) -> ColumnElement[bool]:
    """Return the condition that two rows, as SQL, have the same unit, or both none."""
    same: ColumnElement[bool] = one.unit.op("IS NOT DISTINCT FROM", is_comparison=True)(other.unit)
    return same
