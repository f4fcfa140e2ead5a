"""The consent to a plan as a paper: what is planned, how strong the evidence is and what speaks against it, the options
side by side, what can happen. Printed it is kept, with its version, as it was read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from surcease.knowledge import load
from surcease.knowledge.evaluation import evaluate
from surcease.knowledge.fact import Facts
from surcease.knowledge.finding import Finding
from surcease.web.accounts.models import User
from surcease.web.clinic.installation import installation
from surcease.web.papers.actions import make
from surcease.web.papers.models import Document
from surcease.web.patients.models import Patient
from surcease.web.plan.picture import dialects
from surcease.web.plan.queries import Desk
from surcease.web.plan.record import Worked, work_out
from surcease.web.plan.tested import Tested, in_silico

VERSION = "1"
TOPICS = ("evidence", "indications")
MOST = 2  # plans beside the one that is chosen


def evidence_for(facts: Facts, *, now: datetime) -> tuple[Finding, ...]:
    """What the guideline says for this condition, and what the reviews say against it, each with its grade."""
    rules = [rule for rule in load().rules if rule.topic in TOPICS]
    return tuple(finding for finding in evaluate(rules, facts, now=now) if finding.applies and finding.fired)


def keep_consent(*, by: User, now: datetime, patient: Patient, desk: Desk, others: Sequence[str]) -> Document:
    """The paper, kept as a document of this person. ValueError when there is no plan to consent to."""
    if desk.worked is None:
        raise ValueError(desk.said or _("There is nothing to consent to yet: choose a protocol."))
    tested = in_silico(desk.worked, desk.record, desk.facts, now=now, others=others[:MOST])
    data = consent_data(patient, desk, tested, now=now)
    return make(
        by=by, now=now, template="papers/plain", data=data, patient=patient, kind="consent",
        title=_("Consent to %(plan)s, version %(n)s") % {"plan": desk.worked.protocol.title, "n": VERSION},
    )  # fmt: skip


def consent_data(patient: Patient, desk: Desk, tested: Tested, *, now: datetime) -> dict[str, Any]:
    """What the paper is typeset from."""
    assert desk.worked is not None
    born = f"{patient.born:%d %b %Y}" if patient.born else ""
    known = ", ".join(i.value for i in patient.identifiers.all() if i.ended_at is None)
    worked, said = desk.worked, dialects(desk.worked)
    plans = [worked, *_beside(desk, tested, now)]
    planned = [
        (_("Plan"), worked.protocol.title),
        (_("One session"), said.amount),
        (_("Rate"), said.rate),
        (_("Sessions"), f"{worked.sessions}, {worked.protocol.sessions.rhythm}"),
        (_("What should be different"), worked.choices.endpoint or _("not written down yet")),
        (_("When we stop"), worked.choices.stop_rule or _("not written down yet")),
    ]
    stated = [
        (finding.grade, f"{finding.say} ({finding.source.title})") for finding in evidence_for(desk.facts, now=now)
    ]
    options = [(plan.protocol.title, _evidence(plan)) for plan in plans]
    options.append((_("Without ketamine"), _("Going on with the other treatments. You may choose this at any time.")))
    simulated = [(words, " · ".join(cells)) for words, cells in tested.lines]
    heads = " · ".join(tested.heads)
    return {
        "title": _("Consent to treatment with ketamine"),
        "organisation": kept.organisation if (kept := installation()) else "",
        "person": {"name": patient.name, "born": born, "identifiers": known},
        "made": _("Version %(n)s, printed %(at)s UTC, knowledge %(hash)s") % {
            "n": VERSION, "at": f"{now:%d %b %Y %H:%M}", "hash": load().hash[:12],
        },
        "parts": [
            {"heading": _("What is planned"), "facts": planned},
            {"heading": _("How strong the evidence is, and what speaks against it"), "facts": stated},
            {"heading": _("The options side by side"), "facts": options},
            {"heading": _("The same on %(n)s simulated people: %(plans)s") % {"n": tested.people, "plans": heads},
             "facts": simulated},
            {"text": _("The simulation is a model. It does not know you, and it lists what it lacks: %(what)s") % {
                "what": " ".join((*tested.lacks, *tested.limits))}},
            {"heading": _("Signatures"), "facts": [(_("Patient"), "\n"), (_("Physician"), "\n"), (_("Date"), "\n")]},
        ],
    }  # fmt: skip


def _evidence(plan: Worked) -> str:
    evidence = plan.protocol.evidence
    grade = f" ({_('grade')} {evidence['grade']})" if evidence.get("grade") else ""
    return f"{plan.sessions} × {dialects(plan).amount}. {evidence['says']}{grade}"


def _beside(desk: Desk, tested: Tested, now: datetime) -> list[Worked]:
    assert desk.worked is not None
    made = [
        work_out(
            replace(desk.choices, protocol=other, own_dose="", sessions="", route=""), desk.record, desk.facts, now=now
        )
        for other in tested.heads[1:]
    ]
    return [plan for plan in made if plan is not None]
