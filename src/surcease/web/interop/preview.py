"""What an import would do, said before it is done: who each person is here, and what would enter their record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from surcease.care.derive_answers import value_of
from surcease.care.derive_body import moment
from surcease.care.record import Measurement, Medication, Record
from surcease.fhir import Read, read_sources
from surcease.fhir.book import book
from surcease.fhir.remarks import ON_LIST
from surcease.fhir.report import Unmapped
from surcease.fhir.strict import source_of
from surcease.knowledge.catalogue import catalogue
from surcease.units import plain, say_unit
from surcease.web.accounts.models import User
from surcease.web.interop.actions import NotTakenIn, match
from surcease.web.interop.models import ImportBatch
from surcease.web.papers.actions import content_of
from surcease.web.patients.access import relation_of
from surcease.web.patients.take_in import look_alikes

_NEWEST = ("weight", "height", "systolic", "diastolic", "heart_rate", "spo2", "pain_nrs", "alt", "smoking", "mme")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing as a person reads it, with what should be noticed about it."""

    text: str
    detail: str = ""
    mark: str = ""  # "" | amber


@dataclass(frozen=True, slots=True)
class PersonPreview:
    """One person of a waiting import. ``number`` names them in the form; ``refused`` says why they stay out."""

    number: int
    name: str
    born: date | None
    sex: str
    identifiers: tuple[str, ...]
    known: UUID | None
    look_alikes: int
    refused: str
    conditions: tuple[Line, ...]
    medicines: tuple[Line, ...]
    allergies: tuple[Line, ...]
    newest: tuple[Line, ...]
    scores: tuple[Line, ...]
    read: int
    mapped: int
    unmapped: tuple[tuple[str, str, int, str], ...]  # kind, why, count, about
    notes: tuple[str, ...]


def reads_of(batch: ImportBatch) -> list[Read]:
    """Everyone in the files of a batch, read again from the bytes that were kept."""
    documents = [file.document for file in batch.files.select_related("document")]
    return read_sources([source_of(content_of(d), d.title) for d in documents])


def previews(batch: ImportBatch, user: User) -> list[PersonPreview]:
    """The preview of each person, in the order of the files."""
    now = timezone.now()
    return [_preview(number, read, user, now) for number, read in enumerate(reads_of(batch))]


def _preview(number: int, read: Read, user: User, now: datetime) -> PersonPreview:
    record, person = read.record, read.record.person
    known, refused = _known(read, user, now)
    alike = look_alikes(person).count() if known is None and not refused and person.born else 0
    return PersonPreview(
        number=number,
        name=person.name,
        born=person.born,
        sex=str(person.sex),
        identifiers=tuple(value for _system, value in person.identifiers)[:4],
        known=known,
        look_alikes=alike,
        refused=refused,
        conditions=_conditions(record),
        medicines=tuple(_medicines(record.medications)),
        allergies=tuple(Line(a.text, a.reaction) for a in record.allergies if a.status != "refuted"),
        newest=tuple(_newest(record.measurements)),
        scores=tuple(_scores(record)),
        read=sum(read.report.read.values()),
        mapped=sum(read.report.mapped.values()),
        unmapped=tuple(_unmapped(read.report.unmapped)),
        notes=read.report.notes,
    )


def _known(read: Read, user: User, now: datetime) -> tuple[UUID | None, str]:
    try:
        patient = match(read.record, read.report, named=read.named)
    except NotTakenIn as reason:
        return None, str(reason)
    if patient is None:
        return None, ""
    if relation_of(user, patient, now) is None:
        return None, _("This person is here already, in the care of another site.")
    return patient.pk, ""


def _conditions(record: Record) -> tuple[Line, ...]:
    standing = [c for c in record.conditions if c.status in ("active", "unknown")]
    lines = [
        Line(
            c.text, _("ruled out") if c.verified is False else _since(c.onset), "amber" if c.status == "unknown" else ""
        )
        for c in standing
    ]
    past = len(record.conditions) - len(standing)
    return (*lines, *([Line(_("%(n)s more, resolved or inactive") % {"n": past})] if past else []))


def _since(day: date | datetime | None) -> str:
    if day is None:
        return ""
    return _("since %(day)s") % {"day": (day.date() if isinstance(day, datetime) else day).isoformat()}


def _medicines(listed: Iterable[Medication]) -> Iterable[Line]:
    """The medicines on the list; the same order again and again is one line that says so."""
    orders: dict[object, list[Medication]] = {}
    for m in listed:
        if m.status in ON_LIST:
            orders.setdefault((m.text, m.dose, m.directions), []).append(m)
    for same in orders.values():
        newest = max(same, key=lambda m: moment(m.started))
        line = _medicine(newest)
        if len(same) == 1:
            yield line
        else:
            times = _("%(n)s orders, newest%(day)s") % {"n": len(same), "day": _on(newest.started)}
            yield replace(line, detail=f"{line.detail}; {times}")


def _medicine(m: Medication) -> Line:
    if m.dose is None:
        return Line(m.text, m.directions or _("dose unknown"), "amber")
    often = "" if m.dose.per_day is None else f" × {plain(m.dose.per_day)}/d"
    needed = f" {_('as needed')}" if m.dose.as_needed else ""
    return Line(m.text, f"{plain(m.dose.amount)} {say_unit(m.dose.unit)}{often}{needed}".strip())


def _newest(measurements: Iterable[Measurement]) -> Iterable[Line]:
    known = book().measurements
    found: dict[str, Measurement] = {}
    for m in sorted(measurements, key=lambda m: moment(m.at)):
        if m.name in _NEWEST and (m.value is not None or m.text):
            found[m.name] = m
    for name in _NEWEST:
        if name in found:
            m = found[name]
            value = m.text if m.value is None else f"{plain(_short(m.value))} {_plain_unit(m.unit)}".strip()
            yield Line(known[name].label, f"{value}{_on(m.at)}", "" if m.unit or m.text else "amber")


def _plain_unit(unit: str) -> str:
    """Without the braces of a UCUM annotation: {MME}/d is MME/d."""
    return say_unit(unit).replace("{", "").replace("}", "")


def _short(value: Decimal) -> Decimal:
    """Two decimals for the eye; the record keeps every digit."""
    return round(value, 2)


def _scores(record: Record) -> Iterable[Line]:
    instruments = catalogue()
    newest = {a.instrument: a for a in sorted(record.answers, key=lambda a: moment(a.at))}
    for name, answers in sorted(newest.items()):
        value = value_of(answers, instruments)
        said = plain(value) if value is not None else _("%(n)s answers") % {"n": len(answers.items)}
        title = instruments[name].short if name in instruments else name.replace("-", " ")
        yield Line(title or name, f"{said}{_on(answers.at)}")


def _on(day: date | datetime | None) -> str:
    return "" if day is None else f", {(day.date() if isinstance(day, datetime) else day).isoformat()}"


def _unmapped(kept: Iterable[Unmapped]) -> Iterable[tuple[str, str, int, str]]:
    total: Counter[tuple[str, str]] = Counter()
    about: dict[tuple[str, str], list[str]] = {}
    for one in kept:
        total[one.resource, one.why] += one.count
        about.setdefault((one.resource, one.why), []).extend([one.what] if one.what else [])
    for (kind, why), count in total.items():
        yield kind, why, count, ", ".join(about[kind, why])
