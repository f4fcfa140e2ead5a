"""Reads of the review: everything it looks at, its sentences with their data, the timeline, the proposals."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from surcease.care.burden import Stay, burden
from surcease.care.derive_course import last_series
from surcease.care.facts import derive
from surcease.care.mme import mme
from surcease.care.proposals import Proposal, Standing, proposals
from surcease.care.record import Record
from surcease.care.response import Response, SecondMethod, daily_means, respond
from surcease.care.review import Activity, Datum, Line, Reported, Section, Standpoint, data, summary
from surcease.care.review_life import function, harm, judged, mood, opioids
from surcease.care.review_pain import beside as beside_section
from surcease.care.review_pain import given, pain
from surcease.care.surveillance import due_tests
from surcease.care.surveillance_history import history_of
from surcease.care.taper import steps, taper
from surcease.care.together import beside
from surcease.charts.timeline import Timeline
from surcease.knowledge import load
from surcease.knowledge.catalogue import catalogue
from surcease.knowledge.evaluation import evaluate
from surcease.knowledge.fact import Facts
from surcease.knowledge.finding import Finding
from surcease.knowledge.score import score
from surcease.web.intake.models import Goal
from surcease.web.patients.models import Patient
from surcease.web.patients.record import make_record
from surcease.web.patients.ribbon import StepState
from surcease.web.plan.models import PlanVersion
from surcease.web.review.models import ForecastShown, ReviewDecision
from surcease.web.treatment.models import SessionEvent, TreatmentSession

SHOWN_SCORES = ("peg", "phq-9", "gad-7")
SCORED = ("peg", "bpi", "phq-9", "gad-7", "pgic")
MME_SINCE = timedelta(days=365)
FRESH = timedelta(days=7)  # how long a shown forecast speaks for a booster
SERIOUS_ENDS = ("transfer", "death")  # ways out of a session
_PHQ_WORSE = Decimal(5)  # points: the smallest change of the PHQ-9 that matters


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Everything the review page shows."""

    record: Record
    facts: Facts
    response: Response | None
    sections: tuple[Section, ...]
    timeline: Timeline
    proposals: tuple[Proposal, ...]
    findings: tuple[Finding, ...]
    said: str = ""

    @property
    def summary(self) -> tuple[Line, ...]:
        """The 60-second summary."""
        return summary(self.sections)

    @property
    def data(self) -> tuple[Datum, ...]:
        """What every sentence stands on."""
        return data(self.sections)


def reviewed(patient: Patient, *, now: datetime) -> Reviewed:
    """The review of a person as it is known ``now``; what was written later does not count."""
    record, knowledge = until(make_record(patient), now), load()
    facts = derive(record, now=now, knowledge=knowledge)
    findings = evaluate(knowledge.rules, facts, now=now, stage="review")
    point = standpoint(patient, record, now=now)
    known = dict(catalogue(knowledge))
    sections: tuple[Section, ...] = (function(point, known), mood(point, known), judged(point, known))
    if point.series:
        sections = (given(point), pain(point), beside_section(point), *sections)
    sections = tuple(s for s in (*sections, opioids(point), harm(point)) if s.lines)
    return Reviewed(
        record=record,
        facts=facts,
        response=point.response,
        sections=sections,
        timeline=_timeline(point),
        proposals=proposals(_standing(patient, point, now), findings) if point.response else (),
        findings=tuple(sorted((f for f in findings if f.counts and f.fired), key=lambda f: (f.outcome.rank, f.id))),
        said="" if point.series else "No session was given yet: the response is measured after the first series.",
    )


def until(record: Record, now: datetime) -> Record:
    """The record without what happened after ``now``."""
    return replace(
        record,
        diary=tuple(e for e in record.diary if e.at <= now),
        given=tuple(g for g in record.given if g.started <= now),
        answers=tuple(a for a in record.answers if a.at is None or _day(a.at) <= now.date()),
    )


def standpoint(patient: Patient, record: Record, *, now: datetime) -> Standpoint:
    """What the sentences are made from."""
    knowledge, today = load(), now.date()
    series = tuple(last_series(sorted(record.given, key=lambda g: g.started)))
    scored = {name: tuple(scores(record, name)) for name in SCORED}
    found = respond(record.diary, [g.started for g in series], second=second_method(scored, series)) if series else None
    now_mme = mme(record.medications, today=today, knowledge=knowledge)
    path = steps(record.medications, since=today - MME_SINCE, until=today, knowledge=knowledge)
    point = Standpoint(
        record=record, series=series, now=now, response=found, scores=scored, opioids=now_mme, steps=path,
        activities=activities(patient, now), due=due_tests(history_of(record), today=today, knowledge=knowledge),
        taper=taper(now_mme, path, today=today, responder=found.responder if found else None,
                    holds=_holds(scored, found)),
    )  # fmt: skip
    if not series:
        return point
    first, last = point.days
    stays = _stays(patient, first, now)
    return replace(
        point, stays=stays, events=_events(patient, first, record, now), beside=beside(record, first, last),
        burden=burden(record.diary, stays, after=last, until=today, baseline=found.baseline.mean if found else None,
                      began=first),
    )  # fmt: skip


def _holds(scored: dict[str, tuple[tuple[date, Decimal], ...]], found: Response | None) -> list[str]:
    """Reasons that pause every taper."""
    phq = scored["phq-9"]
    holds = []
    if len(phq) > 1 and phq[-1][1] - phq[-2][1] >= _PHQ_WORSE:
        holds.append("The PHQ-9 rose by five points or more.")
    if found is not None and found.declined_on is not None:
        holds.append("Pain is rising again.")
    return holds


def _standing(patient: Patient, point: Standpoint, now: datetime) -> Standing:
    assert point.response is not None
    changes = [a.change for a in point.activities if a.change is not None]
    phq = point.scores["phq-9"]
    plan = PlanVersion.objects.filter(patient=patient, signed_at__lte=now).order_by("-version").first()
    planned = int(plan.order["sessions"]) if plan else len(point.series)
    last = ReviewDecision.objects.filter(patient=patient, at__lte=now).order_by("-version").first()
    reviewed_at = last.at.date() if last else None
    return Standing(
        response=point.response,
        sessions_done=len(point.series),
        sessions_planned=planned,
        function_change=sum(changes, Decimal(0)) / len(changes) if changes else None,
        serious_event=any(e.serious and (reviewed_at is None or e.day >= reviewed_at) for e in point.events),
        booster_window=_booster_window(patient, now),
        mood_flag=bool(phq) and (phq[-1][1] >= 15 or (len(phq) > 1 and phq[-1][1] - phq[0][1] >= _PHQ_WORSE)),
    )


def _booster_window(patient: Patient, now: datetime) -> tuple[date, date | None] | None:
    """The window of the forecast that was shown last, while it is fresh."""
    shown = ForecastShown.objects.filter(patient=patient, at__lte=now, at__gt=now - FRESH).order_by("-at").first()
    booster = shown.result["booster"] if shown else {"first": None}
    if booster["first"] is None:
        return None
    return date.fromisoformat(booster["first"]), date.fromisoformat(booster["last"]) if booster["last"] else None


def second_method(scored: dict[str, tuple[tuple[date, Decimal], ...]], series: tuple[Any, ...]) -> SecondMethod:
    """PGIC, PEG and BPI interference after the series against before."""
    if not series:
        return SecondMethod()
    first, last = series[0].started.date(), series[-1].started.date()

    def change(name: str) -> Decimal | None:
        before = [v for d, v in scored[name] if d <= first]
        after = [v for d, v in scored[name] if d > last]
        return after[-1] - before[-1] if before and after else None

    pgic = [v for d, v in scored["pgic"] if d > last]
    return SecondMethod(
        pgic=int(pgic[-1]) if pgic else None, peg_change=change("peg"), interference_change=change("bpi")
    )


def scores(record: Record, instrument: str) -> list[tuple[date, Decimal]]:
    """Day and score of every sitting of an instrument, oldest first; what cannot be scored is left out."""
    known = catalogue(load()).get(instrument)
    found = []
    for answers in record.answers:
        if answers.instrument != instrument or answers.at is None or known is None:
            continue
        try:
            value = score(known, answers.items).value if answers.items else answers.score
        except ValueError:
            continue
        if value is not None:
            found.append((_day(answers.at), value))
    return sorted(found)


def activities(patient: Patient, now: datetime) -> tuple[Activity, ...]:
    """The chosen activities with their ratings, oldest first."""
    ratings: dict[str, list[tuple[date, Decimal]]] = {}
    rows = Goal.objects.standing().filter(patient=patient, created_at__lte=now).exclude(activity="")
    for goal in rows.order_by("created_at"):
        if goal.rating is not None:
            ratings.setdefault(goal.activity, []).append((goal.created_at.date(), goal.rating))
    return tuple(Activity(name, tuple(rated)) for name, rated in ratings.items())


def _stays(patient: Patient, first: date, now: datetime) -> tuple[Stay, ...]:
    rows = TreatmentSession.objects.filter(patient=patient, arrived_at__date__gte=first, arrived_at__lte=now)
    return tuple((r.arrived_at, r.closed_at) for r in rows.order_by("arrived_at"))


def _events(patient: Patient, first: date, record: Record, now: datetime) -> tuple[Reported, ...]:
    """Symptoms charted in the sessions of the series, and side effects the person wrote down."""
    rows = SessionEvent.objects.filter(session__patient=patient, kind="symptom", at__date__gte=first, at__lte=now)
    charted = [
        Reported(r.at.date(), str(r.payload["name"]).replace("_", " "), Decimal(r.payload["grade"]), "session")
        for r in rows.order_by("at") if Decimal(r.payload["grade"]) > 0
    ]  # fmt: skip
    ends = SessionEvent.objects.filter(session__patient=patient, kind="end", at__date__gte=first, at__lte=now)
    charted += [
        Reported(r.at.date(), f"session ended: {r.payload['way']}", None, "session", serious=True)
        for r in ends if r.payload.get("way") in SERIOUS_ENDS
    ]  # fmt: skip
    for entry in record.diary:
        named = entry.values.get("side_effects")
        if named and entry.local_date >= first:
            words = ", ".join(named) if isinstance(named, tuple | list) else str(named)
            charted.append(Reported(entry.local_date, words, None, "diary"))
    return tuple(charted)


def _timeline(point: Standpoint) -> Timeline:
    means = daily_means(point.record.diary)
    baseline = None if point.response is None or point.response.baseline.mean is None else point.response.baseline.mean
    opened = min((*means, *(g.started.date() for g in point.record.given)), default=point.now.date())
    taken = any(s.mme for s in point.steps)  # nobody needs a line of zeros
    by_day = {max(s.day, opened): float(s.mme) for s in point.steps if taken and s.mme is not None}
    return Timeline(
        pain=[{"day": d.isoformat(), "pain": float(v)} for d, v in means.items()],
        sessions=[
            {"day": g.started.date().isoformat(), "mg": float(g.amount_mg or 0)}
            for g in sorted(point.record.given, key=lambda g: g.started)
        ],
        scores=[
            {"day": d.isoformat(), "instrument": name.upper(), "score": float(v)}
            for name in SHOWN_SCORES
            for d, v in point.scores[name]
        ],
        mme=[{"day": d.isoformat(), "mme": v} for d, v in by_day.items()],
        baseline=None if baseline is None else float(baseline),
    )


def _day(at: date | datetime) -> date:
    return at.date() if isinstance(at, datetime) else at


def latest_review(patient: Patient) -> ReviewDecision | None:
    """The last signed review."""
    return ReviewDecision.objects.filter(patient=patient).select_related("by").order_by("-version").first()


def step_state(patient: Patient) -> StepState:
    """For the ribbon."""
    return StepState(done=ReviewDecision.objects.filter(patient=patient).exists())
