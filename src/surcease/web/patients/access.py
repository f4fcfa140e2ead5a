"""The one door to a person's data. Nothing outside ``patients`` reads a Patient in another way.

A staff member opens the chart of someone their site (or they themselves) cares for; a patient opens only their
own; anyone else with a clinical role may break the glass, with a reason, for at most four hours. Every opening
writes one audit row in its own transaction: when the trail cannot be written, the chart does not open.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest
from django.utils import timezone

from surcease.web.accounts import matrix
from surcease.web.accounts.models import Role, User
from surcease.web.audit import trail
from surcease.web.patients.models import BrokenGlass, CareRelation, Patient

GLASS_HOURS = 4


class NotInCare(PermissionDenied):
    """This person exists, but is not in the care of whoever asks; the glass may be broken."""

    def __init__(self, patient_id: UUID) -> None:
        super().__init__("This person is not in your site's care.")
        self.patient_id = patient_id


def open_patient(
    user: User, patient_id: UUID | str, *, why: str, request: HttpRequest | None = None, lock: bool = False
) -> Patient:
    """The person, after asking whether ``user`` may, and leaving a row that says so.

    ``why`` is the page or act, as the trail shows it ("plan", "diary week"). ``lock`` takes the person's row for
    the rest of the caller's transaction: for sums that two people must not each pass alone. Raises Http404 when
    there is no such person or when their existence is not this user's to know, NotInCare when glass could be broken.
    """
    with transaction.atomic():
        patient = _person(patient_id, lock=lock)
        relation = relation_of(user, patient, timezone.now())
        if relation is None:
            if user.role not in matrix.ACTS["chart.break_glass"].who:
                raise Http404
            raise NotInCare(patient.pk)
        glass = relation == "broken glass"
        trail.write("open", by=user, patient=patient, why=why, broke_glass=glass, details={"relation": relation})
    return patient


def hold(patient: Patient) -> None:
    """Take an opened person's row for the rest of the caller's transaction.

    For checks that two people must not each pass alone (a 24-hour limit, one open session): the second waits here.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("Holding a person's row needs a transaction: call it inside an action.")
    Patient.objects.select_for_update().only("pk").get(pk=patient.pk)


def own_patient(user: User, *, why: str, request: HttpRequest | None = None) -> Patient:
    """The person a patient's user is. Http404 for everyone else."""
    pk = Patient.objects.filter(user=user).values_list("pk", flat=True).first()
    if pk is None:
        raise Http404
    return open_patient(user, pk, why=why, request=request)


def relation_of(user: User, patient: Patient, now: datetime) -> str | None:
    """Why ``user`` may open this person: own, care, front desk, broken glass; None when nothing says so."""
    if user.role == Role.PATIENT:
        return "own" if patient.user_id == user.pk else None
    if user.role == Role.LEAD:
        return None
    if CareRelation.objects.filter(_caring(user, now), patient=patient).exists():
        return "care"
    if BrokenGlass.objects.filter(user=user, patient=patient, until__gt=now).exists():
        return "broken glass"
    return None


def in_care(user: User, now: datetime) -> QuerySet[Patient]:
    """The people in ``user``'s care, for a list that a step narrows by its own rows. Names come from ``lines_of``."""
    caring = CareRelation.objects.filter(_caring(user, now)).values("patient")
    return Patient.objects.filter(pk__in=caring, merged_into__isnull=True)


def _caring(user: User, now: datetime) -> Q:
    mine = Q(user=user) | Q(site__in=user.sites.all())
    return mine & (Q(until__isnull=True) | Q(until__gt=now))


@transaction.atomic
def break_glass(user: User, patient_id: UUID | str, *, reason: str, hours: float = GLASS_HOURS) -> BrokenGlass:
    """Open this person to ``user`` for an emergency: at most four hours, never without a reason."""
    if user.role not in matrix.ACTS["chart.break_glass"].who:
        raise PermissionDenied
    if len(reason.strip()) < 10:
        raise ValueError("Say in a few words what the emergency is: at least ten letters.")
    patient, now = _person(patient_id), timezone.now()
    until = now + timedelta(hours=min(hours, GLASS_HOURS))
    glass = BrokenGlass(patient=patient, user=user, reason=reason.strip(), since=now, until=until)
    glass.save()
    trail.write("break glass", by=user, about=glass, why=glass.reason, broke_glass=True)
    return glass


def _person(patient_id: UUID | str, *, lock: bool = False) -> Patient:
    """The person behind an id, through merges. Only here are merges followed."""
    rows = Patient.objects.select_for_update() if lock else Patient.objects.all()
    try:
        patient = rows.get(pk=patient_id)
        for _step in range(8):
            if patient.merged_into_id is None:
                return patient
            patient = rows.get(pk=patient.merged_into_id)
    except (Patient.DoesNotExist, ValidationError) as error:
        raise Http404 from error
    raise Http404


@transaction.atomic
def printed_by_command(patient_id: UUID | None, identifier: str) -> Patient | None:
    """The person whose paper is printed at the clinic's own machine, by id or by another system's identifier.

    Leaves a row that says so; None when there is nobody, or when an identifier names several people.
    """
    if patient_id is not None:
        patient = _person(patient_id) if Patient.objects.filter(pk=patient_id).exists() else None
    else:
        found = Patient.objects.filter(identifiers__value=identifier, identifiers__ended_at=None).distinct()[:2]
        patient = _person(found[0].pk) if len(found) == 1 else None
    if patient is not None:
        trail.write("open", by="command line", patient=patient, why="letter")
    return patient


@dataclass(frozen=True, slots=True)
class PatientLine:
    """What a list shows of a person: enough to know who it is, nothing clinical."""

    id: UUID
    name: str
    born: date | None
    identifiers: tuple[str, ...] = ()


@transaction.atomic
def lines_of(user: User, patient_ids: set[UUID], *, why: str) -> dict[UUID, PatientLine]:
    """Names for a list page (to-dos, a board): one row on the trail for the page. Only people in ``user``'s care."""
    caring = CareRelation.objects.filter(_caring(user, timezone.now()), patient__in=patient_ids).values("patient")
    rows = Patient.objects.filter(pk__in=patient_ids).filter(Q(pk__in=caring) | Q(user=user))
    found = {row.pk: line_of(row) for row in rows.prefetch_related("identifiers")}
    if found:
        trail.write("list", by=user, why=why, details={"patients": sorted(str(pk) for pk in found)})
    return found


@transaction.atomic
def name_for_trail(user: User, patient_id: UUID) -> PatientLine:
    """Whose trail the clinic lead reads: the name, no chart; one row on the trail."""
    patient = _person(patient_id)
    trail.write("read trail", by=user, patient=patient)
    return line_of(patient)


def merged_ids(patient_id: UUID) -> list[UUID]:
    """Records that were merged into this one."""
    return list(Patient.objects.filter(merged_into=patient_id).values_list("pk", flat=True))


def line_of(patient: Patient) -> PatientLine:
    """A person as one line; prefetch ``identifiers`` for many."""
    names = tuple(i.value for i in patient.identifiers.all() if i.ended_at is None)
    return PatientLine(patient.pk, patient.name, patient.born, names)
