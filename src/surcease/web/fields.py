"""Two model fields that lose nothing: an exact decimal, and a day that stays a day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models

from surcease.care.partial import PartialDate

Day = date | datetime

if TYPE_CHECKING:
    _AmountBase = models.CharField[Decimal | str | int | None, Decimal | None]
    _DayBase = models.CharField[Day | str | None, Day | None]
else:
    _AmountBase = _DayBase = models.CharField


class AmountField(_AmountBase):
    """A Decimal kept as text: SQLite would make it a float, and 72.50 must not come back as 72.5."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 32)
        super().__init__(*args, **kwargs)

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Decimal | None:
        """Text of the column as Decimal."""
        return None if value in (None, "") else Decimal(value)

    def to_python(self, value: Any) -> Any:
        """Decimal of text or int; a float is refused, because it is already rounded."""
        if value is None or value == "" or isinstance(value, Decimal):
            return None if value == "" else value
        if isinstance(value, float):
            raise ValidationError("An amount is given as text or Decimal, not as a float.")
        try:
            return Decimal(str(value))
        except InvalidOperation as error:
            raise ValidationError("An amount is digits with a point, such as 1.5.") from error

    def get_prep_value(self, value: Any) -> Any:
        """The exact digits, without exponent."""
        number = self.to_python(value)
        return None if number is None else format(number, "f")


class DayField(_DayBase):
    """A date, a partial date or an instant, kept as ISO text: a date never passes through a time zone; instants are
    kept in UTC."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 35)
        super().__init__(*args, **kwargs)

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Day | None:
        """Text of the column as date or aware datetime."""
        return parse_day(value)

    def to_python(self, value: Any) -> Any:
        """Date or aware datetime of ISO text."""
        try:
            return parse_day(value) if isinstance(value, str) else value
        except ValueError as error:
            raise ValidationError("A day is written as 2026-03-02.") from error

    def get_prep_value(self, value: Any) -> Any:
        """ISO text; instants in UTC so that text order is time order."""
        day = self.to_python(value)
        if isinstance(day, datetime):
            if day.tzinfo is None:
                raise ValueError("An instant needs its offset: give an aware datetime, or a date.")
            return day.astimezone(UTC).isoformat()
        return day.isoformat() if day else None


def parse_day(text: str | None) -> Day | None:
    """``2026-03-02`` is a date, ``2026`` and ``2026-03`` are partial ones, anything with a time is an instant.

    >>> parse_day("2026-03-02"), parse_day("2026-03")
    (datetime.date(2026, 3, 2), PartialDate('2026-03'))
    """
    if not text:
        return None
    if len(text) in (4, 7):
        return PartialDate.of(text)
    return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
