"""Values for facts: which value, new or changed, gives a set of comparisons the answers they must give."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from surcease.care.computed import PRESENCE, complete
from surcease.care.ways import Way
from surcease.knowledge.evaluation import answer, evaluate
from surcease.knowledge.fact import Fact, Facts, Value
from surcease.knowledge.facts import FactSpec, shown, unit_words
from surcease.knowledge.finding import Outcome
from surcease.knowledge.rule import AGES, NUMERIC, Rule, Test
from surcease.units import plain

DERIVED = frozenset({*PRESENCE, "lft_done"})  # they follow; nobody supplies them
FOLLOWING = (*sorted(DERIVED), "failed_class_count", "pregnant", "serial_plan")  # what complete() computes
FIXED = frozenset({"age_years", "sex"})  # once known, nobody changes them
_STEP = Decimal("0.1")


class Supply:
    """Candidate values for every fact that ``rules`` look at, and one person's facts to put them into.

    ``unknown_will_do``: a comparison that stays unknown is as good as the wanted answer. So it is for a STOP: with
    its input unknown it asks DEFER, which is milder.
    """

    def __init__(self, facts: Facts, rules: Sequence[Rule], now: datetime, *, unknown_will_do: bool = False) -> None:
        self.now, self.unknown_will_do = now, unknown_will_do
        self.facts = facts
        self.base = {n: f for n, f in facts.known.items() if n not in DERIVED}
        self.tests: dict[str, list[Test]] = {}
        self.rules: dict[str, list[Rule]] = {}
        for rule in rules:
            for test in rule.looks_at:
                self.tests.setdefault(test.fact.name, []).append(test)
                if rule not in self.rules.setdefault(test.fact.name, []):
                    self.rules[test.fact.name].append(rule)
        self.all = rules
        self._picked: dict[tuple[str, Way], Fact | None] = {}
        self._reached: dict[str, list[Rule]] = {}

    def after(self, values: Mapping[str, Fact]) -> Facts:
        """The person's facts with ``values`` in place, and what follows from them."""
        return complete(Facts({**self.base, **values}), now=self.now)

    def reached(self, name: str) -> list[Rule]:
        """The rules whose answer can change with this fact: that look at it, at what follows from it, or cover such."""
        if name not in self._reached:
            looking = [r for n in (name, *FOLLOWING) for r in self.rules.get(n, ())]
            ids = {r.id for r in looking}
            covering = [r for r in self.all if ids.intersection(r.covers)]
            self._reached[name] = list({r.id: r for r in (*looking, *covering)}.values())
        return self._reached[name]

    def values(self, way: Way) -> dict[str, Fact] | None:
        """The facts to change so that every comparison of ``way`` gives its answer; None when none can."""
        wanted: dict[str, set[tuple[Test, bool]]] = {}
        for test, want in way:
            wanted.setdefault(test.fact.name, set()).add((test, want))
        found: dict[str, Fact] = {}
        for name, constraints in wanted.items():
            if not self._fits(self.facts.get(name), constraints):
                fact = self._pick(name, frozenset(constraints))
                if fact is None:
                    return None
                found[name] = fact
        return found

    def _pick(self, name: str, constraints: Way) -> Fact | None:
        """The quietest candidate that fits; None for a fact that nobody can change, or when none fits."""
        if name in DERIVED or (name in FIXED and name in self.facts):
            return None
        if (name, constraints) not in self._picked:
            spec = next(iter(constraints))[0].fact
            fitting = (f for f in self.candidates(spec) if self._fits(f, constraints))
            self._picked[name, constraints] = min(fitting, key=lambda f: self._noise(name, f), default=None)
        return self._picked[name, constraints]

    def _fits(self, fact: Fact | None, constraints: Iterable[tuple[Test, bool]]) -> bool:
        found = ((answer(test, fact, self.now), want) for test, want in constraints)
        return all(is_ is want or (is_ is None and self.unknown_will_do) for is_, want in found)

    def _noise(self, name: str, fact: Fact) -> int:
        """How much the rules that look at this fact would ask."""
        facts = Facts({**self.facts.known, name: fact})
        findings = evaluate(self.rules[name], facts, now=self.now)
        return sum(10 ** (len(Outcome) - f.outcome.rank) for f in findings if f.fired)

    def candidates(self, spec: FactSpec) -> list[Fact]:
        """Values worth trying: each side of every number compared with, now and, where age counts, too old."""
        tests = self.tests.get(spec.name, [])
        ages = sorted({t.value for t in tests if t.word in AGES and isinstance(t.value, Decimal)})
        days = [self.now, *(self.now - timedelta(days=float(age) + 1) for age in ages)]
        if spec.type == "date":
            return [Fact(day.date(), "", self.now, "supplied") for day in days]
        return [Fact(value, spec.unit, day, "supplied") for day in days for value in _values(spec, tests)]

    def needed(self, spec: FactSpec, chosen: Fact, good: Callable[[Fact], bool]) -> str:
        """In words, the values of this fact under which the decision stays mild, all else as chosen."""
        tests = self.tests[spec.name]
        recent = [t.value for t in tests if t.word == "within_days" and isinstance(t.value, Decimal)]
        age = f"of the last {plain(min(recent))} days" if recent and not good(self._older(chosen, min(recent))) else ""
        if spec.type == "date":
            return age or shown(chosen.value)
        values = _values(spec, tests)
        fits = [value for value in values if good(Fact(value, spec.unit, chosen.at, "supplied"))]
        if len(fits) == len(values):
            said = "known"
        elif spec.type == "number":
            said = _range(spec, tests, [v for v in values if v not in fits], chosen.value)
        elif spec.type == "codes" and () in fits:
            said = f"without {', '.join(shown(value) for value in values if value not in fits)}"
        else:
            said = " or ".join(shown(value) for value in fits)
        return f"{said}, {age}" if age else said

    def _older(self, fact: Fact, days: Decimal) -> Fact:
        then = self.now - timedelta(days=float(days) + 1)
        return replace(fact, value=then.date()) if isinstance(fact.value, date) else replace(fact, at=then)


def _values(spec: FactSpec, tests: Sequence[Test]) -> list[Value]:
    """The values that can make a difference to the comparisons of one fact."""
    if spec.type == "bool":
        return [False, True]
    if spec.type == "choice":
        return list(spec.values)
    if spec.type == "number":
        limits = _limits(tests) or {Decimal(0)}
        around = {limit + step for limit in limits for step in (-_STEP, Decimal(0), _STEP)}
        return sorted(value for value in around if value >= 0)
    if spec.type == "codes":
        return [(), *((code,) for t in tests if isinstance(t.value, tuple) for code in t.value)]
    named = {text for t in tests for text in (t.value if isinstance(t.value, tuple) else (t.value,))}
    return ["recorded", *sorted(str(text) for text in named)]


def _limits(tests: Sequence[Test]) -> set[Decimal]:
    return {t.value for t in tests if t.word in (*NUMERIC, "is") and isinstance(t.value, Decimal)}


def _range(spec: FactSpec, tests: Sequence[Test], bad: Sequence[Value], chosen: Any) -> str:
    """The limits next to the chosen number: "below 160 mmHg", "at least 4 and at most 7"."""
    limits, unit = _limits(tests), unit_words(spec.unit)
    numbers = [v for v in bad if isinstance(v, Decimal)]
    below = max((v for v in numbers if v < chosen), default=None)
    above = min((v for v in numbers if v > chosen), default=None)
    said = []
    if below is not None:
        said.append(f"above {plain(below)}" if below in limits else f"at least {plain(below + _STEP)}")
    if above is not None:
        said.append(f"below {plain(above)}" if above in limits else f"at most {plain(above - _STEP)}")
    return f"{' and '.join(said)} {unit}".strip()
