"""Verbal orders and their countersign: writes, each in one transaction with its audit row."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from surcease.care.event import VerbalOrder
from surcease.web.accounts.models import User
from surcease.web.signing.actions import sign
from surcease.web.signing.models import Meaning
from surcease.web.treatment.actions import add_event
from surcease.web.treatment.models import SessionEvent, TreatmentSession
from surcease.web.worklist import actions as worklist

COUNTERSIGN_H = 24


@transaction.atomic
def verbal_order(
    *, by: User, now: datetime, session: TreatmentSession, prescriber: User, said: str, read_back: bool,
    rate_mg_per_h: Decimal | None = None, amount_mg: Decimal | None = None,
) -> SessionEvent:  # fmt: skip
    """A verbal order: said, read back, the prescriber named; a to-do for their signature within 24 h."""
    if not read_back:
        raise ValueError(_("A verbal order counts only after it was read back and confirmed."))
    order = VerbalOrder(prescriber.printed_name, said.strip(), rate_mg_per_h, amount_mg)
    row = add_event(by=by, now=now, session=session, payload=order)
    worklist.ask(
        by=by, now=now, key=f"countersign:{row.pk}", kind="countersign", what=f"Countersign: {said.strip()}"[:300],
        for_user=prescriber, due_at=now + timedelta(hours=COUNTERSIGN_H), patient=session.patient, site=session.site,
        link=f"/treatment/{session.pk}/countersign/{row.pk}/", source=row,
        escalation=[{"after_min": 0, "role": "lead"}],
    )  # fmt: skip
    return row


@transaction.atomic
def countersign(*, by: User, now: datetime, method: str, session: TreatmentSession, row: SessionEvent) -> None:
    """The prescriber's own signature on a verbal order; its to-do is done. ValueError for anybody else."""
    if row.payload["prescriber"] != by.printed_name:
        raise ValueError(
            _("This was ordered in the name of %(name)s: only they can sign it.") % {"name": row.payload["prescriber"]}
        )
    sign(
        by=by, now=now, record_kind="verbal order", record_id=row.pk, version=1, meaning=Meaning.COUNTERSIGN,
        method=method, content={"payload": row.payload, "at": row.at}, patient=session.patient_id,
    )  # fmt: skip
    worklist.end_by_key(by=by, now=now, key=f"countersign:{row.pk}", note="countersigned")
