"""Many people who differ: draws with variability, correlation and doubt, and what a regimen does to them.

A person is a number. The draws of person 17 depend on the seed and on 17 alone (:mod:`chance`), so populations nest,
and no result depends on how many workers there are.

>>> from surcease import knowledge
>>> from surcease.pkpd.regimen import parse
>>> seen = bands(knowledge.model("kamp_2020"), parse("0.5 mg/kg over 40 min iv"), [2/3], people=200, seed=1)
>>> low, middle, high = seen.curves["ketamine"][:, 0]
>>> bool(low < middle < high)
True
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from surcease.pkpd import many
from surcease.pkpd.chance import normals
from surcease.pkpd.effects import Effect, s_part, sites, slow_site, value
from surcease.pkpd.engine import Backend
from surcease.pkpd.many import Bands, solve_many
from surcease.pkpd.model import Model, Parameter
from surcease.pkpd.regimen import Regimen
from surcease.pkpd.solve import Sites, Solution
from surcease.pkpd.subject import Subject

Array = NDArray[np.float64]
Tick = Callable[[float], object]

QUANTILES = (0.1, 0.5, 0.9)
_TOGETHER = 8_000_000  # people times points from which the work is cut into parts
_PARTS = 8  # of the times, for bands; the same whatever the executor, so that the result is
_BLOCK = 4096  # people in one part of a sample


def draw(
    model: Model, people: range, *, seed: int, variability: bool = True, uncertainty: bool = True
) -> dict[str, Array]:
    """Random effects of ``people`` by parameter, correlated as published.

    Variability is between people and, for one occasion, within them; uncertainty is the standard error of the typical
    value. A borrowed variability counts like a published one.
    """
    every = sorted(model.parameters.values(), key=lambda p: p.name)  # a file's order is not part of a person
    varying = [p for p in every if _variance(p, variability, uncertainty) > 0]
    if not varying:
        return {}
    root = np.linalg.cholesky(covariance(model, varying, variability=variability, uncertainty=uncertainty))
    drawn = normals(people, len(varying), seed=seed) @ root.T
    return {p.name: np.ascontiguousarray(drawn[:, i]) for i, p in enumerate(varying)}


def covariance(
    model: Model, parameters: Sequence[Parameter], *, variability: bool = True, uncertainty: bool = True
) -> Array:
    """Covariance of the random effects of ``parameters``; ValueError when the model's is not one."""
    names = [p.name for p in parameters]
    matrix = np.diag([_variance(p, variability, uncertainty) for p in parameters])
    for pair in model.covariances if variability else ():
        if pair.first in names and pair.second in names:
            i, j = names.index(pair.first), names.index(pair.second)
            matrix[i, j] = matrix[j, i] = pair.value
    if np.linalg.eigvalsh(matrix)[0] <= 0:
        raise ValueError(f"The covariances of {model.id} are not those of any population: correct the model's file.")
    return matrix


def _variance(parameter: Parameter, variability: bool, uncertainty: bool) -> float:
    within = parameter.variability.omega2 + parameter.variability.nu2 if variability else 0.0
    doubt = parameter.relative_se or 0.0
    if parameter.variability.scale == "logit":
        doubt = doubt / (1.0 - parameter.value)
    return within + (doubt**2 if uncertainty else 0.0)


def etas(model: Model, people: range, *, seed: int, subject: Subject, **kinds: bool) -> dict[str, Array | float]:
    """The draws of :func:`draw` with the subject's own shifts added."""
    drawn: dict[str, Any] = dict(draw(model, people, seed=seed, **kinds))
    for name, shift in subject.shifts.items():
        drawn[name] = drawn.get(name, 0.0) + shift
    return drawn


def bands(
    model: Model,
    regimen: Regimen,
    times_h: Sequence[float] | Array,
    *,
    people: int = 1000,
    seed: int = 1,
    subject: Subject | None = None,
    quantiles: Sequence[float] = QUANTILES,
    analytes: Sequence[str] = (),
    effect_sites: Sites | None = None,
    executor: Executor | None = None,
    tick: Tick | None = None,
    backend: Backend = "auto",
) -> Bands:
    """Exact quantiles over people at each time; the matrix of all curves is never held.

    ``executor`` is any ``concurrent.futures.Executor``; large work is cut into parts of the times, the same with or
    without it. ``tick`` is told the share done. ``backend`` as in :mod:`many`.
    """
    times = np.asarray(times_h, float)
    work = partial(
        _band_part, model, regimen, range(people), seed, subject or Subject(), tuple(quantiles), tuple(analytes),
        effect_sites, backend,
    )  # fmt: skip
    count = _PARTS if people * times.size > _TOGETHER else 1
    parts = list(_run(work, np.array_split(times, min(count, times.size)), executor, tick))
    curves = {name: np.concatenate([p.curves[name] for p in parts], axis=1) for name in parts[0].curves}
    return replace(parts[0], times_h=times, curves=curves)


def _band_part(
    model: Model,
    regimen: Regimen,
    people: range,
    seed: int,
    subject: Subject,
    quantiles: tuple[float, ...],
    analytes: tuple[str, ...],
    effect_sites: Sites | None,
    backend: Backend,
    times: Array,
) -> Bands:
    return many.bands(
        model, regimen, times, quantiles=quantiles, weight_kg=subject.weight_kg, known=subject.known,
        etas=etas(model, people, seed=seed, subject=subject), analytes=analytes, effect_sites=effect_sites,
        backend=backend,
    )  # fmt: skip


def sample(
    model: Model,
    regimen: Regimen,
    times_h: Sequence[float] | Array,
    *,
    people: int | range = 1000,
    seed: int = 1,
    subject: Subject | None = None,
    analytes: Sequence[str] = (),
    effect_sites: Sites | None = None,
    executor: Executor | None = None,
    tick: Tick | None = None,
    backend: Backend = "auto",
) -> Solution:
    """Everybody's curves, arrays (people, times): held in memory, so for as many people as that allows."""
    whole = range(people) if isinstance(people, int) else people
    blocks = [whole[at : at + _BLOCK] for at in range(0, len(whole), _BLOCK)]
    work = partial(
        _sample_part, model, regimen, np.asarray(times_h, float), seed, subject or Subject(), tuple(analytes),
        effect_sites, backend,
    )  # fmt: skip
    parts = list(_run(work, blocks, executor, tick))

    def joined(curves: Callable[[Solution], Mapping[str, Array]]) -> dict[str, Array]:
        return {name: np.concatenate([curves(p)[name] for p in parts]) for name in curves(parts[0])}

    return replace(
        parts[0], concentrations=joined(lambda s: s.concentrations), effect_sites=joined(lambda s: s.effect_sites)
    )


def _sample_part(
    model: Model,
    regimen: Regimen,
    times: Array,
    seed: int,
    subject: Subject,
    analytes: tuple[str, ...],
    effect_sites: Sites | None,
    backend: Backend,
    people: range,
) -> Solution:
    drawn = etas(model, people, seed=seed, subject=subject)
    anchor = {} if any(np.ndim(e) for e in drawn.values()) else _same_for_all(model, people, drawn)
    return solve_many(
        model, regimen, times, weight_kg=subject.weight_kg, known=subject.known, etas=drawn | anchor,
        analytes=analytes, effect_sites=effect_sites, backend=backend,
    )  # fmt: skip


def _same_for_all(model: Model, people: range, drawn: Mapping[str, Any]) -> dict[str, Array]:
    """A model without variability still gives one row a person."""
    name = next(iter(model.parameters))
    return {name: np.full(len(people), drawn.get(name, 0.0))}


def _run(
    work: Callable[[Any], Any], parts: Sequence[Any], executor: Executor | None, tick: Tick | None
) -> Iterator[Any]:
    """Results in the order of ``parts``, telling ``tick`` the share done."""
    results = map(work, parts) if executor is None else executor.map(work, parts)
    for done, result in enumerate(results, start=1):
        if tick:
            tick(done / len(parts))
        yield result


def effect_values(
    effects: Sequence[Effect],
    model: Model,
    regimen: Regimen,
    times_h: Sequence[float] | Array,
    *,
    people: int | range = 1000,
    seed: int = 1,
    subject: Subject | None = None,
    between: bool = True,
    norketamine: bool = False,
    executor: Executor | None = None,
) -> dict[str, Array]:
    """Each effect of each person, (people, times), by effect id.

    ``between`` lets people differ in how sensitive they are, on top of their concentrations. ``norketamine`` lets the
    metabolite oppose the effects for which that was measured. :func:`typical_effects` is the one typical person.
    """
    whole = range(people) if isinstance(people, int) else people
    found: dict[str, Array] = {}
    for group, given in _by_driver(effects, regimen):
        solved = sample(
            model, given, times_h, people=whole, seed=seed, subject=subject, executor=executor,
            analytes=_analytes(model, group, norketamine), effect_sites=sites(group),
        )  # fmt: skip
        for effect in group:
            traits = effect_traits(effect, whole, seed=seed) if between else {}
            found[effect.id] = _value(effect, solved, norketamine, **traits)
    return {e.id: found[e.id] for e in effects}


def typical_effects(
    effects: Sequence[Effect],
    model: Model,
    regimen: Regimen,
    times_h: Sequence[float] | Array,
    *,
    subject: Subject | None = None,
    norketamine: bool = False,
) -> dict[str, Array]:
    """Each effect of the typical person, (times,), by effect id."""
    whom, found = subject or Subject(), {}
    for group, given in _by_driver(effects, regimen):
        solved = solve_many(
            model, given, times_h, weight_kg=whom.weight_kg, known=whom.known, etas=dict(whom.shifts),
            analytes=_analytes(model, group, norketamine), effect_sites=sites(group),
        )  # fmt: skip
        found.update({e.id: _value(e, solved, norketamine)[0] for e in group})
    return {e.id: found[e.id] for e in effects}


def effect_traits(effect: Effect, people: range, *, seed: int) -> dict[str, Array]:
    """How sensitive each person is to ``effect``, and how tolerant, as columns."""
    z = normals(people, 2, seed=seed, stream=crc32(effect.id.encode()))
    traits = {"sensitivity": np.exp(effect.between_log_sd * z[:, :1])}
    if effect.tolerance:
        traits["share"] = np.clip(effect.tolerance.share + effect.tolerance.sd * z[:, 1:], 0.0, 1.0)
    return traits


def share_beyond(values: Array, limit: float) -> float:
    """Share of people who reach ``limit`` at any of the times; ``values`` is (people, times).

    >>> share_beyond(np.array([[1.0, 5.0], [2.0, 3.0]]), 5.0)
    0.5
    """
    return float((values.max(axis=-1) >= limit).mean())


def _by_driver(effects: Sequence[Effect], regimen: Regimen) -> Iterator[tuple[tuple[Effect, ...], Regimen]]:
    for driver, given in (("s_ketamine", s_part(regimen)), ("ketamine", regimen)):
        if group := tuple(e for e in effects if e.driver == driver):
            yield group, given


def _analytes(model: Model, group: Sequence[Effect], norketamine: bool) -> tuple[str, ...]:
    opposing = [e.antagonist.analyte for e in group if norketamine and e.antagonist]
    return tuple(dict.fromkeys((model.parent, *opposing)))


def _value(effect: Effect, solved: Solution, norketamine: bool, **traits: Array) -> Array:
    opposed = effect.antagonist if norketamine else None
    return value(
        effect,
        solved.effect_sites[effect.id],
        slow_ng_per_ml=solved.effect_sites[slow_site(effect)] if effect.tolerance else None,
        metabolite_ng_per_ml=solved.concentrations[opposed.analyte] if opposed else None,
        **traits,
    )
