"""Units of quantities: codes of UN/CEFACT Recommendation 20 where one fits, else a plain word.

Quantities are added only if their units are the same code. A unit is stored as its code: `sets` and `Set` are `SET`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Mapped, mapped_column, validates

from models.types import text

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

#: Codes of Recommendation 20 (revision 17), each with the words that people write for it.
CODES: dict[str, tuple[str, ...]] = {
    "H87": ("piece", "pieces", "pc", "pcs"),
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
}

_CODE_OF = {word: code for code, words in CODES.items() for word in (code.casefold(), *words)}


def unit_code(unit: str) -> str:
    """Return the code of a unit: that of Recommendation 20 if one fits, else the unit in lower case."""
    word = " ".join(unit.casefold().split())
    return _CODE_OF.get(word, word)


class HasUnit:
    """An entity with a quantity, and the unit of that quantity, stored as its code."""

    unit: Mapped[str | None] = mapped_column(
        text(40),
        doc="The unit of the quantity: a code of UN/CEFACT Recommendation 20 such as `SET` or `H87` (piece) if one "
        "fits, else a word. Quantities are added only if their units are the same.",
    )

    @validates("unit")
    def _normalized(self, _name: str, unit: str | None) -> str | None:
        return unit_code(unit) if unit is not None else None


def have_same_unit(one: Any, other: Any) -> ColumnElement[bool]:
    """Return the condition that two rows, as SQL, have the same unit, or both none."""
    same: ColumnElement[bool] = one.unit.op("IS NOT DISTINCT FROM", is_comparison=True)(other.unit)
    return same
