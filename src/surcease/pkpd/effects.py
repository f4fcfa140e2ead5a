"""Acute effects: what a concentration at the effect site does, minutes to hours.

An effect is a site (how fast it follows the plasma), a link (what it makes of the concentration there) and, where it
was measured, acute tolerance: a second, slower site that takes away a share of the first (an opponent process, linear
in both). Every site is one more linear state of the pharmacokinetic model, so it is solved exactly with it.

Effects come from ``knowledge``; this floor reads no file. Two-times-two rules of use:

* ``driver`` says which concentration: ``s_ketamine`` takes the S half of racemic doses, ``ketamine`` all of it;
* the half-life of the site belongs to the effect, never to the drug.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from surcease.pkpd.dose import Dose, change
from surcease.pkpd.regimen import Regimen
from surcease.pkpd.substance import ESKETAMINE, RACEMIC
from surcease.pkpd.system import EffectSite
from surcease.units import Quantity

Floats = NDArray[np.float64]

LN2 = float(np.log(2.0))
DRIVERS = ("s_ketamine", "ketamine")


@dataclass(frozen=True, slots=True)
class Linear:
    """``base + slope · C``."""

    slope: float  # unit of the effect per ng/mL
    base: float = 0.0

    def __call__(self, ce: Floats, *, sensitivity: ArrayLike = 1.0) -> Floats:
        """The effect at ``ce`` ng/mL; ``sensitivity`` multiplies the slope."""
        return self.base + self.slope * np.asarray(sensitivity) * ce


@dataclass(frozen=True, slots=True)
class Emax:
    """``base + top · C / (C50 + C)``."""

    top: float
    c50_ng_per_ml: float
    base: float = 0.0

    def __call__(self, ce: Floats, *, sensitivity: ArrayLike = 1.0) -> Floats:
        """The effect at ``ce`` ng/mL; ``sensitivity`` divides the C50."""
        return self.base + self.top * ce / (ce + self.c50_ng_per_ml / np.asarray(sensitivity))


@dataclass(frozen=True, slots=True)
class Tolerance:
    """Acute tolerance: ``share`` of a slow site's concentration is taken from the fast one before the link."""

    share: float
    half_life_min: float
    sd: float = 0.0  # between people, of the share


@dataclass(frozen=True, slots=True)
class Antagonist:
    """A metabolite that shifts the C50: ``C50 · (1 + concentration / doubling)``."""

    analyte: str
    doubling_ng_per_ml: float


@dataclass(frozen=True, slots=True)
class Effect:
    """One acute effect with where its numbers come from and what to doubt."""

    id: str
    title: str
    unit: str
    driver: str
    half_life_min: float
    link: Linear | Emax
    grade: str
    sources: tuple[str, ...]
    site: str = ""  # where the driving concentration was sampled: arterial | venous | ""
    half_life_ci_min: tuple[float, float] | None = None
    tolerance: Tolerance | None = None
    antagonist: Antagonist | None = None  # used only when asked for
    between_log_sd: float = 0.0  # log-SD between people of the sensitivity
    floor: float = -np.inf
    ceiling: float = np.inf
    limits: tuple[str, ...] = ()
    basis: Mapping[str, str] = field(default_factory=dict)  # number -> how it is known

    @property
    def ke0_per_h(self) -> float:
        """Rate constant of the site."""
        return per_h(self.half_life_min)


def per_h(half_life_min: float) -> float:
    """Rate constant, 1/h, of a half-life in minutes.

    >>> round(per_h(8.3), 3)
    5.011
    """
    return LN2 * 60.0 / half_life_min


def s_part(regimen: Regimen) -> Regimen:
    """The S-ketamine of ``regimen``: esketamine as it is, of a racemic dose half, as esketamine.

    >>> from surcease.pkpd.regimen import parse
    >>> s_part(parse("0.5 mg/kg over 40 min iv then 10 mg bolus iv esketamine")).for_weight(70).total_mg()
    Decimal('27.5')
    """
    return replace(regimen, item=change(regimen.item, _s_half))


def _s_half(dose: Dose) -> Dose:
    if dose.substance != RACEMIC:
        return dose

    def half(quantity: Quantity | None) -> Quantity | None:
        return None if quantity is None else quantity / 2

    return replace(
        dose, amount=dose.amount / 2, to=half(dose.to), step=half(dose.step), cap=half(dose.cap), substance=ESKETAMINE
    )


def sites(effects: Mapping[str, Effect] | tuple[Effect, ...]) -> dict[str, EffectSite]:
    """The effect sites to solve for ``effects``: one an effect, and one more where there is tolerance."""
    listed = effects.values() if isinstance(effects, Mapping) else effects
    wanted: dict[str, EffectSite] = {}
    for effect in listed:
        wanted[effect.id] = EffectSite(effect.ke0_per_h)
        if effect.tolerance:
            wanted[slow_site(effect)] = EffectSite(per_h(effect.tolerance.half_life_min))
    return wanted


def slow_site(effect: Effect) -> str:
    """Name of the site that acute tolerance follows."""
    return f"{effect.id} tolerance"


def site_limit(effect: Effect, model_site: str) -> str:
    """What to know when the effect was measured against another blood than the model describes; "" when not.

    >>> site_limit(Effect("x", "X", "mmHg", "ketamine", 2.5, Linear(0.1), "derived", (), site="venous"), "arterial")
    'X was measured against venous levels; from an arterial model it reads too high while drug goes in.'
    """
    if not effect.site or model_site == effect.site or model_site not in ("arterial", "venous"):
        return ""
    word = "high" if model_site == "arterial" else "low"
    article = "an arterial" if model_site == "arterial" else "a venous"
    return (
        f"{effect.title} was measured against {effect.site} levels; from {article} model it reads too {word} "
        "while drug goes in."
    )


def value(
    effect: Effect,
    ce_ng_per_ml: ArrayLike,
    *,
    slow_ng_per_ml: ArrayLike | None = None,
    metabolite_ng_per_ml: ArrayLike | None = None,
    sensitivity: ArrayLike = 1.0,
    share: ArrayLike | None = None,
) -> Floats:
    """The effect at concentrations of its driver, all arrays of one shape (people, times).

    ``slow_ng_per_ml`` is the tolerance site's concentration (required where the effect has tolerance), ``share``
    replaces its typical share for each person, ``metabolite_ng_per_ml`` switches the antagonist on.
    ValueError when tolerance or an antagonist is asked for and cannot be had.
    """
    left = np.asarray(ce_ng_per_ml, float)
    if effect.tolerance:
        if slow_ng_per_ml is None:
            raise ValueError(f"{effect.title} has acute tolerance: give the concentration of its slow site as well.")
        lost = effect.tolerance.share if share is None else np.asarray(share)
        left = np.maximum(left - lost * np.asarray(slow_ng_per_ml), 0.0)
    sensitivity = np.asarray(sensitivity, float)
    if metabolite_ng_per_ml is not None:
        if effect.antagonist is None:
            raise ValueError(f"{effect.title} has no antagonist here: leave the metabolite out.")
        sensitivity = sensitivity / (1.0 + np.asarray(metabolite_ng_per_ml) / effect.antagonist.doubling_ng_per_ml)
    return np.clip(effect.link(left, sensitivity=sensitivity), effect.floor, effect.ceiling)
