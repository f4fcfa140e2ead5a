"""Predicted concentration of a session: the drug that was given so far and, from now on, what is still ordered.

A planning model's picture, never a measurement: nothing is titrated or discharged on it. It stands on the log as it was
known at the state's minute, so that a replay shows that minute's forecast and nothing learnt later.

The effect site is the one of analgesia, on the scale of the drug in plasma, so that both stand on one axis.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from surcease.care.order import Order, Projection, project
from surcease.care.treatment import Phase, Portion, Session, joined
from surcease.knowledge.effect import default_model, effects
from surcease.knowledge.library import Knowledge
from surcease.knowledge.product import load_products
from surcease.pkpd.dose import Dose, Item, Together
from surcease.pkpd.population import QUANTILES, bands
from surcease.pkpd.regimen import Regimen
from surcease.pkpd.subject import Subject
from surcease.pkpd.substance import ESKETAMINE, RACEMIC
from surcease.pkpd.system import EffectSite
from surcease.units import Quantity

EFFECT = "analgesia"  # whose site is drawn
POINTS = 72
AFTER = timedelta(hours=2)  # shown beyond the last drug
PEOPLE, SEED = 200, 1
CE = "effect site"


@dataclass(frozen=True, slots=True)
class Level:
    """What the model says of one instant: plasma q10, q50, q90 and the effect site's q50, all ng/mL."""

    at: datetime
    q10: float
    q50: float
    q90: float
    ce: float


@dataclass(frozen=True, slots=True)
class Predicted:
    """Levels over the session. ``now`` is the one at the state's minute; None before any drug."""

    model: str
    levels: tuple[Level, ...]
    now: Level | None
    half_life_min: float
    limits: tuple[str, ...]


def predict(order: Order, state: Session, *, weight_kg: Decimal, knowledge: Knowledge) -> Predicted | None:
    """The levels from the start to two hours after the last drug; None before a start, or where no model fits.

    ``weight_kg`` is the body's own weight. Past drug counts as given, the rest as ordered at the present rate.
    """
    start = state.started_at
    portions = joined((*state.given, *_ahead(order, state, project(order, state))))
    if start is None or not portions:
        return None
    regimen = _regimen(portions, start, load_products()[order.product].substance)
    try:
        model = default_model(knowledge, regimen)
    except ValueError:
        return None
    end = max(max(p.end for p in portions) + AFTER, state.at)
    hours = _grid(start, end, state.at)
    effect = effects(knowledge)[EFFECT]
    found = bands(
        model, regimen, hours, people=PEOPLE, seed=SEED, subject=Subject(float(weight_kg)), quantiles=QUANTILES,
        effect_sites={CE: EffectSite(effect.ke0_per_h)},
    )  # fmt: skip
    plasma, site = found.curves[model.parent], found.curves[CE]
    levels = tuple(
        Level(
            start + timedelta(hours=float(h)),
            float(plasma[0, n]),
            float(plasma[1, n]),
            float(plasma[2, n]),
            float(site[1, n]),
        )
        for n, h in enumerate(hours)
    )
    now = next((level for level in levels if level.at >= state.at), None) if state.at >= start else None
    return Predicted(model.id, levels, now, effect.half_life_min, tuple(effect.limits))


def _ahead(order: Order, state: Session, ahead: Projection) -> Iterable[Portion]:
    """What is still to come while it runs: the rate now, then the order's further steps, until the projected end."""
    if state.phase is not Phase.RUNNING or ahead.ends_at is None or state.started_at is None:
        return
    at, rate = state.at, state.rate_mg_per_h
    for step in order.steps:
        begins = state.started_at + timedelta(seconds=float(step.after_min) * 60)
        if step.minutes and at < begins < ahead.ends_at:
            yield Portion(at, begins, rate)
            at, rate = begins, step.rate_mg_per_h
    if at < ahead.ends_at:
        yield Portion(at, ahead.ends_at, rate)


def _regimen(portions: tuple[Portion, ...], start: datetime, substance: str) -> Regimen:
    form = RACEMIC if substance == RACEMIC else ESKETAMINE
    first = min(start, *(p.start for p in portions))
    items: list[Item] = [_dose(p, form) for p in portions]
    offsets = tuple(_span(p.start - first) for p in portions)
    return Regimen(Together(tuple(items), offsets)) if len(items) > 1 else Regimen(items[0])


def _dose(portion: Portion, substance: str) -> Dose:
    span = _span(portion.end - portion.start)
    if portion.amount_mg:
        return Dose(Quantity(portion.amount_mg, "mg"), portion.route, span if span.value else None, substance=substance)
    return Dose(Quantity(portion.rate_mg_per_h, "mg/h"), portion.route, span, substance=substance)


def _span(span: timedelta) -> Quantity:
    return Quantity(Decimal(span.days * 86_400 + span.seconds) + Decimal(span.microseconds) / 1_000_000, "s")


def _grid(start: datetime, end: datetime, now: datetime) -> NDArray[np.float64]:
    """Equal steps, and the minute itself."""
    last = (end - start).total_seconds() / 3600
    here = (now - start).total_seconds() / 3600
    steps = np.linspace(0, last, POINTS)
    return np.unique(np.append(steps, here)) if 0 <= here <= last else steps
