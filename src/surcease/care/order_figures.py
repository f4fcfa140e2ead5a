"""What an order's words come to for one person: pushes, infusions, sessions, days, weaning. Exact, in Decimal.

A push is what goes into a vein at once or within 10 minutes; it answers to the bolus rules. Everything else that runs
is an infusion and answers to the hourly limits.

>>> f = figures("0.5 mg/kg over 40 min iv", dose_kg=Decimal(70), limit_kg=Decimal(70))
>>> f.rate_mg_per_kg_h, f.session_mg
(Decimal('0.75'), Decimal('35'))
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from itertools import pairwise

from surcease.pkpd.regimen import Input, parse

PUSH_S = Decimal(600)
FOURTH = Decimal("0.0001")
HOUR = Decimal(3600)
DAY_S = Decimal(86400)


@dataclass(frozen=True, slots=True)
class OrderFigures:
    """One session's order in numbers. Rates are of infusions only; push figures are None where there is no push, or
    where the order does not say over how long."""

    text: str
    routes: tuple[str, ...]
    substances: tuple[str, ...]
    substance_stated: bool
    session_mg: Decimal
    session_h: Decimal
    day_mg: Decimal
    first_mg: Decimal
    first_rate_mg_per_h: Decimal | None
    rate_mg_per_h: Decimal
    rate_mg_per_kg_h: Decimal
    infusion_h: Decimal
    push_mg_per_kg: Decimal
    push_mg_per_kg_min: Decimal | None
    push_s: Decimal | None
    wean_h: Decimal
    least_step_h: Decimal | None  # the shortest time at a rate before it rises; None when it never rises
    largest_rise_mg_per_h: Decimal
    rates_written: tuple[Decimal, ...]  # numbers written in mg/kg/h


def tidy(value: Decimal) -> Decimal:
    """To four places and never down, so that what lies above a limit stays above it; a division's noise is dropped.

    >>> tidy(Decimal("0.75")), tidy(Decimal(2) / 3), tidy(Decimal("2.00001"))
    (Decimal('0.75'), Decimal('0.6667'), Decimal('2.0001'))
    """
    if value == value.quantize(FOURTH):
        return value
    return round(value, 12).quantize(FOURTH, ROUND_CEILING)


def figures(text: str, *, dose_kg: Decimal, limit_kg: Decimal) -> OrderFigures:
    """Read ``text`` and compute it for ``dose_kg``; limits per kg are taken on ``limit_kg``, the lower weight."""
    regimen = parse(text)
    pieces = regimen.for_weight(dose_kg).inputs()
    pushes = [p for p in pieces if p.route == "iv" and p.duration_s <= PUSH_S]
    runs = [p for p in pieces if p.duration_s and not (p.route == "iv" and p.duration_s <= PUSH_S)]
    timed = [p for p in pushes if p.duration_s]
    said = bool(pushes) and len(timed) == len(pushes)
    top, rises = max(map(_highest, runs), default=Decimal(0)), _rises([p for p in pieces if p.duration_s])
    return OrderFigures(
        text=text, routes=regimen.routes, substances=regimen.substances,
        substance_stated=not any(a.startswith("racemic ketamine") for d in regimen.doses() for a in d.assumed),
        session_mg=sum((p.amount_mg for p in pieces), Decimal(0)),
        session_h=max(p.start_s + p.duration_s for p in pieces) / HOUR,
        day_mg=_most_in_a_day(pieces), first_mg=pieces[0].amount_mg,
        first_rate_mg_per_h=pieces[0].rate_mg_per_h if pieces[0].duration_s else None,
        rate_mg_per_h=top, rate_mg_per_kg_h=top / limit_kg, infusion_h=_longest(runs) / HOUR,
        push_mg_per_kg=max((p.amount_mg for p in pushes), default=Decimal(0)) / limit_kg,
        push_mg_per_kg_min=max(p.amount_mg / limit_kg * 60 / p.duration_s for p in timed) if said else None,
        push_s=min(p.duration_s for p in timed) if said else None, wean_h=_wean_s(runs) / HOUR,
        least_step_h=min(seconds for seconds, _ in rises) / HOUR if rises else None,
        largest_rise_mg_per_h=max((rise for _, rise in rises), default=Decimal(0)),
        rates_written=tuple(d.amount.value for d in regimen.doses() if d.amount.unit == "mg/kg/h"),
    )  # fmt: skip


def _longest(runs: list[Input]) -> Decimal:
    """Seconds of the longest unbroken infusion."""
    longest, begin, end = Decimal(0), None, None
    for piece in runs:
        if begin is None or end is None or piece.start_s > end:
            begin = piece.start_s
        end = max(end or Decimal(0), piece.start_s + piece.duration_s)
        longest = max(longest, end - begin)
    return longest


def _wean_s(runs: list[Input]) -> Decimal:
    """Seconds from the last moment at the highest rate to the end."""
    if not runs:
        return Decimal(0)
    top = max(map(_highest, runs))
    last = max(p.start_s + p.duration_s if p.to_rate_mg_per_h == top else p.start_s for p in runs if _highest(p) == top)
    return runs[-1].start_s + runs[-1].duration_s - last


def _highest(piece: Input) -> Decimal:
    return max(piece.rate_mg_per_h, piece.to_rate_mg_per_h)


def _rises(runs: list[Input]) -> list[tuple[Decimal, Decimal]]:
    """(seconds at the lower rate, rise in mg/h) of each step up from one stretch to the next."""
    found = [(a.duration_s, b.rate_mg_per_h - a.to_rate_mg_per_h) for a, b in pairwise(runs)]
    return [(seconds, rise) for seconds, rise in found if rise > 0]


def _most_in_a_day(pieces: tuple[Input, ...]) -> Decimal:
    """The most that falls into any 24 hours beginning with a dose."""
    return max(sum((_part(p, q.start_s) for p in pieces), Decimal(0)) for q in pieces)


def _part(piece: Input, begin: Decimal) -> Decimal:
    """What of a piece falls into the 24 hours from ``begin``."""
    end = begin + DAY_S
    if not piece.duration_s:
        return piece.amount_mg if begin <= piece.start_s < end else Decimal(0)
    overlap = min(piece.start_s + piece.duration_s, end) - max(piece.start_s, begin)
    return piece.amount_mg * max(overlap, Decimal(0)) / piece.duration_s
