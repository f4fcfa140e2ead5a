"""What has to be looked at while ketamine goes on: liver, bladder, cognition, urine screen, side effects, register.

The intervals are data; this is the arithmetic of dates. What never was done is due since the first session.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from surcease.care.derive_course import last_series
from surcease.care.record import Given
from surcease.knowledge.library import Knowledge

DOCUMENT = "limits/surveillance.yaml"
OVERDUE_FACTS = {
    "lft": "lft_overdue_days",
    "bladder": "bladder_overdue_days",
    "kset": "kset_overdue_days",
    "uds": "uds_overdue_days",
    "moca": "moca_overdue_days",
}


@dataclass(frozen=True, slots=True)
class History:
    """What was given and what was looked at. ``last`` is the day each test was last done, by its name; ``home_since``
    the first day of home doses; ``infusion_since`` the start of a continuous infusion that still runs;
    ``series_sessions`` how many sessions the running series has; ``supply_on`` the day a supply is planned for."""

    given: tuple[Given, ...] = ()
    last: Mapping[str, date] = field(default_factory=dict)
    home_since: date | None = None
    infusion_since: datetime | None = None
    series_sessions: int | None = None
    supply_on: date | None = None


@dataclass(frozen=True, slots=True)
class DueTest:
    """One test with its day and the reason. ``overdue_days`` is 0 until the day has passed."""

    test: str
    title: str
    due: date
    why: str
    rule: str
    owner: str

    def overdue_days(self, today: date) -> int:
        """Days since it was due, 0 before."""
        return max((today - self.due).days, 0)


def due_tests(history: History, *, today: date, knowledge: Knowledge) -> tuple[DueTest, ...]:
    """The next day of every test that this history asks for, the most urgent first."""
    document = knowledge.documents[DOCUMENT]
    sight = _Sight(history, today, document)
    found = []
    for name, test in document["tests"].items():
        asked = list(sight.asks(name, test))
        if asked:
            due, why = min(asked)
            found.append(DueTest(name, test["title"]["en"], due, why, test["rule"], test["owner"]))
    return tuple(sorted(found, key=lambda d: (d.due, d.test)))


def overdue_facts(due: Sequence[DueTest], *, today: date) -> dict[str, Decimal]:
    """The facts of the rules LTM-*: how many days each test is overdue, 0 when it is not asked for."""
    late = {d.test: d.overdue_days(today) for d in due}
    return {fact: Decimal(late.get(test, 0)) for test, fact in OVERDUE_FACTS.items()}


class _Sight:
    """One history seen from one day."""

    def __init__(self, history: History, today: date, document: Mapping[str, Any]) -> None:
        self.history, self.today, self.document = history, today, document
        sessions = sorted((g for g in history.given if g.started.date() <= today), key=lambda g: g.started)
        self.days = [g.started.date() for g in sessions]
        self.series = [g.started.date() for g in last_series(sessions)]
        starts = [*self.days[:1]]
        starts += [history.home_since] if history.home_since else []
        starts += [history.infusion_since.date()] if history.infusion_since else []
        self.since = min(starts, default=None)

    @property
    def active(self) -> bool:
        """Whether treatment goes on: a recent session, home doses or a running infusion."""
        recent = bool(self.days) and self.days[-1] >= self._ago(self.document["active_days"])
        return recent or bool(self.history.home_since or self.history.infusion_since)

    @property
    def weekly(self) -> bool:
        """Whether doses are weekly or more often."""
        window = self._ago(self.document["weekly"]["days"])
        return bool(self.history.home_since) or (
            sum(day > window for day in self.days) >= self.document["weekly"]["sessions"]
        )

    @property
    def much(self) -> bool:
        """Whether exposure is high: more sessions in a year than the limit, or home doses."""
        year = sum(day > self._ago(Decimal(365)) for day in self.days)
        return bool(self.history.home_since) or year > self.document["many_sessions_12_months"]

    def asks(self, name: str, test: Mapping[str, Any]) -> Iterator[tuple[date, str]]:
        """Every day this test is due on, with the reason."""
        last = self.history.last.get(name)
        if test.get("each_supply"):
            if self.history.supply_on:
                yield self.history.supply_on, "a supply is planned"
            return
        if self.since is None or not self.active or (test.get("only_when_much") and not self.much):
            return
        if last is None:
            yield self.since, "baseline" if test.get("baseline") else "never done"
        yield from self._by_session(test, last)
        if last is not None:
            every = test["weekly_days"] if self.weekly and "weekly_days" in test else test["every_days"]
            yield last + timedelta(days=int(every)), f"every {every} days"

    def _by_session(self, test: Mapping[str, Any], last: date | None) -> Iterator[tuple[date, str]]:
        """Days that hang on a session or a running infusion, where the test was not done since."""
        if "continuous_days" in test and self.history.infusion_since:
            start = self.history.infusion_since.date()
            yield max(start, last or start) + timedelta(days=int(test["continuous_days"])), "infusion runs"
        wanted: list[tuple[date, str]] = []
        number = int(test.get("after_session", 0))
        if number and len(self.series) >= number:
            wanted.append((self.series[number - 1], f"session {number} of the series"))
        if test.get("at_series_end") and self.series and len(self.series) == self.history.series_sessions:
            wanted.append((self.series[-1], "end of the series"))
        if test.get("after_each_session") and self.series:
            wanted.append((self.series[-1], "after each session"))
        yield from ((day, why) for day, why in wanted if last is None or last < day)

    def _ago(self, days: Decimal) -> date:
        return self.today - timedelta(days=int(days))
