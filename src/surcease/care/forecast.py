"""The forecast of relief under one person's own diary, for clinicians: bands, chances, and when it must not speak.

The relief model stands on IV S-ketamine in CRPS. Elsewhere the answer says *outside its data*, uses the routine-care
prior and gives no booster date. With too few days the status says so and the bands are those of the prior. The same
inputs, seed, model and version give the same answer, so a forecast shown at a decision can be shown again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

import numpy as np

from surcease import __version__
from surcease.care.diary_scores import EVENING, SCORED, Seen, Treated, Window, daily, from_given
from surcease.care.record import DiaryEntry, Given
from surcease.knowledge.effect import default_model, relief_prior
from surcease.knowledge.library import Knowledge
from surcease.pkpd.model import Model
from surcease.pkpd.person import NAMES, Belief, Person, bands, course, fit, pain, scored
from surcease.pkpd.regimen import Regimen, parse
from surcease.pkpd.relief import Prior
from surcease.pkpd.sureness import sureness

DOCUMENT = "forecast/person.yaml"
DAYS = 84
CRPS = ("crps", "crps_1", "crps_2", "crps-1", "crps-2")
OUTSIDE = "Outside its data: the model stands on IV S-ketamine in CRPS; the routine-care prior is used."
Band = Mapping[str, tuple[float, ...]]
Loss = tuple[date | None, date | None, date | None]  # q10, q50, q90; None: not within the days looked at, or no data


@dataclass(frozen=True, slots=True)
class Knowing:
    """After how many more sessions one would know: chance that the diary then puts the responder chance beyond 90 %
    or under 10 %."""

    session: int
    on: date
    chance: float


@dataclass(frozen=True, slots=True)
class Booster:
    """From when to when a booster would be thought of; None with the reason ``why`` when there is no such date."""

    first: date | None
    last: date | None
    why: str


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the model expects of one person. ``bands`` are scores 0–10 a day from the day after ``as_of``."""

    status: str
    enough: bool
    inside: bool
    as_of: date
    days: tuple[date, ...]
    bands: Band
    responder: float
    responder_before: float
    knowing: tuple[Knowing, ...]
    loss: Loss
    booster: Booster
    parameters: Mapping[str, Band]
    used: int
    missing: int
    acute: int
    basis: tuple[str, ...]
    limits: tuple[str, ...]
    prior: str
    model: str
    seed: int
    inputs: str  # SHA-256 of what it was computed from
    version: str


def forecast(
    diary: Sequence[DiaryEntry], given: Sequence[Given], *, indication: str, knowledge: Knowledge, weight_kg: float,
    as_of: date, planned: Sequence[tuple[datetime, str]] = (), seed: int = 1,
) -> Forecast:  # fmt: skip
    """The forecast from a record. ``planned`` are further doses, (start, regimen text)."""
    treated = from_given(given, weight_kg=weight_kg, otherwise=as_of)
    return of(diary, treated, indication=indication, knowledge=knowledge, as_of=as_of, planned=planned, seed=seed)


def compare(
    plans: Mapping[str, Sequence[tuple[datetime, str]]], diary: Sequence[DiaryEntry], treated: Treated, *,
    indication: str, knowledge: Knowledge, as_of: date, seed: int = 1,
) -> dict[str, Forecast]:  # fmt: skip
    """Several plans under the same person's posterior and the same future scatter: only the plan differs."""
    return {
        name: of(diary, treated, indication=indication, knowledge=knowledge, as_of=as_of, planned=doses, seed=seed)
        for name, doses in plans.items()
    }


def as_json(found: Forecast) -> dict[str, Any]:
    """A forecast as JSON: what is stored when it was shown. Numbers to four digits, days as ISO text."""
    body = asdict(found)
    return cast("dict[str, Any]", _plain(body))


def from_json(kept: Mapping[str, Any]) -> Forecast:
    """A stored forecast as it was shown; fields of a later release are left alone."""
    day = date.fromisoformat
    raw = {k: v for k, v in kept.items() if k in Forecast.__dataclass_fields__}
    booster = raw["booster"]
    first, last = (None if booster[k] is None else day(booster[k]) for k in ("first", "last"))
    low, middle, high = (None if d is None else day(d) for d in raw["loss"])
    return Forecast(**raw | {
        "as_of": day(raw["as_of"]), "days": tuple(day(d) for d in raw["days"]), "loss": (low, middle, high),
        "bands": {q: tuple(row) for q, row in raw["bands"].items()},
        "parameters": {n: {q: tuple(r) for q, r in band.items()} for n, band in raw["parameters"].items()},
        "knowing": tuple(Knowing(k["session"], day(k["on"]), k["chance"]) for k in raw["knowing"]),
        "booster": Booster(first, last, booster["why"]), "basis": tuple(raw["basis"]), "limits": tuple(raw["limits"]),
    })  # fmt: skip


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, list | tuple) else value


def of(
    diary: Sequence[DiaryEntry], treated: Treated, *, indication: str, knowledge: Knowledge, as_of: date,
    planned: Sequence[tuple[datetime, str]] = (), seed: int = 1, days: int = DAYS,
) -> Forecast:  # fmt: skip
    """The forecast from what was given, on the person's clock; pure and reproducible."""
    whole = _with_planned(treated, planned)
    inside = indication.lower() in CRPS and _is_studied(whole)
    prior = relief_prior(knowledge, "rct" if inside else "routine")
    belief, seen = belief_in(knowledge, prior), daily(diary, treated, until=as_of, window=_window(knowledge))
    model = model_for(knowledge, whole)
    person = learn(belief, model, treated, seen, seed=seed)
    enough, status = _status(seen, treated, knowledge)
    ahead = tuple(as_of + timedelta(days=n) for n in range(1, days + 1))
    there = course(belief, model, whole, np.array([treated.hours(datetime.combine(d, EVENING)) for d in ahead]))
    drawn = bands(scored(person, there, seed=seed))
    nothing: Loss = (None, None, None)
    relieved = 1 - pain(person, there) / person.values["baseline"][:, None]
    loss = _loss(person, relieved, ahead, knowledge) if inside else nothing
    return Forecast(
        status=status, enough=enough, inside=inside, as_of=as_of, days=ahead, bands=_band(drawn),
        responder=person.responder, responder_before=prior.drug_share,
        knowing=_knowing(person, belief, model, whole, treated, planned, as_of, seed), loss=loss,
        booster=_booster(person, loss, inside=inside, enough=enough, knowledge=knowledge),
        parameters={name: _band(np.quantile(person.values[name], (0.1, 0.5, 0.9))[:, None]) for name in NAMES},
        used=seen.used, missing=seen.missing, acute=seen.acute, basis=basis_of(prior, knowledge),
        limits=(*(() if inside else (OUTSIDE,)), *prior.limits, *treated.said), prior=prior.id, model=model.id,
        seed=seed, inputs=inputs_of(diary, treated, planned, indication, as_of), version=__version__,
    )  # fmt: skip


def _window(knowledge: Knowledge) -> Window:
    raw = knowledge.documents[DOCUMENT]["window"]
    return Window(int(raw["before_first_dose"]), int(raw["recent"]))


def belief_in(knowledge: Knowledge, prior: Prior) -> Belief:
    """The relief prior with what is believed of a person's scores."""
    raw = knowledge.documents[DOCUMENT]
    return Belief(
        prior, float(raw["baseline"]["value"]), float(raw["baseline"]["sd"]), float(raw["day_to_day"]["value"]),
        float(raw["day_to_day"]["log_sd"]), float(raw["exposure"]["log_sd"]),
    )  # fmt: skip


def model_for(knowledge: Knowledge, regimen: Regimen | None) -> Model:
    """The pharmacokinetic model that fits the routes given."""
    return default_model(knowledge, regimen or parse("1 mg iv bolus"), order="relief_order")


def learn(belief: Belief, model: Model, treated: Treated, seen: Seen, *, seed: int) -> Person:
    """The person's posterior."""
    return fit(belief, course(belief, model, treated.regimen, seen.scores.times_h), seen.scores, seed=seed)


def basis_of(prior: Prior, knowledge: Knowledge) -> tuple[str, ...]:
    """How each number is known, one line each."""
    raw = knowledge.documents[DOCUMENT]
    said = [f"{name}: {how}" for name, how in prior.basis.items()]
    return (*said, *(f"{n}: {raw[n]['grade']}: {raw[n]['note']}" for n in ("baseline", "day_to_day", "exposure")))


def enough_days(seen: Seen, treated: Treated, knowledge: Knowledge) -> tuple[bool, str]:
    """Whether the diary can say more than the prior, in a sentence."""
    return _status(seen, treated, knowledge)


def _status(seen: Seen, treated: Treated, knowledge: Knowledge) -> tuple[bool, str]:
    least = knowledge.documents[DOCUMENT]["least_days"]
    before, after = int(least["before"]), int(least["after"])
    if treated.regimen is None:
        return False, "Not enough data yet: nothing has been given, so the bands are mostly the prior's."
    if seen.before < before or seen.after < after:
        return False, (
            f"Not enough data yet: {seen.before} days before the first dose ({before} are needed) and {seen.after} "
            f"after a dose's acute effect ({after} are needed)."
        )
    return True, f"Fitted to {seen.used} days; {seen.missing} days are missing, {seen.acute} hold the acute effect."


def _is_studied(regimen: Regimen | None) -> bool:
    return regimen is not None and regimen.routes == ("iv",) and regimen.substances == ("esketamine",)


def _with_planned(treated: Treated, planned: Sequence[tuple[datetime, str]]) -> Regimen | None:
    from surcease.pkpd.dose import Together
    from surcease.units import Quantity

    items = [] if treated.regimen is None else [(0.0, treated.regimen)]
    items += [
        (treated.hours(at.replace(tzinfo=None)), parse(text).for_weight(treated.weight_kg)) for at, text in planned
    ]
    if not items:
        return None
    if len(items) == 1 and items[0][0] == 0.0:
        return items[0][1]
    return Regimen(
        Together(tuple(r.item for _, r in items), tuple(Quantity.of(f"{3600 * h:.0f}", "s") for h, _ in items))
    )


def _knowing(
    person: Person, belief: Belief, model: Model, whole: Regimen | None, treated: Treated,
    planned: Sequence[tuple[datetime, str]], as_of: date, seed: int,
) -> tuple[Knowing, ...]:  # fmt: skip
    """One answer a planned session, from the diary up to the evening before the next one (or a week after the last)."""
    starts = sorted(at.replace(tzinfo=None).date() for at, _ in planned)
    if not starts:
        return ()
    ends = [*starts[1:], starts[-1] + timedelta(days=8)]
    days = [as_of + timedelta(days=n) for n in range(1, max(2, (ends[-1] - as_of).days))]
    there = course(belief, model, whole, np.array([treated.hours(datetime.combine(d, EVENING)) for d in days]))
    sure = sureness(person, there, seed=seed)
    return tuple(
        Knowing(n, end, float(sure[max(0, min(len(days), (end - as_of).days - 1) - 1)]))
        for n, end in enumerate(ends, 1)
    )


def _loss(person: Person, relief: np.ndarray, ahead: Sequence[date], knowledge: Knowledge) -> Loss:
    """When drug responders who reach the threshold fall below it: q10, q50, q90 of the day."""
    least = float(knowledge.documents[DOCUMENT]["booster"]["relief"])
    above = relief[np.isin(person.kind, (0, 1))] >= least
    if not len(above) or above[:, 0].mean() < 0.5:  # lost already, or never there
        return None, None, None
    above = above[above[:, 0]]
    last = above.shape[1] - 1 - np.argmax(above[:, ::-1], axis=1)
    low, middle, high = (int(q) for q in np.quantile(last, (0.1, 0.5, 0.9), method="nearest"))
    return _day(low, ahead), _day(middle, ahead), _day(high, ahead)


def _day(last: int, ahead: Sequence[date]) -> date | None:
    return ahead[last + 1] if last + 1 < len(ahead) else None


def _booster(
    person: Person, loss: Loss, *, inside: bool, enough: bool,
    knowledge: Knowledge,
) -> Booster:  # fmt: skip
    least = float(knowledge.documents[DOCUMENT]["booster"]["chance"])
    if not inside:
        return Booster(None, None, "outside its data: no booster date is given")
    if not enough:
        return Booster(None, None, "not enough data yet")
    if person.responder < least:
        return Booster(None, None, f"the chance of being a responder is under {least:.0%}")
    if loss[0] is None:
        return Booster(
            None,
            None,
            "no loss of response lies ahead: it is already lost, was never there, or is later than the days looked at",
        )
    return Booster(loss[0], loss[1], "")


def _band(drawn: np.ndarray) -> dict[str, tuple[float, ...]]:
    return {q: tuple(float(v) for v in row) for q, row in zip(("q10", "q50", "q90"), drawn, strict=True)}


def inputs_of(
    diary: Sequence[DiaryEntry], treated: Treated, planned: Sequence[tuple[datetime, str]], indication: str, as_of: date
) -> str:
    """SHA-256 of what a forecast is computed from: the same inputs give the same forecast."""
    entries = [
        (e.entry_id, e.kind, e.local_date, e.pain, e.site) for e in diary if e.kind in SCORED and e.local_date <= as_of
    ]
    given = [astuple(p) for p in treated.regimen.inputs()] if treated.regimen else []
    whole = [entries, given, treated.zero, treated.weight_kg, list(planned), indication, as_of]
    return hashlib.sha256(json.dumps(whole, default=str, sort_keys=True).encode()).hexdigest()
