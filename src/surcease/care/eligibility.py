"""Intake decides: every rule of the stage on one person, what stops, what to settle, what is missing and from whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from surcease.care.computed import complete, with_substance_risk
from surcease.care.override import Override
from surcease.knowledge.evaluation import evaluate
from surcease.knowledge.fact import Fact, Facts
from surcease.knowledge.facts import OWNERS, FactSpec
from surcease.knowledge.finding import Finding, Outcome
from surcease.knowledge.library import Knowledge
from surcease.knowledge.site import SiteLimit

BLOCK = "contraindications"
_NAMED_AT_MOST = 8  # more than these are counted, not named, in the first line


@dataclass(frozen=True, slots=True)
class Missing:
    """One fact that is not known: what to ask, of whom, why it counts as unknown and which rules wait for it."""

    name: str
    label: str
    question: str
    owner: str
    because: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Eligibility:
    """The decision and everything it stands on. ``outcome`` None: nothing fired at all."""

    outcome: Outcome | None
    findings: tuple[Finding, ...]
    missing: tuple[Missing, ...]
    overrides: tuple[Override, ...]
    facts: Facts
    at: datetime
    knowledge: str
    site: tuple[SiteLimit, ...] = ()
    stage: str = "intake"

    @property
    def standing(self) -> tuple[Finding, ...]:
        """The findings that weigh: they fired or are unknown, nothing covers them and nobody set them aside."""
        return tuple(f for f in self.findings if f.counts and not any(o.holds(f) for o in self.overrides))

    @property
    def stops(self) -> tuple[Finding, ...]:
        """What forbids treatment."""
        return tuple(f for f in self.standing if f.outcome is Outcome.STOP)

    @property
    def to_settle(self) -> tuple[Finding, ...]:
        """What a person must act on: a DEFER or a REVIEW that fired."""
        return tuple(f for f in self.standing if f.fired and f.outcome in (Outcome.DEFER, Outcome.REVIEW))

    @property
    def headline(self) -> str:
        """The first line: how many STOP, how much to settle, what is missing by owner."""
        line = f"{len(self.stops)} STOP, {len(self.to_settle)} to settle, {len(self.missing)} missing"
        if not self.missing:
            return line
        few = len(self.missing) <= _NAMED_AT_MOST
        groups = [(owner.replace("_", " "), group) for owner, group in by_owner(self.missing).items()]
        if few:
            said = "; ".join(f"{owner}: {', '.join(m.label for m in group)}" for owner, group in groups)
        else:
            said = ", ".join(f"{owner} {len(group)}" for owner, group in groups)
        return f"{line} ({said})"


def assess(
    facts: Facts, knowledge: Knowledge, *, now: datetime,
    site: Sequence[SiteLimit] = (), overrides: Sequence[Override] = (), stage: str = "intake",
) -> Eligibility:  # fmt: skip
    """Evaluate every rule of ``stage`` and decide. The decision is the worst outcome of what stands."""
    whole = with_substance_risk(complete(facts, now=now), knowledge, now=now)
    findings = evaluate(knowledge.rules, whole, now=now, overrides=site, stage=stage)
    held = tuple(o for o in overrides if any(o.holds(f) for f in findings))
    result = Eligibility(
        None, findings, missing_of(findings, knowledge.facts), held, whole, now, knowledge.hash, tuple(site), stage
    )
    outcome = min((f.outcome for f in result.standing), key=lambda o: o.rank, default=None)
    return Eligibility(
        outcome, findings, result.missing, held, whole, now, knowledge.hash, tuple(site), stage
    )  # fmt: skip


def missing_of(findings: Iterable[Finding], specs: Mapping[str, FactSpec]) -> tuple[Missing, ...]:
    """Every fact that a finding waits for, once, ordered by owner."""
    waiting: dict[str, list[str]] = {}
    because: dict[str, str] = {}
    for finding in findings:
        if finding.counts and finding.fired is None:
            for name, why in finding.unknown_because:
                waiting.setdefault(name, []).append(finding.id)
                because[name] = why
    found = [
        Missing(n, specs[n].words, specs[n].question, specs[n].asked_of, because[n], tuple(rules))
        for n, rules in waiting.items()
    ]
    return tuple(sorted(found, key=lambda m: (OWNERS.index(m.owner), m.name)))


def by_owner(missing: Iterable[Missing]) -> dict[str, tuple[Missing, ...]]:
    """What is missing, grouped by who settles it."""
    groups: dict[str, list[Missing]] = {}
    for one in missing:
        groups.setdefault(one.owner, []).append(one)
    return {owner: tuple(items) for owner, items in groups.items()}


def block_questions(specs: Mapping[str, FactSpec]) -> tuple[FactSpec, ...]:
    """The contraindications of the block "asked: none of these", each by name."""
    return tuple(spec for spec in specs.values() if spec.block == BLOCK)


def asked_none_of_these(
    facts: Facts, specs: Mapping[str, FactSpec], *, by: str, at: datetime, except_: Iterable[str] = ()
) -> tuple[Facts, tuple[str, ...]]:
    """Record a No with author and time for every contraindication of the block, a Yes for those in ``except_``.

    Where the record already says yes, the block's No does not overwrite it: the names are returned, to be answered
    one by one. Raises ValueError for a name that the block does not have.
    """
    names = {spec.name for spec in block_questions(specs)}
    if unknown := set(except_) - names:
        raise ValueError(f"{min(unknown)!r} is not asked in this block: it asks {', '.join(sorted(names))}.")
    yes = set(except_)
    against = tuple(sorted(n for n in names - yes if facts.value(n) is True))
    said = {n: Fact(n in yes, at=at, source=f"asked by {by}") for n in sorted(names - set(against))}
    return Facts({**facts.known, **said}), against
