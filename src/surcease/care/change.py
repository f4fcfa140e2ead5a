"""What would change this? The fewest facts after which the decision is milder.

Each finding at the worst outcome must stop weighing. The search goes by number of facts changed, smallest first: it
takes a set of comparisons with the answers they must give, finds values that give them, evaluates all rules again,
and where a rule still asks as much, branches into the ways in which that rule is quiet. The first set that holds is
therefore a smallest one; ``exact`` is False when the search was cut short.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count

from surcease.care.eligibility import Eligibility
from surcease.care.supply import Supply
from surcease.care.ways import Way, quiet
from surcease.knowledge.evaluation import evaluate, numbers_signed
from surcease.knowledge.fact import Fact
from surcease.knowledge.facts import shown
from surcease.knowledge.finding import Finding, Outcome
from surcease.knowledge.library import Knowledge
from surcease.knowledge.rule import Rule, with_numbers

_TRIES = 60


@dataclass(frozen=True, slots=True)
class Change:
    """One fact to supply or to change: what it is now, and what it would have to be."""

    name: str
    label: str
    owner: str
    now: str
    needed: str


@dataclass(frozen=True, slots=True)
class Flip:
    """The fewest changes after which the decision is milder, and what it then is; empty when nothing makes it so."""

    changes: tuple[Change, ...]
    then: str
    exact: bool


def what_would_change(result: Eligibility, knowledge: Knowledge) -> Flip:
    """The fewest facts that make the decision of ``result`` milder."""
    if result.outcome is None:
        return Flip((), "", True)
    search = _Search(result, knowledge)
    return search.exact(_TRIES) or search.greedy()


class _Search:
    """The rules and facts of one search; numbers that the site has signed stand in the rules."""

    def __init__(self, result: Eligibility, knowledge: Knowledge) -> None:
        self.result, self.knowledge = result, knowledge
        stage = (r for r in knowledge.rules if result.stage in r.stages)
        self.rules = {r.id: _signed(r, result) for r in stage}
        stop = result.outcome is Outcome.STOP
        self.supply = Supply(result.facts, tuple(self.rules.values()), result.at, unknown_will_do=stop)
        self.seen: set[Way] = set()

    def exact(self, tries: int) -> Flip | None:
        """By number of facts, fewest first; None when ``tries`` did not suffice."""
        queue: list[tuple[int, int, Way]] = [(0, 0, frozenset())]
        order = count(1)
        while queue and (tries := tries - 1) >= 0:
            way = heappop(queue)[2]
            values = self.supply.values(way) or {}
            offending = self.offending(values)
            if not offending:
                return self.flip(values, exact=True)
            for wider in self.branches(way, offending):
                heappush(queue, (len(self.supply.values(wider) or {}), next(order), wider))
        return None if queue else Flip((), "", True)

    def greedy(self) -> Flip:
        """Always the way that changes the fewest facts next: few facts, not proved to be the fewest."""
        way: Way = frozenset()
        self.seen.clear()
        while True:
            values = self.supply.values(way) or {}
            offending = self.offending(values)
            if not offending:
                return self.flip(values, exact=False)
            wider = self.branches(way, offending)
            if not wider:
                return Flip((), "", False)
            way = min(wider, key=lambda w: len(self.supply.values(w) or {}))

    def left(self, values: Mapping[str, Fact], about: str = "") -> list[Finding]:
        """The findings that weigh after the change; with ``about``, only of rules that this fact can reach."""
        rules = self.supply.reached(about) if about else self.rules.values()
        found = evaluate(rules, self.supply.after(values), now=self.result.at, overrides=self.result.site)
        return [f for f in found if f.counts and not any(o.holds(f) for o in self.result.overrides)]

    def offending(self, values: Mapping[str, Fact], about: str = "") -> list[str]:
        """The rules that still ask as much as the decision does now."""
        worst = self.result.outcome
        return [f.id for f in self.left(values, about) if worst is not None and f.outcome.rank <= worst.rank]

    def branches(self, way: Way, offending: list[str]) -> list[Way]:
        """Wider ways: every rule that can be quieted in one way only is, at once; else one rule's several ways."""
        wider = way
        several: list[Way] | None = None
        for rule_id in offending:
            options = [way | v for v in quiet(self.rules[rule_id]) if self.supply.values(way | v) is not None]
            if not options:
                return []
            if len(options) == 1:
                wider = wider | options[0]
            elif several is None or len(options) < len(several):
                several = options
        found = [wider] if wider != way else several or []
        fresh = [w for w in found if w not in self.seen and w != way]
        self.seen.update(fresh)
        return fresh

    def flip(self, values: Mapping[str, Fact], *, exact: bool) -> Flip:
        """The changes in words."""
        then = min((f.outcome for f in self.left(values)), key=lambda o: o.rank, default=None)
        changes = tuple(self._change(name, values) for name in sorted(values))
        return Flip(changes, str(then or ""), exact)

    def _change(self, name: str, values: Mapping[str, Fact]) -> Change:
        spec, held = self.knowledge.facts[name], self.result.facts.get(name)
        now = "not known" if held is None else shown(held.value, held.unit or spec.unit)
        needed = self.supply.needed(spec, values[name], lambda fact: not self.offending({**values, name: fact}, name))
        return Change(name, spec.words, spec.asked_of, now, needed)


def _signed(rule: Rule, result: Eligibility) -> Rule:
    signed = [s for s in result.site if s.rule == rule.id and s.holds(result.at)]
    return with_numbers(rule, numbers_signed(rule, signed, person=False))
