"""Those who are not treated now, and why."""

from __future__ import annotations

from decimal import Decimal

from surcease.web.demo.cast import Character
from surcease.web.demo.stage import Stage
from surcease.web.patients import actions as patients
from surcease.web.patients.models import MeasurementRow, Patient


def pressure(stage: Stage, who: Character) -> Patient:
    """Uncontrolled blood pressure on two visits, theophylline, no ECG: not eligible now."""
    person = stage.enrol(who, days=12)
    at = stage.clock.on(-11, 10)
    facts = {
        "hypertension": True,
        "diabetes": True,
        "ischaemic_heart_disease": True,
        "ecg_result": None,
        "systolic_clinic_mean": None,
        "diastolic_clinic_mean": None,
    }
    stage.answer_everything(person, who, at, **facts)
    rows = [
        MeasurementRow(name=n, value=Decimal(v), unit="mm[Hg]", at=stage.clock.on(-d, 10))
        for d, s, t in ((12, 168, 104), (5, 166, 102))
        for n, v in (("systolic", s), ("diastolic", t))
    ]
    patients.enter(by=stage.nurse, now=at, patient=person, rows=rows, what="clinic pressures")
    stage.decide(
        person,
        stage.clock.on(-4, 14),
        reason="Pressure first, with the family doctor; another inhaler; then ECG and again.",
    )
    return person


def misuse(stage: Stage, who: Character) -> Patient:
    """Active misuse: no series, referral to addiction care."""
    person = stage.enrol(who, days=9)
    facts = {
        "substance_misuse_active": True,
        "uds_result": "confirmed_positive",
        "dast10_score": 7,
        "audit_c_score": 9,
        "ort_oud_score": 5,
    }
    stage.answer_everything(person, who, stage.clock.on(-8, 10), **facts)
    stage.decide(person, stage.clock.on(-7, 15), reason="Addiction care first; pain clinic without ketamine.")
    return person


def no_support(stage: Stage, who: Character) -> Patient:
    """Knee osteoarthritis: no guideline support."""
    person = stage.enrol(who, days=7)
    stage.answer_everything(person, who, stage.clock.on(-6, 10))
    stage.decide(
        person, stage.clock.on(-5, 15), reason="No guideline supports ketamine here; physiotherapy and orthopaedics."
    )
    return person


def lozenges(stage: Stage, who: Character) -> Patient:
    """Asks for lozenges at home; liver, age, an inhibitor: deferred."""
    person = stage.enrol(who, days=8)
    facts = {
        "liver_moderate": True,
        "alt_uln": 2.2,
        "glaucoma": True,
        "moca_score": 23,
        "home_supply_requested": True,
        "inhibitor_short_course": True,
    }
    stage.answer_everything(person, who, stage.clock.on(-7, 10), **facts)
    stage.decide(
        person, stage.clock.on(-6, 12), reason="After the antibiotic; no lozenges at home without supervised doses."
    )
    return person


def bladder(stage: Stage, who: Character) -> Patient:
    """Nine months of lozenges from elsewhere: bladder injury, stopped, urology."""
    person = stage.enrol(who, days=5)
    facts = {
        "bladder_symptoms_unexplained": True,
        "bpic_ss_score": 24,
        "alt_uln": 4,
        "alp_uln": 2.5,
        "urinalysis_result": None,
    }
    stage.answer_everything(person, who, stage.clock.on(-4, 10), **facts)
    stage.decide(
        person, stage.clock.on(-3, 12), reason="Ketamine stopped; urology this week; liver tests again in three days."
    )
    return person
