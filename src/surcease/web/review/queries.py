"""Reads of the review: the response, the timeline, the 60-second summary, the proposals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from surcease.care.facts import derive
from surcease.care.mme import mme
from surcease.care.proposals import Proposal, Standing, proposals
from surcease.care.record import Record
from surcease.care.response import Response, SecondMethod, daily_means, respond
from surcease.charts.timeline import Timeline
from surcease.knowledge import load
from surcease.knowledge.catalogue import catalogue
from surcease.knowledge.evaluation import evaluate
from surcease.knowledge.finding import Finding
from surcease.knowledge.score import score
from surcease.units import plain
from surcease.web.intake.models import Goal
from surcease.web.patients.models import Patient
from surcease.web.patients.record import make_record
from surcease.web.patients.ribbon import StepState
from surcease.web.plan.queries import signed_plan
from surcease.web.review.models import ReviewDecision

SHOWN_SCORES = ("peg", "phq-9", "gad-7")
SERIES_GAP = timedelta(days=21)  # sessions further apart belong to different series


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence of the summary, and where its datum stands."""

    said: str
    datum: str


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Everything the review page shows."""

    record: Record
    response: Response | None
    summary: tuple[Line, ...]
    timeline: Timeline
    proposals: tuple[Proposal, ...]
    findings: tuple[Finding, ...]
    said: str = ""


def reviewed(patient: Patient, *, now: datetime) -> Reviewed:
    """The review of a person now."""
    record, knowledge = make_record(patient), load()
    series = latest_series(record)
    second = second_method(record, series)
    found = respond(record.diary, [g.started for g in series], second=second) if series else None
    facts = derive(record, now=now, knowledge=knowledge)
    findings = evaluate(knowledge.rules, facts, now=now, stage="review")
    plan = signed_plan(patient)
    standing = None
    if found is not None:
        standing = Standing(
            response=found,
            sessions_done=len(series),
            sessions_planned=max(plan.sessions if plan else 0, len(series)),
            function_change=_activities(patient),
        )
    return Reviewed(
        record=record,
        response=found,
        summary=tuple(_summary(record, series, found, now)),
        timeline=_timeline(record, found),
        proposals=proposals(standing, findings) if standing else (),
        findings=tuple(sorted((f for f in findings if f.counts and f.fired), key=lambda f: (f.outcome.rank, f.id))),
        said="" if series else "No session was given yet: the response is measured after the first series.",
    )


def latest_series(record: Record) -> list[Any]:
    """The sessions of the last series, oldest first."""
    given = sorted(record.given, key=lambda g: g.started)
    series = given[-1:]
    for before in reversed(given[:-1]):
        if series[0].started - before.started > SERIES_GAP:
            break
        series.insert(0, before)
    return series


def second_method(record: Record, series: list[Any]) -> SecondMethod:
    """PGIC and PEG after the series against before."""
    if not series:
        return SecondMethod()
    first, last = series[0].started.date(), series[-1].started.date()
    before = _last(record, "peg", lambda d: d <= first)
    after = _last(record, "peg", lambda d: d > last)
    pgic = _last(record, "pgic", lambda d: d > last)
    change = None if before is None or after is None else after - before
    return SecondMethod(pgic=None if pgic is None else int(pgic), peg_change=change)


def _last(record: Record, instrument: str, when: Any) -> Decimal | None:
    values = [v for day, v in scores(record, instrument) if when(day)]
    return values[-1] if values else None


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
            found.append((answers.at.date() if isinstance(answers.at, datetime) else answers.at, value))
    return sorted(found)


def _activities(patient: Patient) -> Decimal | None:
    """Mean change of the chosen activities, last rating against first; None while rated once."""
    ratings: dict[str, list[Decimal]] = {}
    for goal in Goal.objects.standing().filter(patient=patient).exclude(activity="").order_by("created_at"):
        if goal.rating is not None:
            ratings.setdefault(goal.activity, []).append(goal.rating)
    changes = [v[-1] - v[0] for v in ratings.values() if len(v) > 1]
    return sum(changes, Decimal(0)) / len(changes) if changes else None


def _summary(record: Record, series: list[Any], found: Response | None, now: datetime) -> Any:
    total = sum((g.amount_mg for g in series if g.amount_mg is not None), Decimal(0))
    if series:
        span = f"{series[0].started:%d %b}–{series[-1].started:%d %b %Y}"
        yield Line(
            f"{len(series)} sessions, {plain(total.quantize(Decimal('0.1')))} mg {series[-1].substance}, {span}.",
            "sessions",
        )
    if found is not None:
        yield Line(found.status, "diary")
        for name, window in (("Baseline", found.baseline), ("Days 8–14", found.response)):
            mean = "not established" if window.mean is None else f"{window.mean:.1f}"
            yield Line(f"{name}: {mean} (n {window.n} of {window.of} days).", "diary")
        if found.days_30_better is not None:
            yield Line(f"{found.days_30_better} days at least 30 % better since the last session.", "diary")
        if found.declined_on:
            yield Line(f"Losing response since {found.declined_on:%d %b %Y}.", "diary")
    for name in SHOWN_SCORES:
        rows = scores(record, name)
        if rows:
            first, last = rows[0], rows[-1]
            yield Line(
                f"{name.upper()} {plain(first[1])} → {plain(last[1])} ({first[0]:%d %b} to {last[0]:%d %b}).", name
            )
    opioids = mme(record.medications, today=now.date(), knowledge=load())
    if opioids.lines:
        yield Line(f"Opioids: {opioids.status}", "medicines")


def _timeline(record: Record, found: Response | None) -> Timeline:
    means = daily_means(record.diary)
    pain = [{"day": d.isoformat(), "pain": float(v)} for d, v in means.items()]
    given = [{"day": g.started.date().isoformat(), "mg": float(g.amount_mg or 0)} for g in record.given]
    rows = [
        {"day": d.isoformat(), "instrument": name.upper(), "score": float(v)}
        for name in SHOWN_SCORES
        for d, v in scores(record, name)
    ]
    baseline = None if found is None or found.baseline.mean is None else float(found.baseline.mean)
    return Timeline(pain=pain, sessions=given, scores=rows, baseline=baseline)


def latest_review(patient: Patient) -> ReviewDecision | None:
    """The last signed review."""
    return ReviewDecision.objects.filter(patient=patient).select_related("by").order_by("-version").first()


def step_state(patient: Patient) -> StepState:
    """For the ribbon."""
    return StepState(done=ReviewDecision.objects.filter(patient=patient).exists())
