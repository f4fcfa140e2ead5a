"""Lifetime exposure: mg of each substance by each route, from what was administered, and what is not known of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from surcease.care.record import Given
from surcease.care.treatment import Session


@dataclass(frozen=True, slots=True)
class Exposure:
    """All of one substance by one route. ``unknown`` sessions had an amount that nobody told us: they are not 0."""

    substance: str
    route: str
    amount_mg: Decimal
    sessions: int
    unknown: int = 0


def by_route(state: Session) -> dict[str, Decimal]:
    """mg by route that one session gave: the infusion and each dose by its own route."""
    found: dict[str, Decimal] = {}
    for portion in state.given:
        amount = portion.until(state.at)
        if amount:
            exact = Decimal(amount.numerator) / Decimal(amount.denominator)
            found[portion.route] = found.get(portion.route, Decimal(0)) + exact
    return {route: amount.quantize(Decimal("0.001")) for route, amount in found.items()}


def lifetime(given: Iterable[Given]) -> tuple[Exposure, ...]:
    """Sums by substance and route, the largest first. One ``Given`` is one session by one route.

    >>> from datetime import UTC, datetime
    >>> day = datetime(2026, 3, 2, tzinfo=UTC)
    >>> one, told = Given("racemic", "iv", Decimal("86.8"), day), Given("racemic", "iv", None, day)
    >>> [(e.amount_mg, e.sessions, e.unknown) for e in lifetime((one, told))]
    [(Decimal('86.8'), 1, 1)]
    """
    sums: dict[tuple[str, str], Exposure] = {}
    for one in given:
        key = (one.substance, one.route)
        old = sums.get(key, Exposure(*key, Decimal(0), 0))
        known = one.amount_mg is not None
        sums[key] = Exposure(
            *key, old.amount_mg + (one.amount_mg or 0), old.sessions + known, old.unknown + (not known)
        )
    return tuple(sorted(sums.values(), key=lambda e: (-e.amount_mg, e.substance, e.route)))
