"""The four chairs of the morning."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from surcease.care.event import Checked, Note, Payload, PumpRead, Reading, Started, Stopped, Symptom
from surcease.web.demo.cast import Character
from surcease.web.demo.days import keep_diary
from surcease.web.demo.stage import DISCHARGE, Stage, ready
from surcease.web.patients import actions as patients
from surcease.web.patients.models import MeasurementRow, Patient
from surcease.web.treatment import actions as treatment
from surcease.web.treatment.record import order_from

MINUTE = timedelta(minutes=1)


def _today_weight(stage: Stage, person: Patient, kg: Decimal) -> None:
    at = stage.clock.on(0, 8, 10)
    rows = [MeasurementRow(name="weight", value=kg, unit="kg", at=at, text="scale 2")]
    patients.enter(by=stage.nurse, now=at, patient=person, rows=rows, what="weighed")


def chair_one(stage: Stage, who: Character) -> Patient:
    """Session 3 of 10, minute 96 of 240: 160/90 at thirty minutes, then 152/88, cuff on the left."""
    person = ready(stage, who, days=26)
    start = stage.clock.weekday_on_or_before(-1)
    second = stage.clock.weekday_on_or_before(start - 1)
    stage.plan(person, who, start=second, signed=second - 5)
    for number, day in ((1, second), (2, start)):
        stage.session(person, number=number, at=stage.clock.on(day, 9, 5))
    _today_weight(stage, person, who.kg)
    keep_diary(stage, person, first=-25, last=-1, level=lambda _d: float(who.pain), spanish=False)
    now = stage.clock.now
    session = stage.arrive(person, number=3, at=now - 118 * MINUTE, chair=stage.chairs[0])
    begin = now - 96 * MINUTE

    def chart(minute: float, payload: Payload) -> None:
        treatment.add_event(
            by=stage.nurse,
            now=begin + minute * MINUTE + timedelta(seconds=25),
            session=session,
            payload=payload,
            at=begin + minute * MINUTE,
        )

    seat = {"cuff.limb": "left_arm", "cannula.limb": "left_arm", "cannula.place": "back of the hand, 22 G",
            "cannula.tries": "1", "stop_word": "harbour", "escort": "her sister"}  # fmt: skip
    for item, value in seat.items():
        chart(-13, Checked(item, value))
    chart(-12, Checked("go", "go (nothing open)"))
    chart(-4, _reading(118, 74, 70, 98, pain=7))
    order = order_from(session)
    concentration = (order.total_mg / 100).quantize(Decimal("0.001"))
    chart(0, Started(Decimal(25), concentration, Decimal(0), lot="K2417", volume_left_ml=Decimal(100)))
    for minute, s, d, hr, o in (
        (5, 124, 78, 73, 98),
        (10, 131, 80, 76, 98),
        (15, 139, 84, 79, 97),
        (30, 160, 90, 86, 97),
        (35, 152, 88, 84, 97),
        (50, 147, 86, 81, 97),
        (65, 144, 84, 80, 98),
        (80, 143, 85, 79, 97),
        (92, 141, 83, 78, 98),
    ):
        chart(minute, _reading(s, d, hr, o, pain=4, distress=3 if minute == 30 else 1, cadss6=9 if minute == 30 else 4))
    chart(26, Symptom("world_unreal", Decimal(2)))
    chart(41, Symptom("dizzy", Decimal(1)))
    chart(60, PumpRead(Decimal(25), Decimal(25), volume_left_ml=Decimal(75)))
    chart(33, Note("cuff on the left arm, right arm not touched", topic="site"))
    return person


def chair_two(stage: Stage, who: Character) -> Patient:
    """80 mg in 500 mL over five hours, capnography, an opioid and a benzodiazepine at home."""
    person = ready(stage, who, days=31, osa_untreated=True)
    day = stage.clock.weekday_on_or_before(-1)
    stage.plan(person, who, start=day, signed=day - 6)
    stage.session(person, number=1, at=stage.clock.on(day, 8, 40))
    _today_weight(stage, person, who.kg)
    keep_diary(stage, person, first=-30, last=-1, level=lambda _d: float(who.pain))
    now = stage.clock.now
    session = stage.arrive(person, number=2, at=now - 80 * MINUTE, chair=stage.chairs[1])
    begin = now - 57 * MINUTE
    for minute, payload in (
        (-5, _reading(126, 76, 66, 96, etco2=37, pain=7)),
        (0, Started(Decimal(100), Decimal("0.16"), Decimal(0), lot="K2402")),
        (5, _reading(128, 77, 67, 96, etco2=38)),
        (10, _reading(130, 78, 68, 95, etco2=39)),
        (15, _reading(133, 80, 70, 95, etco2=40)),
        (30, _reading(136, 81, 72, 95, etco2=42, sedation=4)),
        (45, _reading(134, 80, 71, 95, etco2=43, sedation=4)),
    ):
        treatment.add_event(
            by=stage.nurse,
            now=begin + (minute + 0.4) * MINUTE,
            session=session,
            payload=payload,
            at=begin + minute * MINUTE,
        )
    return person


def chair_three(stage: Stage, who: Character) -> Patient:
    """27.5 mg on ideal weight, PADSS 9, twelve minutes of observation left, the escort twenty minutes away."""
    person = ready(stage, who, days=22, bmi_kg_per_m2=None)
    stage.plan(person, who, start=stage.clock.weekday_on_or_before(0), signed=-6)
    _today_weight(stage, person, who.kg)
    keep_diary(stage, person, first=-21, last=-1, level=lambda _d: float(who.pain))
    now = stage.clock.now
    session = stage.arrive(person, number=1, at=now - 110 * MINUTE, chair=stage.chairs[2])
    end = now - 48 * MINUTE
    order = order_from(session)
    begin = end - float(order.minutes) * MINUTE
    stage.infuse(session, order, begin, minutes=float(order.minutes), peak=138)
    stage.chart(session, end, Stopped("planned"))
    for minute in (15, 30, 42):
        stage.chart(session, end + minute * MINUTE, _reading(124, 78, 72, 98, pain=5, cadss6=1))
    seen = DISCHARGE | {"padss.intake": "1", "escort_present": "no"}
    for item, value in seen.items():
        stage.chart(session, end + 44 * MINUTE, Checked(item, value))
    stage.chart(session, end + 45 * MINUTE, Note("escort on the way, twenty minutes", topic="escort"))
    return person


def chair_four(stage: Stage, who: Character) -> Patient:
    """148/94 before the start; to be repeated in six minutes."""
    person = ready(stage, who, days=19, hypertension=True)
    stage.plan(person, who, start=stage.clock.weekday_on_or_before(0), signed=-5)
    _today_weight(stage, person, who.kg)
    keep_diary(stage, person, first=-18, last=-1, level=lambda _d: float(who.pain))
    now = stage.clock.now
    session = stage.arrive(person, number=1, at=now - 14 * MINUTE, chair=stage.chairs[3])
    stage.chart(session, now - 4 * MINUTE, _reading(148, 94, 82, 97, pain=7))
    stage.chart(
        session,
        now - 3.5 * MINUTE,
        Note("pressure 148/94; repeat after ten minutes of rest, due in six", topic="pressure"),
    )
    return person


def _reading(
    s: int,
    d: int,
    hr: int,
    spo2: int,
    *,
    etco2: int | None = None,
    pain: int | None = None,
    sedation: int = 5,
    distress: int | None = None,
    cadss6: int | None = None,
) -> Reading:
    def maybe(value: int | None) -> Decimal | None:
        return None if value is None else Decimal(value)

    return Reading(
        systolic=Decimal(s),
        diastolic=Decimal(d),
        heart_rate=Decimal(hr),
        spo2=Decimal(spo2),
        resp_rate=Decimal(14),
        etco2=maybe(etco2),
        pain=maybe(pain),
        sedation_moaas=Decimal(sedation),
        distress=maybe(distress),
        cadss6=maybe(cadss6),
    )
