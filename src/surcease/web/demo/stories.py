"""What happens to each of them. Outcomes are not rosy: a quarter to a third better with function, several fading."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from surcease.care.event import Note
from surcease.web.demo.cast import Character
from surcease.web.demo.days import keep_diary
from surcease.web.demo.stage import Stage, answers, likert, ready
from surcease.web.demo.stories_chairs import chair_four, chair_one, chair_three, chair_two
from surcease.web.demo.stories_refused import bladder, lozenges, misuse, no_support, pressure
from surcease.web.diary import actions as diary
from surcease.web.intake.actions import keep_answers
from surcease.web.patients import actions as patients
from surcease.web.patients.models import Patient
from surcease.web.review import actions as reviews
from surcease.web.review import outlook
from surcease.web.review.queries import reviewed
from surcease.web.treatment import actions as treatment

Story = Callable[[Stage, Character], Patient]
MINUTE = timedelta(minutes=1)


def _series(stage: Stage, person: Patient, who: Character, *, ended: int, count: int, stop: int = 0) -> int:
    """A plan and its sessions, the last one ``ended`` days from today (negative); returns the first day."""
    last = stage.clock.weekday_on_or_before(ended)
    day, days = last, list[int]()
    while len(days) < count:
        if (stage.clock.today + timedelta(days=day)).weekday() < 5:
            days.insert(0, day)
        day -= 1
    stage.plan(person, who, start=days[0], signed=days[0] - 4)
    for number, when in enumerate(days[: count - stop], start=1):
        at = stage.clock.on(when, 9, stage.rng.randrange(5, 40))
        stage.session(person, number=number, at=at)
    return days[0]


def pregnant(stage: Stage, who: Character) -> Patient:
    """A positive test on day 1: nothing given."""
    person = ready(stage, who, days=16, childbearing_potential=True)
    stage.plan(person, who, start=stage.clock.weekday_on_or_before(-2), signed=-8)
    at = stage.clock.on(stage.clock.weekday_on_or_before(-2), 8, 50)
    session = stage.arrive(person, number=1, at=at)
    from surcease.knowledge.fact import Fact

    patients.state(
        by=stage.nurse,
        now=at,
        patient=person,
        facts={"hcg_positive": Fact(True, at=at, source="urine test")},
        what="day tests",
    )
    stage.chart(
        session,
        at + 12 * MINUTE,
        Note("urine test positive: nothing given, physician told, obstetric appointment", topic="test"),
    )
    treatment.close_session(
        by=stage.nurse,
        now=at + 40 * MINUTE,
        method="password",
        session=session,
        way="physician",
        given={"physician": "Ruth Okafor", "reason": "pregnancy test positive"},
    )
    return person


def item_nine(stage: Stage, who: Character) -> Patient:
    """A ninth answer taken in time."""
    person = ready(stage, who, days=40)
    _series(stage, person, who, ended=-18, count=10)
    keep_diary(stage, person, first=-38, last=-1, level=lambda d: float(who.pain) - (1.4 if d > -18 else 0))
    at = stage.clock.on(-2, 20, 14)
    items = {k: Decimal(v) for k, v in likert("phq-9", 14, stage.rng).items()} | {"9": Decimal(1)}
    keep_answers(
        by=stage.doctor,
        now=at,
        patient=person,
        instrument_id="phq-9",
        items={k: _code("phq-9", k, v) for k, v in items.items()},
    )
    from surcease.web.worklist.models import Todo

    for todo in Todo.objects.filter(patient=person, kind="red flag"):
        stage_end(
            stage,
            todo,
            at + 26 * MINUTE,
            "called at 20:40: passive thoughts, no plan; seen next morning, crisis plan made",
        )
    return person


def against_advice(stage: Stage, who: Character) -> Patient:
    """Left against advice after session 2; called within two hours."""
    person = ready(stage, who, days=24)
    days = stage.clock.weekday_on_or_before(-8)
    stage.plan(person, who, start=days, signed=days - 5)
    stage.session(person, number=1, at=stage.clock.on(days, 9, 15))
    second = days + 1 if (stage.clock.today + timedelta(days=days + 1)).weekday() < 5 else days + 3
    session = stage.session(person, number=2, at=stage.clock.on(second, 9, 25), stop_after=0.4, way="against_advice")
    from surcease.web.worklist import actions as worklist

    worklist.end_by_key(
        by=stage.nurse, now=stage.clock.on(second, 15), key=f"left:{session.pk}", note="reached, well, comes Thursday"
    )
    keep_diary(stage, person, first=-23, last=-1, level=lambda _d: float(who.pain))
    return person


def responder(stage: Stage, who: Character) -> Patient:
    """Better, and does more; function follows."""
    return _followed(stage, who, fall=0.45, half_life=60, peg=-3, pgic=2, action="continue")


def fades(stage: Stage, who: Character) -> Patient:
    """Better at first; gone by weeks five to eleven."""
    return _followed(stage, who, fall=0.42, half_life=17, peg=-2, pgic=3, action="", after=63)


def pain_only(stage: Stage, who: Character) -> Patient:
    """Pain falls by forty percent, function does not move."""
    return _followed(stage, who, fall=0.42, half_life=70, peg=0, pgic=4, action="refer")


def better_before(stage: Stage, who: Character) -> Patient:
    """Better before the first dose: the baseline says so."""
    return _followed(stage, who, fall=0.25, half_life=50, peg=-1, pgic=3, action="", before=0.35)


def none(stage: Stage, who: Character) -> Patient:
    """Nothing to speak of."""
    return _followed(stage, who, fall=0.08, half_life=20, peg=0, pgic=4, action="stop_futility")


def stops_early(stage: Stage, who: Character) -> Patient:
    """Two or three sessions, then no more."""
    person = ready(stage, who, days=52)
    first = _series(stage, person, who, ended=-28, count=10, stop=7)
    keep_diary(stage, person, first=-50, last=-9, level=lambda _d: float(who.pain) - 0.3)
    from surcease.web.plan.queries import current

    plan = current(person)
    assert plan is not None
    from surcease.web.plan.actions import end_plan

    end_plan(
        by=stage.doctor, now=stage.clock.on(first + 6, 12), plan=plan, reason="nausea and the journey; wants no more"
    )
    return person


def planned(stage: Stage, who: Character) -> Patient:
    """Signed, starts next week."""
    person = ready(stage, who, days=15)
    start = next(n for n in range(4, 9) if (stage.clock.today + timedelta(days=n)).weekday() == 0 or n == 8)
    while (stage.clock.today + timedelta(days=start)).weekday() > 4:
        start += 1
    stage.plan(person, who, start=start, signed=-1)
    keep_diary(stage, person, first=-12, last=-1, level=lambda _d: float(who.pain))
    return person


def referred(stage: Stage, who: Character) -> Patient:
    """Just referred: nothing asked yet."""
    return stage.enrol(who, days=2)


def _followed(
    stage: Stage,
    who: Character,
    *,
    fall: float,
    half_life: float,
    peg: int,
    pgic: int,
    action: str,
    after: int = 40,
    before: float = 0.0,
) -> Patient:
    """A finished course with its diary, questionnaires and, where somebody decided, its review."""
    after += stage.rng.randrange(-4, 5)
    person = ready(stage, who, days=after + 36)
    count = {"crps": 10, "sci": 7}.get(who.why, 5)
    first = _series(stage, person, who, ended=-after, count=count)

    def level(day: int) -> float:
        base = float(who.pain) * (1 - before * max(0.0, min(1.0, (day - first + 12) / 12)) if before else 1)
        if day <= first:
            return base
        onset = min(1.0, (day - first) / 8)
        decay = 0.5 ** (max(0, day + after) / half_life)
        return base * (1 - fall * onset * decay)

    keep_diary(stage, person, first=first - 14, last=-1, level=level, spanish=who.language == "es")
    at = stage.clock.on(-after + 15, 18)
    rows = [
        answers("peg", {k: str(max(0, round(float(who.pain)) - 1 + peg)) for k in _peg()}, at),
        answers("pgic", {_pgic(): str(pgic)}, at),
    ]
    patients.enter(by=stage.nurse, now=at, patient=person, rows=rows, what="follow-up questionnaires")
    if action:
        when = stage.clock.on(-after + 17, 11)
        found = reviewed(person, now=when)
        here = outlook.ground(person, found.record, str(found.facts.value("indication") or ""), now=when)
        reviews.sign_review(
            by=stage.doctor, now=when, method="password", patient=person, found=found,
            verdict=reviews.Verdict(
                action=action, refer_to="combination" if action == "refer" else "",
                reason="" if action in [p.action for p in found.proposals] else "Talked through with the person.",
                next_contact=stage.clock.on(stage.rng.randrange(3, 30)).date(), next_kind="call",
                forecast=outlook.show(person, here, by=stage.doctor, now=when),
            ),
        )  # fmt: skip
    if stage.rng.random() < 0.3:
        user = person.user
        if user is not None:
            diary.send_message(
                by=user, now=stage.clock.on(-1, 19), patient=person, text="Is swimming all right the day after?"
            )
    return person


def stage_end(stage: Stage, todo: object, at: object, note: str) -> None:
    """Somebody took it and did it."""
    from surcease.web.worklist import actions as worklist

    worklist.take(by=stage.doctor, now=at, todo=todo)  # type: ignore[arg-type]
    worklist.end(by=stage.doctor, now=at, todo=todo, note=note)  # type: ignore[arg-type]


def _peg() -> tuple[str, ...]:
    from surcease.web.demo.stage import peg_items

    return peg_items()


def _pgic() -> str:
    from surcease.knowledge.catalogue import catalogue

    return catalogue()["pgic"].questions[0].link_id


def _code(instrument: str, item: str, points: Decimal) -> str:
    """The option's code that carries these points."""
    from surcease.knowledge.catalogue import catalogue

    options = catalogue()[instrument].item(item).options
    return next(o.code for o in options if o.points == points)


STORIES: dict[str, Story] = {
    f.__name__: f
    for f in (
        chair_one,
        chair_two,
        chair_three,
        chair_four,
        pressure,
        misuse,
        no_support,
        pregnant,
        lozenges,
        bladder,
        item_nine,
        against_advice,
        responder,
        fades,
        pain_only,
        better_before,
        none,
        stops_early,
        planned,
        referred,
    )
}
