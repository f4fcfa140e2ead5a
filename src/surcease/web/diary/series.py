"""The person's own series in plain terms: what was planned, how long a day is, when somebody must fetch them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from surcease.care.series_days import TreatmentDay, no_driving, runs_for
from surcease.care.visits import Kept, Kind
from surcease.knowledge.protocol import load_protocols
from surcease.web.clinic.models import Site
from surcease.web.diary.ics import Entry
from surcease.web.diary.queries import site_of
from surcease.web.patients.models import Patient
from surcease.web.plan.models import PlanVersion, Visit
from surcease.web.plan.queries import current, visits_of
from surcease.web.plan.record import Choices, choices_from


@dataclass(frozen=True, slots=True)
class Line:
    """One treatment day as the person reads it; hours only when they have told us when they come."""

    visit: Visit
    treatment: TreatmentDay
    arrives: datetime | None

    @property
    def leaves(self) -> datetime | None:
        """From when they can be fetched."""
        return self.treatment.leaves(self.arrives) if self.arrives else None

    @property
    def drives_again(self) -> date | datetime:
        """When they may drive again, at the earliest."""
        return self.treatment.drives_again(self.arrives)

    @property
    def drives_at_hour(self) -> bool:
        """Whether the hour of it is known."""
        return self.arrives is not None


@dataclass(frozen=True, slots=True)
class Series:
    """The plan in force as far as it concerns the person."""

    plan: PlanVersion
    choices: Choices
    route: str
    lines: tuple[Line, ...]
    done: int
    others: tuple[Visit, ...]
    site: Site | None

    @property
    def sessions(self) -> int:
        """How many treatments the plan has."""
        return int(self.plan.order["sessions"])

    @property
    def ahead(self) -> tuple[Line, ...]:
        """Treatment days that are still to come."""
        return tuple(line for line in self.lines if line.visit.state in (Kept.PLANNED, Kept.MOVED))

    @property
    def stretches(self) -> tuple[tuple[date, date], ...]:
        """First and last day of each stretch without driving."""
        return no_driving(line.treatment for line in self.ahead)

    @property
    def longest(self) -> TreatmentDay | None:
        """The longest day of the series: what to plan for."""
        return max((line.treatment for line in self.lines), key=lambda t: t.stays, default=None)

    @property
    def told(self) -> Visit | None:
        """The first follow-up: when the answer to "does it help?" is looked at."""
        return next((v for v in self.others if v.kind == Kind.FOLLOW_UP), None)


def series_of(patient: Patient, *, arrives: time | None = None) -> Series | None:
    """The person's series; None while no plan is signed. ``arrives`` is the hour they were told to come."""
    plan = current(patient)
    if plan is None:
        return None
    order = plan.order
    watched = timedelta(minutes=float(load_protocols()[order["protocol"]].observation.to("min").value))
    visits = [v for v in visits_of(patient).filter(plan=plan) if v.state not in (Kept.CANCELLED, Kept.MISSED)]
    zone = ZoneInfo(patient.zone) if patient.zone else timezone.get_current_timezone()
    lines = tuple(_line(v, plan, watched, arrives, zone) for v in visits if v.kind == Kind.SESSION)
    return Series(
        plan=plan, choices=choices_from(plan.content), route=str(order["route"]), lines=lines,
        done=sum(line.visit.state == Kept.KEPT for line in lines),
        others=tuple(v for v in visits if v.kind != Kind.SESSION), site=site_of(patient),
    )  # fmt: skip


def _line(visit: Visit, plan: PlanVersion, watched: timedelta, arrives: time | None, zone: ZoneInfo) -> Line:
    steps = plan.order["session_steps"]
    step = steps[min(visit.number, len(steps)) - 1]
    runs = runs_for(step["text"], Decimal(plan.order["weight_kg"]))
    came = datetime.combine(visit.day, arrives, zone) if arrives else None
    return Line(visit, TreatmentDay(visit.number, visit.day, runs, watched), came)


def said_hours(span: timedelta) -> str:
    """A span in words: "4 hours", "4 h 30 min", "40 minutes"."""
    minutes = round(span.total_seconds() / 60)
    hours, rest = divmod(minutes, 60)
    if hours >= 48:
        days = -(-hours // 24)
        return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
    if hours and rest:
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": rest}
    if hours:
        return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
    return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}


def route_words(route: str) -> str:
    """How it is given, as said to the person."""
    words = {
        "iv": _("a drip into a vein"), "im": _("a shot into a muscle"), "sc": _("a drip under the skin"),
        "in": _("a nose spray"), "po": _("taken by mouth"), "sl": _("held under the tongue"),
    }  # fmt: skip
    return words.get(route, route)


def day_words(day: date) -> str:
    """Mon 2 Mar 2026, in the language at hand."""
    return date_format(day, "D j M Y")


def entries(patient: Patient, series: Series) -> Iterator[Entry]:
    """What goes into the person's calendar: discreet, with no name of a medicine."""
    for line in series.ahead:
        yield from _treatment(line, series)
    for first, last in series.stretches:
        yield Entry(
            uid=f"driving-{first:%Y%m%d}-{patient.pk}@surcease", summary=_("No driving"), start=first,
            end=last + timedelta(days=1), busy=False,
            text=_("Until a night's sleep after the last treatment, and at least 24 hours."),
        )  # fmt: skip
    for visit in series.others:
        if visit.state in (Kept.PLANNED, Kept.MOVED):
            what = _("The clinic calls you") if visit.kind == Kind.CALL else _("Looking back with the clinic")
            yield _whole_day(visit, what)
    for visit in visits_of(patient).filter(state=Kept.CANCELLED, day__gte=timezone.localdate()):
        yield _whole_day(visit, _("Cancelled"), cancelled=True)


def _treatment(line: Line, series: Series) -> Iterator[Entry]:
    visit, about = line.visit, {"n": line.visit.number, "of": series.sessions}
    title = _("Treatment %(n)s of %(of)s") % about
    stay = _("Plan for about %(time)s. An adult takes you home and stays the night.") % {
        "time": said_hours(line.treatment.stays)
    }
    if line.arrives is None or line.leaves is None:
        yield _whole_day(visit, title, text=stay)
        return
    seq = visit.changes.count()
    yield Entry(f"{visit.pk}@surcease", title, line.arrives, line.leaves, text=stay, sequence=seq)
    fetched = _("Be taken home (treatment %(n)s)") % about
    yield Entry(f"{visit.pk}-home@surcease", fetched, line.leaves, line.leaves + timedelta(hours=1), sequence=seq,
                text=_("Not before this hour; it can be later."))  # fmt: skip


def _whole_day(visit: Visit, summary: str, *, text: str = "", cancelled: bool = False) -> Entry:
    return Entry(
        uid=f"{visit.pk}@surcease", summary=summary, start=visit.day, end=visit.day + timedelta(days=1), text=text,
        cancelled=cancelled, sequence=visit.changes.count(), busy=visit.kind == Kind.SESSION,
    )  # fmt: skip
