"""Agreeing and taking back: to treatment, to research, to being contacted. Each is a row; nothing is ever deleted."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from surcease.web.accounts.models import User
from surcease.web.diary.models import ReminderPlan
from surcease.web.patients.access import hold
from surcease.web.patients.actions import enter, state
from surcease.web.patients.banner import put_item
from surcease.web.patients.consents import SIGNED, is_taken_back, latest, signed_on, withdrawn
from surcease.web.patients.models import Consent, Patient
from surcease.web.worklist import actions as worklist

Kind = Consent.Kind
WITHIN = timedelta(hours=24)  # somebody calls about a withdrawn treatment
OFFERED = (Kind.TREATMENT, Kind.REGISTRY, Kind.MESSAGES)


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing a person agrees to or takes back: what it is, what follows, where it stands."""

    kind: str
    title: str
    about: str
    follows: tuple[str, ...]
    row: Consent | None
    back: Consent | None
    signed_on: date | None = None

    @property
    def may_agree_here(self) -> bool:
        """Agreeing to treatment again needs a talk; the others are a tap."""
        return self.kind != Kind.TREATMENT and (self.row is None or self.back is not None)

    @property
    def may_withdraw(self) -> bool:
        """Taking back is possible whenever it is not taken back, also where only paper was signed."""
        return self.back is None


def choices(patient: Patient) -> list[Choice]:
    """The three, each with where it stands."""
    return [_choice(patient, kind, *words) for kind, words in _words().items() if kind in OFFERED]


def _choice(patient: Patient, kind: str, title: str, about: str, follows: tuple[str, ...]) -> Choice:
    row = latest(patient, kind)
    back = row if row is not None and is_taken_back(row) else None
    return Choice(kind, title, about, follows, row, back, signed_on(patient) if kind == Kind.TREATMENT else None)


@transaction.atomic
def withdraw(*, by: User, now: datetime, patient: Patient, kind: str, reason: str = "") -> Consent:
    """Take back an agreement; a second time changes nothing. ValueError for what cannot be taken back here."""
    hold(patient)
    if (before := withdrawn(patient, kind)) is not None:
        return before
    row = _keep(by, now, patient, kind, given=False, reason=reason)
    if kind == Kind.TREATMENT:
        _treatment_stops(by, now, patient, row)
    elif kind == Kind.MESSAGES:
        ReminderPlan.objects.filter(patient=patient).update(by_mail=False, by_push=False)
        _tell(by, now, patient, row, "nurse", "Contact is withdrawn: no reminders, no letters; call only for safety")
    else:
        _tell(by, now, patient, row, "lead", "Research is withdrawn: leave this person out of what is new")
    return row


@transaction.atomic
def agree(*, by: User, now: datetime, patient: Patient, kind: str) -> Consent:
    """Agree to research or contact again. Treatment is agreed to with the team: ValueError."""
    if kind == Kind.TREATMENT:
        raise ValueError(_("Talk with your team: treatment is agreed to together, not with a tap."))
    hold(patient)
    before = latest(patient, kind)
    return before if before is not None and before.given else _keep(by, now, patient, kind, given=True)


def _keep(by: User, now: datetime, patient: Patient, kind: str, *, given: bool, reason: str = "") -> Consent:
    words = _words().get(kind) if kind in OFFERED else None
    if words is None:
        raise ValueError(_("Choose what you take back."))
    title, about, follows = words
    text = "\n".join(
        (title, about, *(follows if not given else ()), *([reason.strip()[:1000]] if reason.strip() else []))
    )
    row = Consent(
        kind=kind, given=given, text=text, text_version=hashlib.sha256(text.encode()).hexdigest(),
        language=(get_language() or "en")[:16], at=now,
    )  # fmt: skip
    enter(by=by, now=now, patient=patient, rows=[row], what="agree" if given else "withdraw consent")
    return row


def _treatment_stops(by: User, now: datetime, patient: Patient, row: Consent) -> None:
    """The written consent no longer counts, somebody calls, and everyone sees it above the person's pages."""
    state(by=by, now=now, patient=patient, facts={SIGNED: None}, what="withdraw consent")
    worklist.ask(
        by=by, now=now, key=f"withdrawn:{row.pk}", kind="consent withdrawn", urgent=True, for_role="physician",
        what="Consent to treatment is withdrawn: call, settle the open visits, plan what follows", due_at=now + WITHIN,
        patient=patient, link=f"/plan/person/{patient.pk}/visits/", source=row,
        escalation=[{"after_min": 0, "role": "lead"}],
    )  # fmt: skip
    put_item(patient=patient, key="consent_withdrawn", text=f"Consent to treatment withdrawn {now:%d %b %Y}",
             level="red", now=now, link=f"/plan/person/{patient.pk}/visits/")  # fmt: skip


def _tell(by: User, now: datetime, patient: Patient, row: Consent, role: str, what: str) -> None:
    worklist.ask(
        by=by, now=now, key=f"withdrawn:{row.pk}", kind="consent withdrawn", for_role=role, what=what,
        due_at=now + timedelta(days=7), patient=patient, source=row,
    )  # fmt: skip


def _words() -> dict[str, tuple[str, str, tuple[str, ...]]]:
    """Title, what it is about, what happens when it is taken back; in the language at hand."""
    return {
        Kind.TREATMENT: (
            _("Treatment with ketamine"),
            _("That you are treated with ketamine for your pain."),
            (
                _("No new treatment starts. If one is running, say “stop” at the chair and it stops."),
                _("Somebody from your team calls you within 24 hours to talk about safe next steps."),
                _("Your other pain care goes on."),
                _("Nothing in your record is deleted. You may change your mind at any time."),
            ),
        ),
        Kind.REGISTRY: (
            _("Research"),
            _("That your data, without your name, help to learn what works."),
            (
                _("From now on your data are left out of new studies and reports."),
                _("What was counted in a finished report stays there, without your name."),
                _("Your treatment does not change. Nothing in your record is deleted."),
            ),
        ),
        Kind.MESSAGES: (
            _("Contact"),
            _("That the clinic reminds you and writes to you."),
            (
                _("No more reminders, e-mails or notices on your phone."),
                _("Your diary stays open, and what you write to us is answered here."),
                _("If it is about your safety, we still call you."),
            ),
        ),
    }
