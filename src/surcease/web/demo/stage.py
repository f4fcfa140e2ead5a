"""What every story of the demo needs: the clinic, its people, the clock, chance; and the acts of a day in it.

Everything goes through the same actions as the pages: what the demo shows could have been entered by hand.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from surcease.care.event import Checked, Note, Payload, PumpRead, Reading, Started, Stopped, Symptom
from surcease.care.order import Order
from surcease.knowledge import load, yaml
from surcease.knowledge.fact import Fact
from surcease.knowledge.facts import read
from surcease.web.accounts.models import Role, User
from surcease.web.clinic.models import Site
from surcease.web.demo.cast import REASONS, Character, examples
from surcease.web.demo.clock import Clock
from surcease.web.intake import actions as intake
from surcease.web.intake.models import Goal, PainSite, TriedTreatment
from surcease.web.intake.queries import assessed
from surcease.web.patients import actions as patients
from surcease.web.patients.models import (
    AllergyRow,
    AnswersRow,
    ConditionRow,
    LimbRestriction,
    MeasurementRow,
    MedicationRow,
    Patient,
)
from surcease.web.plan import actions as plans
from surcease.web.plan.models import PlanVersion
from surcease.web.plan.queries import desk, signed_plan
from surcease.web.plan.record import Choices
from surcease.web.treatment import actions as treatment
from surcease.web.treatment.models import Chair, SessionEvent, TreatmentSession
from surcease.web.treatment.record import order_from
from surcease.web.worklist import actions as worklist

# facts that the record itself gives, or that are about one session: never stated from the base file
_NOT_STATED = ("age_years", "sex", "weight_kg", "height_cm", "indication", "nrs_average", "sessions_12_months")
_SPOKEN = ("systolic", "diastolic", "heart_rate", "spo2")


@dataclass
class Stage:
    """The clinic while it is being filled."""

    site: Site
    users: dict[str, User]
    clock: Clock
    rng: Random
    chairs: list[Chair] = field(default_factory=list)

    @property
    def doctor(self) -> User:
        """Who signs."""
        return self.users[Role.PHYSICIAN]

    @property
    def nurse(self) -> User:
        """Who charts."""
        return self.users[Role.NURSE]

    # --- intake ---------------------------------------------------------------------------------------------
    def enrol(self, who: Character, *, days: int) -> Patient:
        """Registered and told of ``days`` ago, with what came by referral."""
        at = self.clock.on(-days, 9, self.rng.randrange(60))
        mrn = f"HS-{self.rng.randrange(10_000, 99_999)}"
        person = patients.register_patient(
            by=self.users[Role.FRONT_DESK],
            now=at,
            family=who.family,
            given=who.given,
            born=who.born,
            sex=who.sex,
            zone=self.clock.zone,
            language=who.language,
            site=self.site,
            comfort=who.comfort,
            pressing_hand="left" if "right" in who.where else "right",
            usual_gait="steady",
            identifiers=[("https://harbour-street.example/mrn", mrn)],
        )
        patients.enter(by=self.nurse, now=at, patient=person, rows=list(self._referral(who, at)), what="referral")
        return person

    def _referral(self, who: Character, at: datetime) -> Any:
        words, icd, _, _ = REASONS[who.why]
        code = {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": icd, "display": words}
        yield ConditionRow(codes=[code], text=words, status="active", onset=(at - timedelta(days=900)).date())
        for medicine in who.medicines:
            yield medicine_row(medicine, at)
        drift = Decimal(self.rng.randrange(-8, 9)) / 10
        yield MeasurementRow(name="weight", value=who.kg + drift, unit="kg", at=at, text="scale 1")
        yield MeasurementRow(name="height", value=who.cm, unit="cm", at=at)
        yield AllergyRow(none_known=True)
        yield PainSite(region=who.where, since="2024", character=self.rng.choice(("burning", "shooting", "aching")))
        yield Goal(words=who.goal)
        for activity in who.activities:
            yield Goal(activity=activity, rating=Decimal(self.rng.randrange(1, 4)))
        for kind, what, weeks in (
            ("antidepressant", "duloxetine 60 mg", 12),
            ("anticonvulsant", "pregabalin 300 mg", 16),
        ):
            yield TriedTreatment(kind=kind, what=what, weeks=weeks, response="little", failed=True)
        if who.limb:
            yield LimbRestriction(limb=who.limb, no_cuff=True, no_cannula=True, why=words)

    def answer_everything(self, person: Patient, who: Character, at: datetime, **facts: Any) -> None:
        """Every intake question answered as in a healthy person, but for ``facts``; None leaves one open."""
        knowledge = load()
        raw = yaml.load(examples() / "cases" / "base.yaml")["facts"]
        keep = {k: v for k, v in raw.items() if k in _intake_names() and k not in _NOT_STATED}
        keep |= {"pdmp_queried_on": at.date().isoformat(), "consent_signed_on": at.date().isoformat()}
        keep |= {"indication": REASONS[who.why][2]} | {
            k: Decimal(str(v)) if isinstance(v, int | float) and not isinstance(v, bool) else v
            for k, v in facts.items()
            if k in knowledge.facts
        }
        if who.why != "crps":
            keep.pop("dx_crps", None)
        stated = read(
            {k: v for k, v in keep.items() if v is not None}, knowledge.facts, now=at, source="asked at intake"
        )
        said: dict[str, Fact | None] = dict(stated)
        patients.state(by=self.nurse, now=at, patient=person, facts=said, what="intake")

    def decide(self, person: Patient, at: datetime, reason: str = "") -> str:
        """The decision that the findings allow."""
        found = assessed(person, now=at, site=self.site)
        outcome = str(found.result.outcome or "")
        verdict = {"STOP": "not_eligible", "DEFER": "deferred", "REVIEW": "with_conditions"}.get(outcome, "eligible")
        words = reason or ("Reviewed with a second physician; monthly follow-up." if outcome == "REVIEW" else "")
        intake.sign_decision(
            by=self.doctor, now=at, method="password", patient=person, found=found, verdict=verdict, reason=words
        )
        return verdict

    def baseline(self, person: Patient, at: datetime, *, peg: int, phq: int, gad: int) -> None:
        """PEG, PHQ-9 and GAD-7 as answered."""
        patients.enter(
            by=self.nurse,
            now=at,
            patient=person,
            rows=[
                answers("peg", {k: str(min(10, max(0, peg + self.rng.randrange(-1, 2)))) for k in peg_items()}, at),
                answers("phq-9", likert("phq-9", phq, self.rng), at),
                answers("gad-7", likert("gad-7", gad, self.rng), at),
            ],
        )

    # --- plan -----------------------------------------------------------------------------------------------
    def plan(self, person: Patient, who: Character, *, start: int, signed: int) -> PlanVersion:
        """A plan signed ``signed`` days ago (negative offset), first session at ``start``."""
        at = self.clock.on(signed, 15, self.rng.randrange(60))
        first = self.clock.on(start).date()
        choices = Choices(
            protocol=REASONS[who.why][3],
            start=first.isoformat(),
            endpoint=f"{who.goal} by week 6",
            stop_rule="Less than 30 % better on days 8 to 14: stop",
            physical="physiotherapy, twice a week",
            psychological="pain-focused CBT",
            self_management="pacing, sleep diary",
        )
        plans.save_draft(by=self.doctor, now=at, patient=person, choices=choices, edit=0)
        found = desk(person, now=at, site=self.site)
        return plans.sign_plan(by=self.doctor, now=at, method="password", patient=person, desk=found)

    # --- treatment ------------------------------------------------------------------------------------------
    def arrive(self, person: Patient, *, number: int, at: datetime, chair: Chair | None = None) -> TreatmentSession:
        """The person has come."""
        plan = signed_plan(person)
        assert plan is not None
        return treatment.open_session(
            by=self.nurse, now=at, patient=person, plan=plan, number=number, site=self.site, chair=chair
        )

    def chart(self, session: TreatmentSession, at: datetime, payload: Payload, *, late: int = 0) -> SessionEvent:
        """One event as charted, ``late`` minutes after it happened."""
        at += timedelta(seconds=self.rng.randrange(-40, 41))
        return treatment.add_event(
            by=self.nurse, now=at + timedelta(minutes=late, seconds=20), session=session, payload=payload, at=at
        )

    def session(
        self, person: Patient, *, number: int, at: datetime, stop_after: float = 1.0, way: str = "criteria"
    ) -> TreatmentSession:
        """A whole session, charted and closed."""
        session = self.arrive(person, number=number, at=at)
        order = order_from(session)
        start = at + timedelta(minutes=self.rng.randrange(22, 40))
        self.infuse(session, order, start, minutes=float(order.minutes) * stop_after)
        end = start + timedelta(minutes=float(order.minutes) * stop_after)
        self.chart(session, end, Stopped("planned" if stop_after >= 1 else "request"))
        self._recover(session, end)
        given = (
            {}
            if way == "criteria"
            else {
                "capacity": "oriented, repeats the risks",
                "advice_given": "stay one hour",
                "call_booked": "nurse, mobile",
            }
        )
        treatment.close_session(
            by=self.nurse, now=end + timedelta(minutes=72), method="password", session=session, way=way, given=given
        )
        if end < self.clock.now - timedelta(days=2):
            called = end + timedelta(hours=26)
            worklist.end_by_key(by=self.nurse, now=called, key=f"after:{session.pk}", note="well, slept")
        return session

    def infuse(
        self, session: TreatmentSession, order: Order, start: datetime, *, minutes: float, peak: int | None = None
    ) -> None:
        """Baseline, start, sets every 15 minutes with a rise around the peak, a pump reading, symptoms."""
        base = self.rng.randrange(112, 134)
        rise = peak - base if peak is not None else self.rng.randrange(7, 15)
        self.chart(session, start - timedelta(minutes=6), self._set(base, 0))
        rate, mg_per_ml = order.steps[0].rate_mg_per_h, (order.total_mg / 100).quantize(Decimal("0.001"))
        ml_per_h = (rate / mg_per_ml).quantize(Decimal("0.1"))
        self.chart(
            session,
            start,
            Started(ml_per_h, mg_per_ml, Decimal(0), rate_mg_per_h=None, lot=f"K{self.rng.randrange(2000, 2999)}"),
        )
        for minute in (5, 10, 15, 30, 45, 60, 75, 90, 105, 120, 150, 180, 210, 235):
            if minute < minutes:
                share = min(1.0, minute / 30) if minute <= 40 else max(0.35, 1 - (minute - 40) / 260)
                self.chart(
                    session,
                    start + timedelta(minutes=minute),
                    self._set(base, rise * share),
                    late=self.rng.choice((0, 0, 0, 2)),
                )
        if minutes > 62:
            self.chart(session, start + timedelta(minutes=60), PumpRead(ml_per_h, ml_per_h.quantize(Decimal("0.1"))))
        if self.rng.random() < 0.85:
            name = self.rng.choice(("dizzy", "world_unreal", "nausea", "drowsy", "double_vision"))
            when = start + timedelta(minutes=self.rng.randrange(18, max(20, int(min(minutes, 60)))))
            self.chart(session, when, Symptom(name, Decimal(self.rng.choice((1, 1, 2)))))

    def _recover(self, session: TreatmentSession, end: datetime) -> None:
        for minute in (15, 30, 45, 60):
            self.chart(session, end + timedelta(minutes=minute), self._set(122, 3))
        for item, value in DISCHARGE.items():
            self.chart(session, end + timedelta(minutes=64), Checked(item, value))
        if self.rng.random() < 0.4:
            said = self.rng.choice(("curtain closed, blanket", "music from minute 5", "say the minutes aloud"))
            self.chart(session, end + timedelta(minutes=66), Note(said, topic="helped"))

    def _set(self, base: int, rise: float) -> Reading:
        def near(value: float, spread: int) -> Decimal:
            return Decimal(round(value) + self.rng.randrange(-spread, spread + 1))

        return Reading(
            systolic=near(base + rise, 2),
            diastolic=near(base * 0.62 + rise * 0.6, 2),
            heart_rate=near(68 + rise / 3, 3),
            spo2=min(Decimal(99), near(97, 1)),
            resp_rate=near(14, 1),
            sedation_moaas=Decimal(5 if rise < 9 else self.rng.choice((4, 5))),
            pain=Decimal(self.rng.randrange(2, 7)),
            distress=Decimal(self.rng.randrange(0, 4)),
            nausea=Decimal(self.rng.randrange(0, 2)),
            cadss6=Decimal(self.rng.randrange(0, 4)),
        )


DISCHARGE = {
    "padss.vitals": "2",
    "padss.activity": "2",
    "padss.symptoms": "2",
    "padss.bleeding": "2",
    "padss.intake": "2",
    "oriented": "yes",
    "gait_usual": "yes",
    "dissociated": "no",
    "cannula_out": "yes",
    "escort_present": "yes",
    "follow_up_call_booked": "yes",
    "drives_before_next_day": "no",
    "lying_systolic": "122",
    "standing_systolic": "118",
}


def medicine_row(text: str, at: datetime) -> MedicationRow:
    """``oxycodone 20 mg twice daily`` as a row; without an amount the dose stays unknown."""
    times = {"once daily": 1, "twice daily": 2, "three times daily": 3, "four times daily": 4, "at night": 1}
    _, _, rest = text.partition(" ")
    parts = rest.split()
    amount = next((p for p in parts if p.replace(".", "").isdigit()), None)
    unit = parts[parts.index(amount) + 1] if amount and len(parts) > parts.index(amount) + 1 else ""
    often = next((n for words, n in times.items() if words in rest), 1 if amount else None)
    return MedicationRow(
        text=text,
        status="active",
        amount=Decimal(amount) if amount else None,
        unit=unit,
        per_day=Decimal(often) if often else None,
        route="po",
        dose_text=rest,
        started=(at - timedelta(days=200)).date(),
    )


def answers(instrument: str, items: dict[str, str], at: datetime) -> AnswersRow:
    """A filled-in instrument."""
    kept = {k: {"kind": "number", "value": v} for k, v in items.items()}
    return AnswersRow(instrument=instrument, instrument_version="1", items=kept, at=at, language="en")


def peg_items() -> tuple[str, ...]:
    """The link ids of the PEG."""
    from surcease.knowledge.catalogue import catalogue

    return tuple(item.link_id for item in catalogue()["peg"].scored)


def likert(instrument: str, total: int, rng: Random) -> dict[str, str]:
    """Answers 0–3 of so many items that add up to ``total``; the ninth of the PHQ-9 stays 0."""
    from surcease.knowledge.catalogue import catalogue

    ids = [item.link_id for item in catalogue()[instrument].scored]
    points = dict.fromkeys(ids, 0)
    open_ids = [i for i in ids if not (instrument == "phq-9" and i == "9")]
    while sum(points.values()) < min(total, 3 * len(open_ids)):
        points[rng.choice([i for i in open_ids if points[i] < 3])] += 1
    return {k: str(v) for k, v in points.items()}


def _intake_names() -> frozenset[str]:
    """Facts that intake asks or the record keeps; those of the day and of a session are not stated here."""
    paths = (
        "facts/intake.yaml",
        "facts/plan.yaml",
        "facts/body.yaml",
        "facts/longterm.yaml",
        "facts/screening.yaml",
        "facts.yaml",
    )
    documents = load().documents
    return frozenset(name for path in paths for name in (documents.get(path) or {}))


def ready(stage: Stage, who: Character, *, days: int, **facts: object) -> Patient:
    """Enrolled, asked, decided ``days`` ago."""
    person = stage.enrol(who, days=days)
    at = stage.clock.on(-days + 1, 11)
    stage.answer_everything(person, who, at, **facts)
    stage.baseline(
        person, at, peg=round(float(who.pain)) - 1, phq=stage.rng.randrange(4, 12), gad=stage.rng.randrange(2, 9)
    )
    stage.decide(person, at + timedelta(hours=3))
    return person
