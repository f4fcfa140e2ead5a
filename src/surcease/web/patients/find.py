"""Finding a person by name, birth date or identifier."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

from django.db import transaction
from django.db.models import Q, QuerySet

from surcease.web.accounts.models import User
from surcease.web.audit import trail
from surcease.web.patients.access import PatientLine, line_of
from surcease.web.patients.models import Patient, folded

MOST = 50


@transaction.atomic
def find_patients(user: User, words: str = "", *, most: int = MOST) -> list[PatientLine]:
    """People whose name, birth date (2026-03-02) or identifier fits every word; one row on the trail for the page."""
    rows = matching(words).order_by("search_name", "pk").prefetch_related("identifiers")[:most]
    found = [line_of(row) for row in rows]
    trail.write("find", by=user, why=words[:200], details={"patients": [str(line.id) for line in found]})
    return found


def matching(words: str) -> QuerySet[Patient]:
    """The people that every word fits, merged ones left out."""
    rows = Patient.objects.filter(merged_into__isnull=True)
    if "\0" in words or any(not folded(word) for word in words.split()):
        return rows.none()  # nobody is called by what cannot be searched
    for word in words.split()[:6]:
        fits = Q(search_name__contains=folded(word)) | Q(identifiers__value=word)
        with suppress(ValueError):
            fits |= Q(born=date.fromisoformat(word))
        rows = rows.filter(fits)
    return rows.distinct()
