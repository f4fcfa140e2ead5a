"""One scale's score: sum, mean or minimum over its items, prorated only as far as the scale allows."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from surcease.knowledge.answers import Given, points
from surcease.knowledge.instrument import Band, Instrument, Scale

_WHOLE, _HUNDREDTH = Decimal(1), Decimal("0.01")


@dataclass(frozen=True, slots=True)
class ScaleScore:
    """One scale's score. ``value`` None with its ``missing`` item ids when too many were blank."""

    id: str
    title: str
    value: Decimal | None
    band: Band | None
    low: Decimal
    high: Decimal
    missing: tuple[str, ...] = ()
    prorated: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a scoring function says; the other half of a :class:`Score` is the same for every instrument."""

    value: Decimal | None
    band: Band | None
    status: str
    missing: tuple[str, ...] = ()
    prorated: bool = False
    met: bool | None = None
    scales: tuple[ScaleScore, ...] = ()


def band_of(scale: Scale, value: Decimal | None) -> Band | None:
    """The band a value falls in."""
    return None if value is None else next((b for b in reversed(scale.bands) if value >= b.at_least), None)


def score_scale(instrument: Instrument, scale: Scale, given: Given, asked: frozenset[str]) -> ScaleScore:
    """Score one scale over the items that were asked."""
    ids = [i for i in scale.items if i in asked]
    counted = [(i, points(instrument.item(i), given[i])) for i in ids]
    known = [p for _, p in counted if p is not None]
    missing = tuple(i for i, p in counted if p is None)
    if scale.method == "none" or not known or len(missing) > scale.allowed_missing:
        return ScaleScore(scale.id, scale.title, None, None, scale.low, scale.high, missing)
    if scale.method == "sum":
        value = sum(known, Decimal(0))
        if missing:
            value = (value * len(ids) / len(known)).quantize(_WHOLE, rounding=ROUND_HALF_UP)
    elif scale.method == "mean":
        value = (sum(known, Decimal(0)) / len(known)).quantize(_HUNDREDTH, rounding=ROUND_HALF_UP)
    else:
        value = min(known)
    value = value * scale.multiply
    value = min(value, scale.high) if scale.cap else value
    return ScaleScore(
        scale.id, scale.title, value, band_of(scale, value), scale.low, scale.high, missing, bool(missing)
    )  # fmt: skip


def say_missing(scale: Scale, result: ScaleScore) -> str:
    """How the computation of one scale ended, in a sentence."""
    if scale.method == "none":
        return "Itemised: it has no total."
    total, blank = len(scale.items), len(result.missing)
    names = ", ".join(result.missing)
    if result.value is None:
        allowed = "all are needed" if not scale.allowed_missing else f"at most {scale.allowed_missing} may be"
        return f"No score: {blank} of {total} items {'is' if blank == 1 else 'are'} missing ({names}); {allowed}."
    if result.prorated:
        return f"{total - blank} of {total} items answered; prorated for {names}."
    return f"All {total} items answered." if total > 1 else "Answered."
