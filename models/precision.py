"""How exactly a published date or figure is known."""

from enum import Enum, unique


@unique
class DatePrecision(Enum):
    """How exactly the date beside it is known."""

    DAY = "The day itself is published."
    WEEK = "Some day of the week that ends on this date."
    MONTH = "Some day of this month; the date is its first."
    YEAR = "Some day of this year; the date is its first."
    REPORTED_BY = "Not later than this date, on which it was reported."


@unique
class Qualifier(Enum):
    """How a published figure is qualified in its source."""

    EXACT = "The figure itself."
    ABOUT = "About this figure."
    NEARLY = "Nearly this figure: less than it."
    OVER = "Over this figure: more than it."
    UP_TO = "At most this figure: an upper bound, left out of sums."


@unique
class Confidence(Enum):
    """How far the source bears the fact."""

    HIGH = "An authority states it, or several sources agree."
    MEDIUM = "One report states it, or part of it is inferred."
    LOW = "A weak, translated or contradicted report."
