"""Data of the person's own papers: the page for the fridge, and their whole record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from surcease.care.record import Record
from surcease.care.response import daily_means
from surcease.knowledge.catalogue import catalogue
from surcease.units import plain
from surcease.web.clinic.installation import installation
from surcease.web.diary.models import Message
from surcease.web.diary.series import Line, Series, day_words, said_hours
from surcease.web.limits.queries import crisis_numbers
from surcease.web.patients.models import Consent, Patient
from surcease.web.patients.record import make_record


def fridge_data(patient: Patient, series: Series, *, now: datetime) -> dict[str, Any]:
    """What hangs on the fridge: each day, from when somebody comes, when driving is allowed again, whom to call."""
    site = series.site
    return head(patient, _("My treatment days"), now) | {
        "lead": _("An adult takes you home and stays with you the night. No alcohol until the next day."),
        "columns": [_("Day"), _("Treatment"), _("Taken home"), _("Driving again")],
        "rows": [_row(line, series) for line in series.ahead],
        "call": _("Call the clinic"),
        "phone": site.phone if site else "",
        "crisis": crisis_numbers(site),
        "danger": _("In danger: call the emergency number."),
    }


def _row(line: Line, series: Series) -> list[str]:
    leaves = line.leaves
    home = _("from %(hour)s") % {"hour": f"{leaves:%H:%M}"} if leaves else said_hours(line.treatment.stays)
    if leaves is None:
        home = _("after about %(time)s") % {"time": home}
    of = _("%(n)s of %(of)s") % {"n": line.visit.number, "of": series.sessions}
    return [day_words(line.visit.day), of, home, driving_words(line)]


def driving_words(line: Line) -> str:
    """When driving is allowed again, at the earliest."""
    again = line.drives_again
    if isinstance(again, datetime):
        return _("%(day)s, %(hour)s") % {"day": date_format(again, "D j M"), "hour": f"{again:%H:%M}"}
    return _("%(day)s, 24 h after you left") % {"day": date_format(again, "D j M")}


def record_data(patient: Patient, *, now: datetime) -> dict[str, Any]:
    """Everything that is kept, in the order a person would read it."""
    record = make_record(patient)
    listed = (
        (_("Conditions"), _listed(c.text or _coded(c.codes) for c in record.conditions)),
        (_("Medicines"), _listed(f"{m.text} ({m.status})" for m in record.medications)),
        (_("Allergies"), _listed(_("none known") if a.none_known else a.text for a in record.allergies)),
    )
    tables = (
        (_("Treatments given"), _given(record)),
        (_("My diary, mean of each day"), _days(record)),
        (_("Notes in my diary"), ((_day(e.local_date), e.note) for e in record.diary if e.note)),
        (_("Questionnaires"), _answers(record)),
        (_("Measured values"), _measured(record)),
        (_("What I agreed to"), _consents(patient)),
        (_("Messages"), _letters(patient)),
    )
    nothing = _("Nothing is kept.")
    parts: list[dict[str, Any]] = [{"heading": title, "text": text or nothing} for title, text in listed]
    for title, rows in tables:
        facts = list(rows)
        parts.append({"heading": title, "facts": facts} if facts else {"heading": title, "text": nothing})
    return head(patient, _("My record"), now) | {"parts": parts}


def head(patient: Patient, title: str, now: datetime) -> dict[str, Any]:
    """What stands on every paper of a person."""
    row = installation()
    identifiers = ", ".join(i.value for i in patient.identifiers.all() if i.ended_at is None)
    born = patient.born.isoformat() if patient.born else "?"
    return {
        "title": title,
        "organisation": row.organisation if row else "Surcease",
        "made": f"{_('made')} {now:%Y-%m-%d %H:%M} UTC",
        "language": get_language() or "en",
        "person": {"name": patient.name, "born": born, "identifiers": identifiers},
    }


def _listed(texts: Iterable[str]) -> str:
    return "; ".join(filter(None, texts))


def _coded(codes: Any) -> str:
    return next((c.display or c.code for c in codes), "")


def _day(day: date | datetime | None) -> str:
    return date_format(day, "j M Y") if isinstance(day, date) else _("day not known")


def _given(record: Record) -> Iterator[tuple[str, str]]:
    for g in sorted(record.given, key=lambda g: g.started):
        amount = _("amount not known") if g.amount_mg is None else f"{plain(g.amount_mg)} mg"
        yield _day(g.started), f"{amount}, {g.route}" + ("" if g.completed else f", {_('not completed')}")


def _days(record: Record) -> Iterator[tuple[str, str]]:
    for day, mean in sorted(daily_means(record.diary).items()):
        yield _day(day), _("pain %(value)s of 10") % {"value": f"{mean:.1f}".rstrip("0").rstrip(".")}


def _answers(record: Record) -> Iterator[tuple[str, str]]:
    known = catalogue()
    for a in record.answers:
        title = known[a.instrument].title if a.instrument in known else a.instrument
        given = ", ".join(f"{item}: {_said(value)}" for item, value in a.items.items() if value is not None)
        yield _day(a.at), f"{title}. {given}"


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _measured(record: Record) -> Iterator[tuple[str, str]]:
    for m in record.measurements:
        if m.value is not None:
            yield _day(m.at), f"{m.name.replace('_', ' ') or m.text}: {plain(m.value)} {m.unit}"


def _consents(patient: Patient) -> Iterator[tuple[str, str]]:
    for row in Consent.objects.standing().filter(patient=patient).order_by("at"):
        given = _("agreed") if row.given else _("withdrawn")
        yield _day(row.at), f"{row.get_kind_display()}: {given}. {row.text}"


def _letters(patient: Patient) -> Iterator[tuple[str, str]]:
    for row in Message.objects.filter(patient=patient).select_related("author").order_by("at"):
        who = _("me") if row.from_patient else (row.author.printed_name if row.author else "")
        yield _day(row.at), f"{who}: {row.text}"
