"""Which questionnaires a person is asked now: the schedule is data, this is the arithmetic of days.

Every questionnaire has a baseline (it was never answered) and a rhythm; the side-effect tool follows the course of
treatment at its four points. Nothing is asked whose text is not at hand.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from surcease.care.record import Answers
from surcease.knowledge.library import Knowledge

DOCUMENT = "diary/schedule.yaml"


@dataclass(frozen=True, slots=True)
class Asked:
    """One questionnaire that is asked: since when it is due, why, and which form of it ("" when it has one)."""

    instrument: str
    due: date
    why: Mapping[str, str]
    form: str = ""


@dataclass(frozen=True, slots=True)
class Course:
    """What of the treatment the schedule follows: days of given sessions, and the first planned day when none was."""

    sessions: Sequence[date] = ()
    first_planned: date | None = None

    @property
    def first(self) -> date | None:
        """The first session day, given or planned."""
        return min(self.sessions, default=self.first_planned)


def asked_now(
    answers: Iterable[Answers], course: Course, *, concerns: Collection[str], at_hand: Collection[str], today: date,
    knowledge: Knowledge,
) -> tuple[Asked, ...]:  # fmt: skip
    """The questionnaires due today, the longest waiting first.

    ``concerns`` as in :func:`surcease.care.diary_cards.concerns_of`; ``at_hand`` the ids whose text is shipped or
    loaded.
    """
    document = knowledge.documents[DOCUMENT]
    rows = list(answers)
    found = [*_rhythm(rows, course, {"everyone", *concerns}, document, today)]
    found += _kset(rows, course, document["kset"], today)
    early = timedelta(days=int(document["early_days"]))
    due = [one for one in found if one.instrument in at_hand and one.due - early <= today]
    return tuple(sorted(due, key=lambda one: (one.due, one.instrument)))


def _rhythm(
    rows: list[Answers], course: Course, concerns: set[str], document: Mapping[str, Any], today: date
) -> Iterator[Asked]:
    for name, entry in document["asked"].items():
        if not concerns & set(entry["for"]):
            continue
        last, every = last_day(rows, name), timedelta(days=int(entry["every_days"]))
        if entry.get("after_first_session"):
            started = min((d for d in course.sessions if d <= today), default=None)
            if started is None:
                continue
            last = max(last, started) if last else started
        yield Asked(name, last + every if last else today, entry["why"])


def _kset(rows: list[Answers], course: Course, entry: Mapping[str, Any], today: date) -> Iterator[Asked]:
    name, item = entry["instrument"], entry["form_item"]

    def last(form: str) -> date | None:
        return max(
            (d for a in rows if a.instrument == name and a.items.get(item) == form and (d := _day(a))), default=None
        )

    def ask(form: str, due: date) -> Asked:
        return Asked(name, due, {"en": f"side effects: {form}"}, form)

    given = [d for d in course.sessions if d <= today]
    if not given:
        if last("screening") is None:
            yield ask("screening", today)
        elif course.first and last("baseline") is None:
            yield ask("baseline", course.first - timedelta(days=int(entry["baseline_days"])))
        return
    after = last("treatment")
    if after is None or after < max(given):
        yield ask("treatment", max(given) + timedelta(days=int(entry["treatment_days"])))
        return
    latest = max(d for form in entry["points"] if (d := last(form)))
    yield ask("follow-up", latest + timedelta(days=int(entry["follow_up_days"])))


def last_day(rows: Iterable[Answers], instrument: str) -> date | None:
    """The day an instrument was last answered, None when never."""
    return max((d for a in rows if a.instrument == instrument and (d := _day(a))), default=None)


def _day(answers: Answers) -> date | None:
    return answers.at.date() if isinstance(answers.at, datetime) else answers.at
