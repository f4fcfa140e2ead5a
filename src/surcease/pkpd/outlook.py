"""What a regimen may do for pain over weeks, before this person has scored a single day.

Never one curve: people who respond to the drug and people who do not are shown apart, each with a band, beside how
many of each there are believed to be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from surcease.pkpd.effects import s_part
from surcease.pkpd.many import solve_many
from surcease.pkpd.model import Model
from surcease.pkpd.population import QUANTILES, sample
from surcease.pkpd.regimen import Regimen
from surcease.pkpd.relief import SITE, Prior, draw, drug_term, kinds, placebo_term, remaining, typical
from surcease.pkpd.solve import Status
from surcease.pkpd.subject import Subject
from surcease.pkpd.system import EffectSite

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Outlook:
    """Shares of the baseline pain that are relieved, by time; bands are (quantiles, times).

    ``slow_ng_per_ml`` and ``drug_term`` are the typical responder's. ``responder`` and ``non_responder`` include the
    placebo response of those who have one; ``responder_drug`` is the drug alone. ``mean_drug`` is the mean over all
    people, P·D, whose band is parameter uncertainty only.
    """

    prior: Prior
    model: str
    times_h: Array
    quantiles: tuple[float, ...]
    people: int
    responder_share: Array  # quantiles of the believed share of drug responders
    slow_ng_per_ml: Array
    drug_term: Array
    responder: Array
    responder_drug: Array
    non_responder: Array
    mean_drug: Array
    status: Status
    limits: tuple[str, ...]


def outlook(
    prior: Prior,
    model: Model,
    regimen: Regimen,
    times_h: Sequence[float] | Array,
    *,
    people: int = 1000,
    seed: int = 1,
    subject: Subject | None = None,
    quantiles: Sequence[float] = QUANTILES,
) -> Outlook:
    """Relief at ``times_h`` (hours from the first dose) under ``prior``, driven by the S-ketamine of ``regimen``."""
    times, at, whole = np.asarray(times_h, float), np.asarray(quantiles, float), range(people)
    given = s_part(regimen)
    traits = draw(prior, whole, seed=seed)
    solved = sample(
        model, given, times, people=whole, seed=seed, subject=subject, effect_sites={SITE: traits.site()}
    )  # fmt: skip
    drug = drug_term(solved.effect_sites[SITE], traits.c50_ng_per_ml[:, None])
    belief = placebo_term(times, dosing(given), prior.placebo_half_life_days)
    _, placebo_responds = kinds(traits, whole, seed=seed)
    relieved = {r: 1 - remaining(drug, belief, responds=r, placebo_responds=placebo_responds[:, None]) for r in (0, 1)}
    middle = typical(prior)
    slow = _slow(model, given, times, middle.k_per_h, subject)[0]
    return Outlook(
        prior=prior,
        model=model.id,
        times_h=times,
        quantiles=tuple(quantiles),
        people=people,
        responder_share=np.quantile(traits.drug_share, at),
        slow_ng_per_ml=slow,
        drug_term=drug_term(slow, prior.c50_ng_per_ml),
        responder=np.quantile(relieved[1], at, axis=0),
        responder_drug=np.quantile(drug, at, axis=0),
        non_responder=np.quantile(relieved[0], at, axis=0),
        mean_drug=np.quantile(_mean_drug(prior, model, given, times, whole, seed, subject), at, axis=0),
        status=solved.status,
        limits=(*prior.limits, *solved.limits),
    )


def _mean_drug(
    prior: Prior, model: Model, given: Regimen, times: Array, whole: range, seed: int, subject: Subject | None
) -> Array:
    """P·D of the typical person under each draw of what the prior does not know: (draws, times)."""
    unsure = draw(prior, whole, seed=seed, between=False)
    slow = _slow(model, given, times, unsure.k_per_h, subject)
    return unsure.drug_share[:, None] * drug_term(slow, unsure.c50_ng_per_ml[:, None])


def _slow(model: Model, given: Regimen, times: Array, k_per_h: Array, subject: Subject | None) -> Array:
    whom = subject or Subject()
    solved = solve_many(
        model, given, times, weight_kg=whom.weight_kg, known=whom.known, etas=dict(whom.shifts),
        effect_sites={SITE: EffectSite(k_per_h)},
    )  # fmt: skip
    return solved.effect_sites[SITE]


def dosing(regimen: Regimen) -> Array:
    """(start, end) of everything given, hours, one row each."""
    return np.array([(i.start_h, i.start_h + i.duration_h) for i in regimen.inputs()])
