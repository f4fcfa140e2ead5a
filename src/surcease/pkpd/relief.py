"""Slow relief, the weeks after treatment: Dahan 2011 as reconstructed here (the paper's equations were not seen).

A slow site follows S-ketamine in plasma with a half-life of days; what is left there acts by Emax::

    dL/dt = k·(Cp_S − L)                    one more linear state, solved exactly with the rest
    D(t)  = L / (L + C50)
    pain  = baseline · (1 − R·D) · (1 − R_P·Pl) · (1 − a·A)

R and R_P say whether this person responds to the drug and to placebo; they are unknown, so there are four kinds of
people, and never one curve. Pl(t) is 1 while dosing goes on and halves every ``placebo_half_life_days`` after the last
dose. A(t) is acute analgesia (:mod:`effects`). The other reading of the published half-life (Emax first, delay on the
effect) gives a fifth of the effect at the end of the infusion and contradicts the trial; it is not offered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from surcease.pkpd.chance import normals, uniforms
from surcease.pkpd.effects import LN2
from surcease.pkpd.system import EffectSite

Floats = NDArray[np.float64]

SITE = "relief"
KINDS = ((1, 1), (1, 0), (0, 1), (0, 0))  # (responds to the drug, responds to placebo)
_STREAM = 2  # relief's own stream of chance, see chance.normals


@dataclass(frozen=True, slots=True)
class Prior:
    """What is believed before the first pain score of this person.

    Log-SDs of ``c50`` and ``half_life`` are parameter *uncertainty*; ``between_log_sd`` is how people are assumed to
    differ on top of it. Responder shares carry their standard error.
    """

    id: str
    title: str
    drug_share: float
    drug_share_se: float
    placebo_share: float
    placebo_share_se: float
    c50_ng_per_ml: float
    c50_log_sd: float
    half_life_days: float
    half_life_log_sd: float
    between_log_sd: float
    placebo_half_life_days: float
    acute_share: float
    label: str
    sources: tuple[str, ...]
    limits: tuple[str, ...] = ()
    basis: Mapping[str, str] = field(default_factory=dict)

    @property
    def k_per_h(self) -> float:
        """Rate constant of the slow site."""
        return LN2 / (self.half_life_days * 24.0)


@dataclass(frozen=True, slots=True)
class Traits:
    """Drawn people (or one person): arrays of one shape. Shares are chances, not yet who responds."""

    k_per_h: Floats
    c50_ng_per_ml: Floats
    drug_share: Floats
    placebo_share: Floats

    def site(self) -> EffectSite:
        """The slow site of these people, to be solved with the model."""
        return EffectSite(self.k_per_h)


def typical(prior: Prior) -> Traits:
    """The prior's central values."""
    return Traits(*(np.array([v]) for v in (prior.k_per_h, prior.c50_ng_per_ml, prior.drug_share, prior.placebo_share)))


def draw(prior: Prior, people: range, *, seed: int, uncertainty: bool = True, between: bool = True) -> Traits:
    """Traits of ``people``: parameter uncertainty, differences between people, or both; nested and reproducible."""
    z = normals(people, 6, seed=seed, stream=_STREAM)
    doubt, apart = float(uncertainty), float(between) * prior.between_log_sd
    k = prior.k_per_h * np.exp(-(doubt * prior.half_life_log_sd * z[:, 0] + apart * z[:, 1]))
    c50 = prior.c50_ng_per_ml * np.exp(doubt * prior.c50_log_sd * z[:, 2] + apart * z[:, 3])
    drug = _share(prior.drug_share, doubt * prior.drug_share_se, z[:, 4])
    placebo = _share(prior.placebo_share, doubt * prior.placebo_share_se, z[:, 5])
    return Traits(k, c50, drug, placebo)


def _share(share: float, se: float, z: Floats) -> Floats:
    """Logit-normal around ``share`` whose standard error is ``se`` (delta method)."""
    logit = np.log(share / (1 - share)) + se / (share * (1 - share)) * z
    return 1 / (1 + np.exp(-logit))


def kinds(traits: Traits, people: range, *, seed: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Who of the drawn people responds to the drug, and who to placebo."""
    u = uniforms(people, 2, seed=seed, stream=_STREAM + 1)
    return u[:, 0] < traits.drug_share, u[:, 1] < traits.placebo_share


def kind_weights(drug_share: ArrayLike, placebo_share: ArrayLike) -> Floats:
    """Probability of each of :data:`KINDS`, stacked along the first axis.

    >>> kind_weights(0.67, 0.23).round(4).tolist()
    [0.1541, 0.5159, 0.0759, 0.2541]
    """
    p, q = np.asarray(drug_share, float), np.asarray(placebo_share, float)
    return np.stack([(p if d else 1 - p) * (q if pl else 1 - q) for d, pl in KINDS])


def drug_term(slow_ng_per_ml: ArrayLike, c50_ng_per_ml: ArrayLike) -> Floats:
    """D: share of the pain that the drug takes away in a responder.

    >>> float(drug_term(48.0, 10.5).round(2))
    0.82
    """
    slow = np.asarray(slow_ng_per_ml, float)
    total = np.asarray(slow + np.asarray(c50_ng_per_ml, float))
    return np.divide(slow, total, out=total)


def placebo_term(times_h: ArrayLike, dosing_h: ArrayLike, half_life_days: float) -> Floats:
    """Pl: 0 before the first dose, 1 while dosing, then halving since the last dose that has ended.

    ``dosing_h`` holds (start, end) of each dose as rows, in hours.
    """
    times = np.asarray(times_h, float)[..., None]
    start, end = np.asarray(dosing_h, float).reshape(-1, 2).T
    since = np.where(times >= start, np.maximum(times - end, 0.0), np.inf).min(axis=-1)
    return np.exp2(-since / (24.0 * half_life_days))


def remaining(
    drug: ArrayLike,
    placebo: ArrayLike,
    *,
    responds: ArrayLike,
    placebo_responds: ArrayLike,
    acute: ArrayLike = 0.0,
    acute_share: float = 0.0,
) -> Floats:
    """Share of the baseline pain that is left: (1 − R·D)·(1 − R_P·Pl)·(1 − a·A); pain is baseline times this."""
    slow = 1 - np.asarray(responds) * np.asarray(drug)
    belief = 1 - np.asarray(placebo_responds) * np.asarray(placebo)
    return slow * belief * (1 - acute_share * np.asarray(acute))
