"""Take a condition apart: every smallest set of comparisons whose answers make it false, or true."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

from surcease.knowledge.rule import All, Condition, Not, Rule, Test

Way = frozenset[tuple[Test, bool]]  # comparisons and the answers they must give


def quiet(rule: Rule) -> tuple[Way, ...]:
    """The ways in which a rule does not fire: its ``when`` is false, or its ``applies``."""
    whole = All((rule.when, rule.applies)) if rule.applies else rule.when  # what can be treated before what cannot
    return minimal(answers(whole, False))


def answers(condition: Condition, wanted: bool) -> tuple[Way, ...]:
    """The ways in which a condition gives ``wanted``."""
    if isinstance(condition, Test):
        return (frozenset({(condition, wanted)}),)
    if isinstance(condition, Not):
        return answers(condition.part, not wanted)
    every = wanted if isinstance(condition, All) else not wanted
    return _every(condition.parts, wanted) if every else _some(condition.parts, wanted)


def _some(parts: Iterable[Condition], wanted: bool) -> tuple[Way, ...]:
    return tuple(way for part in parts for way in answers(part, wanted))


def _every(parts: Iterable[Condition], wanted: bool) -> tuple[Way, ...]:
    return tuple(_joined(product(*(answers(part, wanted) for part in parts))))


def _joined(combinations: Iterable[tuple[Way, ...]]) -> Iterator[Way]:
    for ways in combinations:
        whole: Way = frozenset().union(*ways)
        if not any((test, not wanted) in whole for test, wanted in whole):
            yield whole


def minimal(ways: Iterable[Way]) -> tuple[Way, ...]:
    """Without those that contain another."""
    kept: list[Way] = []
    for way in sorted(dict.fromkeys(ways), key=len):
        if not any(small <= way for small in kept):
            kept.append(way)
    return tuple(kept)
