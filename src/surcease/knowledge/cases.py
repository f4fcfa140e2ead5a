"""A rule's cases: worked examples beside it, run by the tests and printed on its page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from surcease.knowledge.build import ID
from surcease.knowledge.evaluation import evaluate
from surcease.knowledge.facts import read
from surcease.knowledge.finding import Finding
from surcease.knowledge.library import ROOT, Knowledge
from surcease.knowledge.rule import AGES, NUMERIC, Rule
from surcease.knowledge.site import SiteLimit
from surcease.knowledge.yaml import KnowledgeError, load

NOW = datetime(2026, 6, 15, 9, 0, tzinfo=UTC)
KINDS = ("fires", "does_not_fire", "boundary", "unknown", "not_applicable", "shown")
_EXPECT = {"fired", "outcome", "applies", "missing"}
_KEYS = {"name", "kind", "facts", "expect", "now", "signed", "limits"}


@dataclass(frozen=True, slots=True)
class Case:
    """One example. ``signed`` runs it with the site's signature under the rule; ``limits`` with other numbers."""

    rule: str
    name: str
    kind: str
    facts: Mapping[str, Any]
    expect: Mapping[str, Any]
    now: datetime = NOW
    signed: bool = False
    limits: Mapping[str, Any] | None = None

    def run(self, knowledge: Knowledge) -> Finding:
        """The finding of this case's rule on this case's facts."""
        facts = read(self.facts, knowledge.facts, now=self.now, source="case")
        records = [SiteLimit(self.rule, "clinic lead", self.now, "example")] if self.signed else []
        records += [
            SiteLimit(self.rule, "clinic lead", self.now, "example", threshold=name, value=value)
            for name, value in (self.limits or {}).items()
        ]
        return evaluate([knowledge.rule(self.rule)], facts, now=self.now, overrides=records)[0]

    def differences(self, knowledge: Knowledge) -> list[str]:
        """What came out otherwise than expected, as sentences; empty when all is as expected."""
        finding = self.run(knowledge)
        got: dict[str, Any] = {"fired": finding.fired, "outcome": finding.outcome.value, "applies": finding.applies}
        got["missing"] = sorted(finding.missing)
        wanted = dict(self.expect)
        if "missing" in wanted:
            wanted["missing"] = sorted(wanted["missing"])
        return [f"{k}: expected {v!r}, got {got[k]!r}" for k, v in wanted.items() if got[k] != v]


def cases_of(rule: Rule, root: Path = ROOT) -> tuple[Case, ...]:
    """The cases beside a rule; KnowledgeError names the file and the case that is wrong."""
    path = root / "rules" / rule.topic / f"{rule.id}.cases.yaml"
    if not path.exists():
        return ()
    raw = load(path)
    if not isinstance(raw, list):
        raise KnowledgeError(f"{path.name}: cases are one list.")
    return tuple(_case(rule.id, item, path.name) for item in raw)


def _case(rule_id: str, raw: Any, name: str) -> Case:
    if not isinstance(raw, Mapping) or not raw.get("name") or raw.get("kind") not in KINDS:
        raise KnowledgeError(f"{name}: a case needs a name and a kind of {', '.join(KINDS)}; found {raw!r}.")
    expect = raw.get("expect", {})
    if (extra := set(raw) - _KEYS) or (extra := set(expect) - _EXPECT) or "fired" not in expect:
        what = f"the key {min(extra)!r} is not known" if extra else "expect needs fired"
        raise KnowledgeError(f"{name}: {raw['name']}: {what}.")
    now = datetime.fromisoformat(raw["now"]) if "now" in raw else NOW
    return Case(
        rule_id, raw["name"], raw["kind"], raw.get("facts") or {}, expect, now, bool(raw.get("signed")),
        raw.get("limits"),
    )  # fmt: skip


def kinds_needed(rule: Rule) -> frozenset[str]:
    """Which kinds of case a rule must have beside it."""
    if rule.kind != "rule":
        return frozenset({"shown"})
    needed = {"fires", "does_not_fire", "unknown"}
    if any(test.word in (*NUMERIC, *AGES) for test in rule.looks_at):
        needed.add("boundary")
    if rule.applies:
        needed.add("not_applicable")
    return frozenset(needed)


def problems(knowledge: Knowledge, root: Path = ROOT) -> Iterator[str]:
    """What is wrong with the cases of all rules, one sentence each."""
    for rule in knowledge.rules:
        try:
            cases = cases_of(rule, root)
        except KnowledgeError as error:
            yield str(error)
            continue
        if lacking := kinds_needed(rule) - {case.kind for case in cases}:
            yield f"rules/{rule.topic}/{rule.id}.cases.yaml: the kind {', '.join(sorted(lacking))} has no case."
        edges = {case.expect["fired"] for case in cases if case.kind == "boundary"}
        if edges and not {True, False} <= edges:
            yield f"rules/{rule.topic}/{rule.id}.cases.yaml: boundary cases must stand on both sides of the edge."
    known = {rule.id for rule in knowledge.rules}
    for path in sorted((root / "rules").rglob("*.cases.yaml")):
        owner = path.name.removesuffix(".cases.yaml")
        if not ID.fullmatch(owner) or owner not in known:
            yield f"{path.relative_to(root)}: there is no rule {owner!r} beside these cases."
