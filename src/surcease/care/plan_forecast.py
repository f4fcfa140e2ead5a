"""A plan tested on simulated people before it is signed: who would pass a limit, what is left at discharge, what
relief to hope for.

The simulated people have this person's weight and age and the plan's product; everything else is drawn from the
models' own spread, and :attr:`PlanForecast.lacks` lists what they do not have. A share is given once per model that
fits, so it is a range: the models' disagreement is part of the answer. Relief is shown under the trial's prior and
under the routine-care prior, responders and others apart.

>>> from surcease.knowledge import load
>>> found = forecast("0.5 mg/kg over 40 min iv every 24 h x 5", Whom(70.0, 45.0), knowledge=load(), people=200)
>>> found.cumulative_mg
175.0
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from surcease.knowledge.effect import effects, relief_prior
from surcease.knowledge.library import Knowledge
from surcease.pkpd.effects import Effect, s_part, sites, value
from surcease.pkpd.ensemble import reason_against
from surcease.pkpd.model import Model
from surcease.pkpd.outlook import outlook
from surcease.pkpd.population import QUANTILES, effect_traits, effect_values, sample, share_beyond
from surcease.pkpd.regimen import Regimen, parse
from surcease.pkpd.subject import Subject
from surcease.pkpd.substance import ESKETAMINE

Array = NDArray[np.float64]
DOCUMENT = "limits/plan.yaml"
PRIORS = ("rct", "routine")
WEEKS = (1, 2, 4, 8, 12)  # after the last dose
FIRST_AND_LAST = 40  # doses looked at from either end of a long plan
INFUSED = (1 / 3, 2 / 3, 1.0)  # shares of an infusion at which its people are looked at
AFTER_H = (1 / 12, 1 / 6, 1 / 3, 1 / 2, 3 / 4, 1.0, 1.5, 2.0, 3.0, 4.0)  # after what is given at once
AFTER_END_H = (1 / 12, 1 / 6)
LACKS = (
    "height and sex (models were fitted without them)", "other medicines", "liver and kidney function",
    "earlier ketamine, and tolerance to it", "illness that makes pressure or breathing more fragile",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Whom:
    """Whom the simulated people are like. ``systolic`` is the resting pressure, None when it is not known."""

    weight_kg: float
    age_years: float | None = None
    systolic: float | None = None

    @property
    def subject(self) -> Subject:
        """The same for pkpd."""
        return Subject(self.weight_kg, {} if self.age_years is None else {"age_years": self.age_years})


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit of limits/plan.yaml. ``effect`` "" is ketamine in plasma; ``absolute`` adds the person's baseline."""

    id: str
    title: str
    effect: str
    at_least: float
    absolute: bool
    unit: str
    say: str
    source: str
    grade: str


@dataclass(frozen=True, slots=True)
class Share:
    """Which share of the simulated people pass a limit at any time of the plan, by model. Empty: no model can say, and
    ``why`` gives the reason."""

    limit: Limit
    by_model: Mapping[str, float]
    why: str = ""

    @property
    def low(self) -> float | None:
        """The lowest share of any model."""
        return min(self.by_model.values(), default=None)

    @property
    def high(self) -> float | None:
        """The highest share of any model."""
        return max(self.by_model.values(), default=None)

    @property
    def sentence(self) -> str:
        """The range in words."""
        head = f"{self.limit.title} ({self.limit.at_least:g} {self.limit.unit} or more)"
        if self.low is None or self.high is None:
            return f"{head}: not known, {self.why}."
        low, high, n = _percent(self.low), _percent(self.high), len(self.by_model)
        span = low if low == high else f"{low} to {high}"
        return f"{head}: {span} of people ({n} model{'s' if n > 1 else ''})."


@dataclass(frozen=True, slots=True)
class Level:
    """Ketamine in plasma at planned discharge, ng/mL: q10, q50, q90 by model."""

    at_h: float
    by_model: Mapping[str, tuple[float, float, float]]


@dataclass(frozen=True, slots=True)
class Relief:
    """Relieved share of the baseline pain by week after the last dose, under one prior; rows q10, q50, q90."""

    prior: str
    title: str
    label: str
    model: str
    weeks: tuple[int, ...]
    responder_share: tuple[float, ...]
    responder: tuple[tuple[float, ...], ...]
    non_responder: tuple[tuple[float, ...], ...]
    mean_drug: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class PlanForecast:
    """What a plan does to simulated people. ``left_out`` names models that do not fit, with the reason."""

    regimen: str
    whom: Whom
    people: int
    seed: int
    cumulative_mg: float
    length_h: float
    shares: tuple[Share, ...]
    discharge: Level
    relief: tuple[Relief, ...]
    left_out: Mapping[str, str]
    lacks: tuple[str, ...]
    limits: tuple[str, ...]

    def share(self, name: str) -> Share:
        """The share beyond one limit, by its id."""
        return next(share for share in self.shares if share.limit.id == name)


@dataclass(frozen=True, slots=True)
class _Scene:
    """One plan on the models that fit it, for the total drug and for its S part."""

    regimen: Regimen
    whom: Whom
    people: int
    seed: int
    times: Array
    total: tuple[Model, ...]
    s_half: tuple[Model, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)


def forecast(
    course: str | Regimen, whom: Whom, *, knowledge: Knowledge, dose_kg: float | None = None,
    observation_h: float = 1.0, people: int = 1000, seed: int = 1,
) -> PlanForecast:  # fmt: skip
    """Test a whole course (regimen text). ``dose_kg`` is the weight that doses per kg go by, the body's own unless
    given; ``observation_h`` the planned time from the end of a session to discharge.

    ValueError, one sentence, when the text cannot be read.
    """
    regimen = (parse(course) if isinstance(course, str) else course).for_weight(dose_kg or whom.weight_kg)
    discharge_h = regimen.end_h + observation_h
    scene = _scene(regimen, whom, knowledge, people, seed, discharge_h)
    curves = {model.id: _total(scene, model, knowledge) for model in scene.total}
    at = int(np.searchsorted(scene.times, discharge_h))
    return PlanForecast(
        regimen=regimen.text(), whom=whom, people=people, seed=seed, cumulative_mg=float(regimen.total_mg()),
        length_h=regimen.end_h, shares=tuple(_share(limit, scene, curves, knowledge) for limit in limits_in(knowledge)),
        discharge=Level(discharge_h, {name: _quantiles(c["plasma"][:, at]) for name, c in curves.items()}),
        relief=tuple(_relief(scene, knowledge, prior) for prior in PRIORS) if scene.s_half else (),
        left_out=scene.left_out, lacks=_lacks(whom), limits=_said(scene, knowledge),
    )  # fmt: skip


def compare(courses: Iterable[str], whom: Whom, *, knowledge: Knowledge, **more: Any) -> tuple[PlanForecast, ...]:
    """Two or three courses on the same simulated people: what differs between them is the plan, not chance."""
    return tuple(forecast(course, whom, knowledge=knowledge, **more) for course in courses)


def side_by_side(found: Sequence[PlanForecast]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The same lines of every forecast beside each other: heading, one cell a plan."""
    shares = [(share.limit.title, tuple(_range(f.share(share.limit.id)) for f in found)) for share in found[0].shares]
    return (
        ("Whole course", tuple(f"{f.cumulative_mg:.4g} mg in {f.length_h / 24:.3g} days" for f in found)),
        *shares,
        ("Plasma at discharge", tuple(map(_discharge, found))),
        *((f"Relief at week 4, {PRIORS[n]} prior", tuple(_week_4(f, n) for f in found)) for n in range(len(PRIORS))),
    )


def limits_in(knowledge: Knowledge) -> tuple[Limit, ...]:
    """The limits of limits/plan.yaml."""
    return tuple(
        Limit(
            name, raw["title"]["en"], raw.get("effect", ""), float(raw["at_least"]), "from" in raw, raw["unit"],
            raw["say"]["en"], raw["source"], raw["grade"],
        )
        for name, raw in knowledge.documents[DOCUMENT]["limits"].items()
    )  # fmt: skip


def instants(regimen: Regimen, discharge_h: float) -> Array:
    """When the simulated people are looked at: where a level or an effect can peak, and at discharge. Of a plan with
    many doses, its first and last ones."""
    pieces = regimen.inputs()
    looked = pieces if len(pieces) <= 2 * FIRST_AND_LAST else (*pieces[:FIRST_AND_LAST], *pieces[-FIRST_AND_LAST:])
    times = {discharge_h}
    for piece in looked:
        end = piece.start_h + piece.duration_h
        if piece.duration_h:
            times |= {piece.start_h + share * piece.duration_h for share in INFUSED} | {end + h for h in AFTER_END_H}
        else:
            times |= {end + h for h in AFTER_H}
    return np.array(sorted(times))


def _scene(regimen: Regimen, whom: Whom, knowledge: Knowledge, people: int, seed: int, discharge_h: float) -> _Scene:
    models = [model for name in knowledge.models if (model := knowledge.model(name)).linear]
    against = partial(reason_against, age_years=whom.age_years)
    given = s_part(regimen)
    total = tuple(model for model in models if not against(model, regimen))
    s_half = tuple(model for model in models if not against(model, given))
    out = {m.id: against(m, given if m.substance == ESKETAMINE else regimen) for m in models if m not in total + s_half}
    return _Scene(regimen, whom, people, seed, instants(regimen, discharge_h), total, s_half, out)


def _total(scene: _Scene, model: Model, knowledge: Knowledge) -> dict[str, Array]:
    """Plasma ketamine and every effect that follows it, (people, times), of one model."""
    driven = [effect for effect in _looked_at(knowledge) if effect.driver == "ketamine"]
    solved = sample(
        model, scene.regimen, scene.times, people=scene.people, seed=scene.seed, subject=scene.whom.subject,
        effect_sites=sites(tuple(driven)),
    )  # fmt: skip
    found = {"plasma": solved.cp_ng_per_ml}
    for effect in driven:
        traits = effect_traits(effect, range(scene.people), seed=scene.seed)
        found[effect.id] = value(effect, solved.effect_sites[effect.id], sensitivity=traits["sensitivity"])
    return found


def _looked_at(knowledge: Knowledge) -> list[Effect]:
    known = effects(knowledge)
    return [known[name] for name in dict.fromkeys(limit.effect for limit in limits_in(knowledge)) if name]


def _share(limit: Limit, scene: _Scene, curves: Mapping[str, dict[str, Array]], knowledge: Knowledge) -> Share:
    """The share beyond one limit, of every model that can say."""
    base = scene.whom.systolic if limit.absolute else 0.0
    if base is None:
        return Share(limit, {}, "the resting blood pressure is not known")
    effect = effects(knowledge).get(limit.effect)
    if effect is not None and effect.driver == "s_ketamine":
        values = {model.id: _s_effect(scene, model, effect) for model in scene.s_half}
    else:
        values = {name: curve[limit.effect or "plasma"] for name, curve in curves.items()}
    why = "" if values else "no model describes this drug by this route"
    return Share(limit, {name: share_beyond(v + base, limit.at_least) for name, v in values.items()}, why)


def _s_effect(scene: _Scene, model: Model, effect: Effect) -> Array:
    found = effect_values(
        [effect], model, scene.regimen, scene.times, people=scene.people, seed=scene.seed, subject=scene.whom.subject
    )
    return found[effect.id]


def _relief(scene: _Scene, knowledge: Knowledge, name: str) -> Relief:
    """The weeks after the last dose under one prior, by the first model that fits the S part."""
    prior, model = relief_prior(knowledge, name), _of_choice(scene.s_half)
    times = [scene.regimen.end_h + 168.0 * week for week in WEEKS]
    found = outlook(
        prior, model, scene.regimen, times, people=scene.people, seed=scene.seed, subject=scene.whom.subject
    )
    return Relief(
        name, prior.title, prior.label, model.id, WEEKS, tuple(map(float, found.responder_share)),
        _rows(found.responder), _rows(found.non_responder), _rows(found.mean_drug),
    )  # fmt: skip


def _of_choice(models: Sequence[Model]) -> Model:
    """The pooled model where it fits, else the first."""
    return next((model for model in models if model.substance == "any"), models[0])


def _rows(band: Array) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(v) for v in row) for row in band)


def _quantiles(values: Array) -> tuple[float, float, float]:
    low, middle, high = np.quantile(values, QUANTILES)
    return float(low), float(middle), float(high)


def _lacks(whom: Whom) -> tuple[str, ...]:
    age = ("age",) if whom.age_years is None else ()
    return (*age, *LACKS)


def _said(scene: _Scene, knowledge: Knowledge) -> tuple[str, ...]:
    """What to doubt: the limits of the effects, what the text left open, and how much of a long plan was looked at."""
    said = [sentence for effect in _looked_at(knowledge) for sentence in effect.limits]
    said += [f"Dose text: {assumed}." for assumed in scene.regimen.assumptions()]
    doses = len(scene.regimen.inputs())
    if doses > 2 * FIRST_AND_LAST:
        said.append(f"Of {doses} doses, levels were looked at in the first and last {FIRST_AND_LAST}.")
    return tuple(dict.fromkeys(said))


def _percent(share: float) -> str:
    return "under 0.1 %" if share < 0.001 else f"{_two_figures(100 * share)} %"


def _two_figures(number: float) -> str:
    return f"{number:.0f}" if number >= 10 else f"{number:.2g}"


def _range(share: Share) -> str:
    if share.low is None or share.high is None:
        return "not known"
    low, high = _percent(share.low), _percent(share.high)
    return low if low == high else f"{low} to {high}"


def _discharge(found: PlanForecast) -> str:
    middles = [level[1] for level in found.discharge.by_model.values()]
    return f"{_two_figures(min(middles))} to {_two_figures(max(middles))} ng/mL" if middles else "not known"


def _week_4(found: PlanForecast, n: int) -> str:
    if not found.relief:
        return "not known"
    low, middle, high = (row[WEEKS.index(4)] for row in found.relief[n].mean_drug)
    return f"{100 * middle:.0f} % of the pain on average ({100 * low:.0f} to {100 * high:.0f})"
