"""The demo's clock: it is always mid-morning where the clinic stands, and the past is counted from now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MID_MORNING = 10  # the hour it should be


@dataclass(frozen=True, slots=True)
class Clock:
    """Now, and the zone in which it is about ten."""

    now: datetime
    zone: str

    @classmethod
    def at(cls, now: datetime) -> Clock:
        """A fixed-offset zone in which ``now`` is between ten and eleven."""
        offset = (MID_MORNING - now.astimezone(UTC).hour + 12) % 24 - 12
        return cls(now, f"Etc/GMT{-offset:+d}" if offset else "Etc/GMT")

    @property
    def today(self) -> date:
        """The clinic's day."""
        return self.now.astimezone(ZoneInfo(self.zone)).date()

    def on(self, days: int, hour: int = 9, minute: int = 0) -> datetime:
        """A moment ``days`` from today on the clinic's clock."""
        day = self.today + timedelta(days=days)
        return datetime.combine(day, time(hour, minute), ZoneInfo(self.zone))

    def weekday_on_or_before(self, days: int) -> int:
        """The offset of the last weekday on or before that day."""
        while (self.today + timedelta(days=days)).weekday() > 4:
            days -= 1
        return days
