"""Marks on confirmed values: amber, red or technical, with the rule's action and when to look again.

A charting aid, silent: the bedside monitor stays primary. :func:`marks` folds what was seen in time order; nothing
seen later changes what was marked at an earlier minute. Two parameters that are amber together are red. A mark ends
when its own parameter is read again and is within limits; acknowledging never ends it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from surcease.care.event import Reading, Symptom
from surcease.care.mark_facts import IF_CONFIRMED, Background, PumpCheck, Rate, Seen, facts_at
from surcease.care.session_limits import LEVELS, SessionLimits, Watch
from surcease.knowledge.evaluation import evaluate, truths
from surcease.knowledge.fact import Fact, Facts, Value
from surcease.knowledge.rule import Rule

__all__ = ["Background", "Mark", "Marking", "PumpCheck", "Rate", "Repeat", "Seen", "mark", "marks"]

RANK = {"red": 0, "amber": 1, "technical": 2}


@dataclass(frozen=True, slots=True)
class Mark:
    """One stretch of time over a limit. ``seen_at`` is the last reading that was over it, ``ended`` the one that was
    not; ``still`` says that a recheck found it unchanged."""

    rule: str
    parameter: str
    level: str  # red | amber | technical
    since: datetime
    seen_at: datetime
    recheck_due: datetime
    say: str
    action: str
    card: str = ""
    still: bool = False
    ended: datetime | None = None

    @property
    def open(self) -> bool:
        """Whether it stands now."""
        return self.ended is None


@dataclass(frozen=True, slots=True)
class Repeat:
    """A first reading over a limit that counts only when a second one confirms it: take it from ``after`` on."""

    rule: str
    parameter: str
    seen_at: datetime
    after: datetime
    by: datetime


@dataclass(frozen=True, slots=True)
class Marking:
    """All marks until the last thing seen. ``open`` has the worst one of each parameter, worst first."""

    all: tuple[Mark, ...] = ()
    repeats: tuple[Repeat, ...] = ()
    normal_since: datetime | None = None  # since when nothing that counts, or red, is open; None while it is
    seen: tuple[Seen, ...] = field(default=(), repr=False)

    @property
    def open(self) -> tuple[Mark, ...]:
        """The marks that stand now: per parameter the worst, red before amber, older before newer."""
        worst: dict[str, Mark] = {}
        for item in sorted((m for m in self.all if m.open), key=lambda m: (RANK[m.level], m.since)):
            worst.setdefault(item.parameter, item)
        return tuple(worst.values())

    @property
    def red(self) -> bool:
        """Whether any red mark stands."""
        return any(m.open and m.level == "red" for m in self.all)

    @property
    def closed_session(self) -> bool:
        """Whether an emergency closed the session: the drug stays off."""
        return any(m.parameter == "emergency" for m in self.all)


def marks(
    seen: Iterable[Seen], *, limits: SessionLimits, background: Background, until: datetime | None = None
) -> Marking:
    """The marks at ``until`` (or at the end), from confirmed things in any order; later ones are not looked at."""
    state = Marking()
    for item in sorted(seen, key=lambda s: s.at):
        if until is None or item.at <= until:
            state = mark(state, item, limits=limits, background=background)
    return state


def mark(state: Marking, item: Seen, *, limits: SessionLimits, background: Background) -> Marking:
    """The marks after one more thing, which is not earlier than the last."""
    if state.seen and item.at < state.seen[-1].at:
        raise ValueError(f"Seen at {item.at.isoformat()} after a later one: sort by time, or fold again with marks().")
    seen = (*state.seen, item)
    facts = facts_at(seen, background, limits)
    pen = _Pen(item, limits, {m.rule: m for m in state.all if m.open}, facts)
    pen.rules()
    pen.joint()
    done = [m for m in state.all if not m.open]
    every = sorted([*done, *pen.ended, *pen.open.values()], key=lambda m: (m.since, m.rule))
    loud = any(keeps_from_normal(m, limits) for m in pen.open.values())
    return Marking(tuple(every), pen.repeats(), None if loud else state.normal_since or item.at, seen)


def keeps_from_normal(item: Mark, limits: SessionLimits) -> bool:
    """Whether a mark keeps the values from being normal: any red one, and amber ones of the parameters that count."""
    watch = limits.watches.get(item.rule[:-1])
    return item.level == "red" or (item.level == "amber" and watch is not None and watch.counts)


class _Pen:
    """Writes the marks of one moment: opens, confirms, ends."""

    def __init__(self, item: Seen, limits: SessionLimits, open_: dict[str, Mark], facts: dict[str, Value]) -> None:
        self.item, self.limits, self.open, self.ended = item, limits, open_, list[Mark]()
        self.numbers = limits.numbers(item.at)
        self.facts = facts
        probe = {n: facts[now] for n, now in IF_CONFIRMED.items() if now in facts}
        self.if_confirmed = self._truths(limits.rules, {**facts, **probe})
        self.facts["breathing_seen_normal"] = all(
            self.if_confirmed[rule] is False for rule in limits.document["technical_needs_normal"]
        )
        self.truth = self._truths(limits.rules, self.facts)

    def _truths(self, rules: Iterable[Rule], facts: Mapping[str, Value]) -> dict[str, bool | None]:
        known = Facts({name: Fact(value) for name, value in facts.items()})
        return truths(rules, known, now=self.item.at, limits=self.numbers)

    def rules(self) -> None:
        """Open or keep what holds; end what was read again and does not."""
        for rule in self.limits.rules:
            watch = self.limits.watch(rule.id)
            own, touched = _carries(self.item, watch)
            if self.truth[rule.id] and (own or touched or watch.counts):
                self._hold(rule, watch.parameter, watch.card, again=own or touched)
            elif own or (touched and self.truth[rule.id] is False):
                self._end(rule.id)

    def joint(self) -> None:
        """What is red because two are amber, or because of what comes together."""
        together, emergency = self.limits.together, self.limits.emergency
        now = {w.parameter for r, w in self._counted() if self.truth[r]}
        standing = {w.parameter for r, w in self._counted() if r in self.open}
        self.facts["ambers_together"] = Decimal(len(standing if together.id in self.open else now & standing))
        names = self.limits.document["emergency"]
        self.facts["bp_red_now"] = any(r in self.open for r in names["pressure"])
        self.facts["sedation_red_now"] = any(r in self.open for r in names["sedation"])
        truth = self._truths((together, emergency), self.facts)
        if truth[together.id]:
            self._hold(together, "together", "", again=any(_carries(self.item, w)[0] for _, w in self._counted()))
        else:
            self._end(together.id)
        if truth[emergency.id]:
            self._hold(emergency, "emergency", "", again=False)

    def repeats(self) -> tuple[Repeat, ...]:
        """First readings that wait for a second one."""
        found = []
        for rule in self.limits.rules:
            watch = self.limits.watch(rule.id)
            if watch.repeat_after and self.if_confirmed[rule.id] and not self.truth[rule.id]:
                by = self.item.at + self.limits.times["recheck_min"]
                found.append(Repeat(rule.id, watch.parameter, self.item.at, self.item.at + watch.repeat_after, by))
        return tuple(found)

    def _counted(self) -> list[tuple[str, Watch]]:
        """The rules whose amber or red counts towards two together."""
        watched = ((r.id, self.limits.watch(r.id)) for r in self.limits.rules if LEVELS[r.outcome] != "technical")
        return [(rule, watch) for rule, watch in watched if watch.counts]

    def _hold(self, rule: Rule, parameter: str, card: str, *, again: bool) -> None:
        due = self.item.at + self.limits.times["recheck_min"]
        known = self.open.get(rule.id)
        if known is None:
            level = LEVELS[rule.outcome]
            say, action = self._words(rule)
            self.open[rule.id] = Mark(rule.id, parameter, level, self.item.at, self.item.at, due, say, action, card)
        elif again:
            say, action = self._words(rule)
            if known.level == "amber":
                action = str(self.limits.document["still_amber"]["en"])
            self.open[rule.id] = replace(
                known, seen_at=self.item.at, recheck_due=due, still=True, say=say, action=action
            )

    def _end(self, rule_id: str) -> None:
        known = self.open.pop(rule_id, None)
        if known is not None:
            self.ended.append(replace(known, ended=self.item.at))

    def _words(self, rule: Rule) -> tuple[str, str]:
        known = Facts({name: Fact(_rounded(value)) for name, value in self.facts.items()})
        finding = evaluate([rule], known, now=self.item.at, overrides=self.limits.signed)[0]
        return finding.say, finding.do


def _carries(item: Seen, watch: Watch) -> tuple[bool, bool]:
    """Whether the item reads the watch's own fields (or the pump), and whether it charts one of its symptoms."""
    what = item.what
    if isinstance(what, Reading):
        read = {f for f in watch.fields if getattr(what, f) is not None and f not in what.artefact}
        return bool(read or watch.fields & set(what.lost)), False
    if isinstance(what, Symptom):
        return False, what.name in watch.symptoms
    return watch.pump and isinstance(what, PumpCheck), False


def _rounded(value: Value) -> Value:
    """Three decimals at most, for words."""
    if isinstance(value, Decimal) and value != round(value, 3):
        return round(value, 3)
    return value


def overdue(state: Marking, at: datetime) -> tuple[Mark, ...]:
    """Open marks whose recheck has not come in time at ``at``."""
    return tuple(m for m in state.open if at > m.recheck_due)
