"""What `surcease simulate` finds out, as one mapping: the same for JSON, for the table and for the picture."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from surcease.knowledge.effect import default_model, effects, exposure_changes
from surcease.pkpd import ensemble, exposure, placement, population
from surcease.pkpd.effects import site_limit
from surcease.pkpd.many import Bands
from surcease.pkpd.regimen import Regimen, parse
from surcease.pkpd.solve import solve
from surcease.pkpd.subject import Subject

if TYPE_CHECKING:
    from surcease.knowledge.library import Knowledge
    from surcease.pkpd.exposure import Change
    from surcease.pkpd.model import Model

ALL = "all"


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked: a regimen text and whom it is for."""

    dose: str
    model: str = ""
    weight_kg: float = 70.0
    times_h: Sequence[float] = ()
    people: int = 1000
    seed: int = 1
    against: tuple[float, float] | None = None  # ng/mL, h
    sample_site: str = "venous"
    known: Mapping[str, object] = field(default_factory=dict)
    changes: Sequence[str] = ()
    effects: Sequence[str] = ()
    norketamine: bool = False
    metabolites: bool = False  # bands of the metabolites too: in some models they are slow


def simulate(asked: Request, knowledge: Knowledge, *, tick: Callable[[float], object] | None = None) -> dict[str, Any]:
    """The answer to ``asked``; ValueError with one sentence when it cannot be given."""
    regimen = parse(asked.dose)
    absolute = regimen.for_weight(Decimal(str(asked.weight_kg)))
    changes = named(exposure_changes(knowledge), asked.changes, "change of exposure")
    times = np.array(asked.times_h or usual_times(absolute))
    common = {
        "regimen": regimen.text(),
        "total_mg": float(absolute.total_mg()),
        "weight_kg": asked.weight_kg,
        "known": dict(asked.known),
        "times_h": times,
        "people": asked.people,
        "seed": asked.seed,
        "assumptions": list(regimen.assumptions()),
    }
    if asked.model == ALL:
        return {"model": ALL, **common, **_every_model(asked, knowledge, absolute, times, changes)}
    model = knowledge.model(asked.model) if asked.model else default_model(knowledge, regimen)
    return {"model": model.id, **common, **_one_model(asked, knowledge, model, absolute, times, changes, tick)}


def usual_times(regimen: Regimen) -> list[float]:
    """Times to show when none are asked for: into the first dose, the end of the last, and after both."""
    first = regimen.inputs()[0]
    into = (first.start_h + first.duration_h * n / 4 for n in range(1, 5)) if first.duration_s else ()
    ends = {first.start_h + first.duration_h: (20, 40, 60), regimen.end_h: (20, 40, 60, 120, 240)}
    after = (end + minutes / 60 for end, listed in ends.items() for minutes in listed)
    return sorted({round(t, 9) for t in (*into, regimen.end_h, *after) if t > 0})


def named(known: Mapping[str, Any], wanted: Iterable[str], what: str) -> list[Any]:
    """The entries of ``known`` by name; ValueError lists the names there are."""
    for name in wanted:
        if name not in known:
            raise ValueError(f'There is no {what} "{name}": use {", ".join(known)}.')
    return [known[name] for name in wanted]


def _one_model(
    asked: Request,
    knowledge: Knowledge,
    model: Model,
    regimen: Regimen,
    times: Any,
    changes: list[Change],
    tick: Callable[[float], object] | None,
) -> dict[str, Any]:
    moved, said = exposure.shifts(changes, model, regimen)
    subject = Subject(asked.weight_kg, asked.known, moved)
    typical = solve(model, regimen, times, weight_kg=asked.weight_kg, known=asked.known, etas=moved)
    analytes = tuple(typical.concentrations) if asked.metabolites else (model.parent,)
    seen = population.bands(
        model, regimen, times, people=asked.people, seed=asked.seed, subject=subject, analytes=analytes, tick=tick
    )
    body: dict[str, Any] = {
        "title": model.title,
        "site": model.site,
        "analyte": model.parent,
        "cp_ng_per_ml": typical.cp_ng_per_ml,
        "bands": quantiles(seen, model.parent),
        "metabolites": {
            name: {"ng_per_ml": curve, "trust": model.analytes[name].trust}
            | ({"bands": quantiles(seen, name)} if asked.metabolites else {})
            for name, curve in typical.concentrations.items()
            if name != model.parent
        },
        "status": {"method": typical.status.method, "exact": typical.status.exact, "sentence": typical.status.sentence},
        "sources": [model.citation, *cited(knowledge, (s for c in changes for s in c.sources))],
        "limits": [*typical.limits, *said],
    }
    if asked.effects:
        _add_effects(body, asked, knowledge, model, regimen, times, subject)
    if asked.against:
        body["against"] = _against(asked, model, regimen, subject)
    return body


def _add_effects(
    body: dict[str, Any], asked: Request, knowledge: Knowledge, model: Model, regimen: Regimen, times: Any, who: Subject
) -> None:
    known = effects(knowledge)
    chosen = named(known, known if list(asked.effects) == [ALL] else asked.effects, "effect")
    options: dict[str, Any] = {"subject": who, "norketamine": asked.norketamine}
    typical = population.typical_effects(chosen, model, regimen, times, **options)
    spread = population.effect_values(
        chosen, model, regimen, times, people=asked.people, seed=asked.seed, **options
    )  # fmt: skip
    body["effects"] = {
        e.id: {
            "title": e.title,
            "unit": e.unit,
            "grade": e.grade,
            "value": typical[e.id],
            "bands": dict(
                zip(("q10", "q50", "q90"), np.quantile(spread[e.id], population.QUANTILES, axis=0), strict=True)
            ),
            "limits": [*e.limits, *filter(None, [site_limit(e, model.site)])],
        }
        for e in chosen
    }
    body["sources"] += cited(knowledge, (s for e in chosen for s in e.sources))


def _against(asked: Request, model: Model, regimen: Regimen, subject: Subject) -> dict[str, Any]:
    assert asked.against
    level, at = asked.against
    found = placement.place(
        model, regimen, level, at, sample_site=asked.sample_site, people=max(asked.people, 1000), seed=asked.seed,
        subject=subject,
    )  # fmt: skip
    return {
        "level_ng_per_ml": level,
        "at_h": at,
        "percentile": found.percentile,
        "predicted": dict(zip(("q10", "q50", "q90"), found.predicted_ng_per_ml, strict=True)),
        "model_site": found.model_site,
        "sample_site": found.sample_site,
        "sentence": found.sentence,
    }


def _every_model(
    asked: Request, knowledge: Knowledge, regimen: Regimen, times: Any, changes: list[Change]
) -> dict[str, Any]:
    models = {name: knowledge.model(name) for name in sorted(knowledge.models)}
    found = ensemble.compare(
        models.values(), regimen, times, subject=Subject(asked.weight_kg, asked.known), changes=changes
    )
    if not found.curves:
        raise ValueError(f"No model here fits this regimen and person: {_reasons(found.left_out)}.")
    shown = {}
    for name, curve in found.curves.items():
        moved, _ = exposure.shifts(changes, models[name], regimen)
        seen = population.bands(
            models[name], regimen, times, people=asked.people, seed=asked.seed,
            subject=Subject(asked.weight_kg, asked.known, moved),
        )  # fmt: skip
        shown[name] = {
            "site": models[name].site,
            "cp_ng_per_ml": curve,
            "bands": quantiles(seen, models[name].parent),
        }
    apart = found.spread
    return {
        "models": shown,
        "left_out": dict(found.left_out),
        "spread": None
        if apart is None
        else {
            "ratio": apart.ratio,
            "at_h": apart.at_h,
            "low_ng_per_ml": apart.low_ng_per_ml,
            "high_ng_per_ml": apart.high_ng_per_ml,
            "sentence": apart.sentence,
        },
        "sources": [models[name].citation for name in shown],
        "limits": [f"{name}: {limit}" for name in shown for limit in models[name].limits],
    }


def _reasons(left_out: Mapping[str, str]) -> str:
    return "; ".join(f"{name} {why}" for name, why in left_out.items())


def quantiles(seen: Bands, name: str) -> dict[str, Any]:
    """The curves of ``name`` as q10, q50, q90."""
    return dict(zip(("q10", "q50", "q90"), seen.curves[name], strict=True))


def cited(knowledge: Knowledge, keys: Iterable[str]) -> list[str]:
    """Bibliography entries of source keys, each once."""
    found = (knowledge.sources[key] for key in dict.fromkeys(keys))
    return [f"{entry['title']}. {entry['ref']}".strip() for entry in found]
