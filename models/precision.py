"""Precision of dates, qualifiers of figures and confidence in sources."""

from enum import Enum, unique


@unique
class DatePrecision(Enum):
    """The precision of a date."""

    DAY = "The exact day."
    WEEK = "A day in the week that ends on this date."
    MONTH = "A day in this month; the date is the first day of the month."
    YEAR = "A day in this year; the date is the first day of the year."
    REPORTED_BY = "On or before this date, which is the date of the report."


@unique
class Qualifier(Enum):
    """How a source qualifies a figure."""

    EXACT = "Exactly this figure."
    ABOUT = "Approximately this figure."
    NEARLY = "Slightly less than this figure."
    OVER = "More than this figure."
    UP_TO = "At most this figure; left out of sums of contributions."


@unique
class Confidence(Enum):
    """How well a source supports a fact."""

    HIGH = "An authority states the fact, or several sources agree."
    MEDIUM = "One report states the fact, or a part is inferred."
    LOW = "The report is weak, translated or contradicted."
