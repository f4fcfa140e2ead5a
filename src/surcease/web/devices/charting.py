"""From unconfirmed to charted: a person accepts a column or marks it as artefact, and only then it is a reading."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction

from surcease.hl7.column import Column, Value, reading_of
from surcease.hl7.table import table
from surcease.knowledge import load
from surcease.web.accounts.models import User
from surcease.web.devices.queries import cited, samples_named, value_of
from surcease.web.treatment import actions as treatment
from surcease.web.treatment.models import SessionEvent, TreatmentSession
from surcease.web.treatment.queries import sheet_of

_SPACE = UUID("6c7f5a52-0d9b-4c52-9b61-6e2f0f7f4a10")
LONGEST = 12  # values in a column


@transaction.atomic
def chart_column(
    *, by: User, now: datetime, session: TreatmentSession, names: Sequence[str], at: datetime,
    artefact: frozenset[str] = frozenset(), lost: tuple[str, ...] = (),
) -> SessionEvent:  # fmt: skip
    """Chart the samples of one column as one reading at its moment; numbers come from the samples, never from a form.

    ``artefact`` are fields whose numbers are left out. Twice the same column is one reading. ValueError in one
    sentence when the column is not (or no longer) of this session, or is charted already in another way.
    """
    locked = TreatmentSession.objects.select_for_update().get(pk=session.pk)
    if locked.closed_at is not None:
        raise ValueError("This session is closed: nothing more is charted from the monitor.")
    if not 0 < len(names) <= LONGEST:
        raise ValueError("There is nothing in this column to chart.")
    column = _column(locked, names, at, lost)
    event_id = _event_id(locked, column)
    if known := SessionEvent.objects.filter(pk=event_id).first():
        return known
    if any(v.name in cited(sheet_of(locked, at=now).state.counted) for v in column.cells.values() if _own(v)):
        raise ValueError("A value of this column is charted already.")
    payload = reading_of(column, artefact=artefact)
    return treatment.add_event(by=by, now=now, session=locked, payload=payload, at=column.at, event_id=event_id)


def _own(one: Value) -> bool:
    """A cuff's measurement may be charted once; a continuous value may also stand beside the next cuff."""
    return one.parameter.kind == "cuff"


def _column(session: TreatmentSession, names: Sequence[str], at: datetime, lost: tuple[str, ...]) -> Column:
    known = table(load())
    values = [value_of(sample, known) for sample in samples_named(session.pk, names)]
    fields = [v.parameter.field for v in values]
    if len(set(fields)) != len(fields) or "" in fields or at not in {v.at for v in values}:
        raise ValueError("This is not one column: load the page again.")
    return Column(at, {v.parameter.field: v for v in values}, lost=lost if lost == ("etco2",) else ())


def _event_id(session: TreatmentSession, column: Column) -> UUID:
    """The same for the same column, so that two taps are one reading; another one after it was struck through."""
    names = ",".join(sorted(column.names))
    number = 0
    while SessionEvent.objects.filter(corrects=(found := uuid5(_SPACE, f"{session.pk} {names} {number}"))).exists():
        number += 1
    return found
