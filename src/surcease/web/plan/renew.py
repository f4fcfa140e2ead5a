"""What a signed review does to the plan: the next version of the same order, or a draft for another one.

The review calls these; it never writes a plan itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date, datetime
from uuid import uuid4

from django.db import transaction

from surcease.care.visits import Kept
from surcease.web.accounts.models import User
from surcease.web.audit import trail
from surcease.web.patients.access import hold
from surcease.web.patients.models import Patient
from surcease.web.plan.models import PlanDraft, PlanVersion
from surcease.web.plan.queries import current, desk
from surcease.web.plan.record import choices_from
from surcease.web.signing.actions import sign
from surcease.web.worklist import actions as worklist
from surcease.web.worklist.models import Todo

NEW_PLAN = "new plan version"  # the to-do that a review leaves when dose, route or a booster is to be planned


@transaction.atomic
def renew_plan(
    *, by: User, now: datetime, method: str, patient: Patient, reason: str, beside: Mapping[str, str] | None = None
) -> PlanVersion | None:
    """The plan in force signed again as its next version, its open visits with it; None where none is in force.

    ``beside`` adds to what goes on beside ketamine (physical, psychological). ValueError when a rule now stops it.
    """
    hold(patient)
    last = current(patient)
    if last is None:
        return None
    choices = replace(choices_from(last.content), **dict(beside or {}))
    found = desk(patient, now=now, choices=choices)
    if found.check is not None and found.check.stopped_by:
        raise ValueError(f"The plan cannot go on while this stands: {', '.join(found.check.stopped_by)}.")
    findings = last.findings if found.check is None else [
        {"id": f.id, "outcome": str(f.outcome), "say": f.say, "version": f.version}
        for f in found.check.findings if f.counts
    ]  # fmt: skip
    version, pk = last.version + 1, uuid4()
    order = last.order | {
        "plan_id": str(pk), "version": version, "signed_by": by.printed_name, "signed_at": now.isoformat(),
        "multimodal": last.order["multimodal"] | dict(beside or {}),
    }  # fmt: skip
    row = PlanVersion(
        id=pk, patient=patient, version=version, content=asdict(choices), order=order, findings=findings,
        knowledge=last.knowledge, reason=reason, signed_by=by, signed_at=now,
    )  # fmt: skip
    row.save()
    sign(
        by=by, now=now, record_kind="plan", record_id=row.pk, version=version, content=order | {"findings": findings},
        meaning="author", method=method, patient=patient.pk, reason=reason,
    )  # fmt: skip
    for visit in last.visits.filter(state__in=(Kept.PLANNED, Kept.MOVED)):
        visit.plan = row
        visit.save(update_fields=["plan"])
    trail.write("sign plan", by=by, about=row, patient=patient, why=reason, details={"version": version})
    return row


@transaction.atomic
def draft_again(*, by: User, now: datetime, patient: Patient, start: date | None, note: str) -> PlanDraft | None:
    """A draft from the last signed plan, for a physician to change and sign; None where nothing was ever signed."""
    hold(patient)
    last = PlanVersion.objects.filter(patient=patient).order_by("-version").first()
    if last is None:
        return None
    choices = replace(choices_from(last.content), start="" if start is None else start.isoformat(), note=note)
    draft = PlanDraft.objects.filter(patient=patient).first() or PlanDraft(patient=patient, edit=0)
    draft.content, draft.edit, draft.changed_by, draft.changed_at = asdict(choices), draft.edit + 1, by, now
    draft.save()
    trail.write("save plan draft", by=by, about=draft, patient=patient, why=note)
    return draft


def end_asked(*, by: User, now: datetime, patient: Patient) -> None:
    """A new version was signed: nobody need be asked for it any more."""
    for todo in Todo.objects.filter(patient=patient, kind=NEW_PLAN, state__in=(Todo.State.OPEN, Todo.State.TAKEN)):
        worklist.end(by=by, now=now, todo=todo, note="signed")
