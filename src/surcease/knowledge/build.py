"""From a rule's YAML document to a :class:`Rule`. Whatever is wrong is refused by the file's and the key's name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, NoReturn

from surcease.knowledge.facts import OWNERS, FactSpec
from surcease.knowledge.finding import Outcome, Source
from surcease.knowledge.rule import (
    AGES,
    KINDS,
    NUMERIC,
    STAGES,
    WORDS,
    All,
    AnyOf,
    Condition,
    Not,
    Rule,
    Test,
    leaves,
)  # fmt: skip
from surcease.knowledge.yaml import KnowledgeError

REQUIRED = ("id", "version", "effective", "kind", "stage", "title", "outcome", "say", "do", "source", "grade")
OPTIONAL = (
    "expires", "applies", "when", "owner", "covers", "site_configurable", "threshold", "signed_outcome", "persons",
    "basis", "note",
)  # fmt: skip
ID = re.compile(r"[A-Z]{2,4}-[A-Z0-9]+[a-z]?")
PLACEHOLDER = re.compile(r"\{([a-z0-9_]+)\}")
#: kinds of source that a STOP may stand on
STOP_SOURCES = ("label", "guideline", "standard")
GRADES_WITHOUT_SOURCE = {"assumption": "surcease_assumption", "site_default": "surcease_default"}


@dataclass(frozen=True, slots=True)
class _Reader:
    """What reading one document needs: its name for messages and the dictionaries it may refer to."""

    name: str
    specs: Mapping[str, FactSpec]
    sources: Mapping[str, Mapping[str, Any]]

    def refuse(self, key: str, problem: str) -> NoReturn:
        raise KnowledgeError(f"{self.name}: {key}: {problem}")

    def spec(self, key: str, name: Any) -> FactSpec:
        if name not in self.specs:
            self.refuse(key, f"the fact {name!r} is not in facts.yaml: add it there, or correct the name.")
        return self.specs[name]

    def condition(self, raw: Any, key: str, threshold: str = "") -> Condition:
        if not isinstance(raw, Mapping) or not raw:
            self.refuse(key, "a condition is a mapping with all, any, not or fact.")
        if len(raw) == 1 and (word := next(iter(raw))) in ("all", "any", "not"):
            inner = raw[word]
            if word == "not":
                return Not(self.condition(inner, f"{key}.not", threshold))
            if not isinstance(inner, list) or (word == "any" and not inner):
                self.refuse(f"{key}.{word}", "needs a list of conditions.")
            parts = tuple(self.condition(part, f"{key}.{word}[{i}]", threshold) for i, part in enumerate(inner))
            return All(parts) if word == "all" else AnyOf(parts)
        return self.test(raw, key, threshold)

    def test(self, raw: Mapping[str, Any], key: str, threshold: str) -> Test:
        words = [word for word in raw if word not in ("fact", "threshold")]
        if "fact" not in raw or len(words) != 1 or words[0] not in WORDS:
            unknown = next((w for w in words if w not in WORDS), None)
            what = f"the word {unknown!r} is not known" if unknown else "one fact and one comparison are needed"
            self.refuse(key, f"{what}: write all, any, not, or fact with one of {', '.join(WORDS)}.")
        spec, word = self.spec(key, raw["fact"]), words[0]
        own = raw.get("threshold") or (threshold if word in (*NUMERIC, *AGES) else "")
        return Test(spec, word, self.value(spec, word, raw[word], f"{key}.{word}"), own)

    def value(self, spec: FactSpec, word: str, raw: Any, key: str) -> bool | Decimal | str | tuple[str, ...]:
        """The value compared with, in the type the fact and the word allow."""
        if word in (*NUMERIC, *AGES):
            if not isinstance(raw, Decimal) or (word in NUMERIC and spec.type != "number"):
                self.refuse(key, f"compares a number; {spec.name} is a {spec.type} and the value is {raw!r}.")
            return raw
        if word == "is":
            fits = {"bool": isinstance(raw, bool), "number": isinstance(raw, Decimal), "text": isinstance(raw, str)}
            if not fits.get(spec.type, spec.type == "choice" and str(raw) in spec.values):
                self.refuse(key, f"{raw!r} is not a value of {spec.name} ({spec.type} {', '.join(spec.values)}).")
            return raw if isinstance(raw, bool | Decimal) and spec.type != "choice" else str(raw)
        if not isinstance(raw, list) or not raw:
            self.refuse(key, "needs a list.")
        items = tuple(str(item) for item in raw)
        if word == "has_code" and spec.type != "codes":
            self.refuse(key, f"{spec.name} is a {spec.type}, not a list of codes.")
        if word == "in" and (spec.type not in ("choice", "text") or (spec.values and set(items) - set(spec.values))):
            self.refuse(key, f"{raw!r} are not values of {spec.name} ({spec.type} {', '.join(spec.values)}).")
        return items

    def day(self, raw: Any, key: str) -> date:
        try:
            return date.fromisoformat(raw)
        except (TypeError, ValueError):
            self.refuse(key, f"{raw!r} is not a date: write 2026-01-31.")

    def source(self, raw: Any, grade: Any) -> Source:
        if raw not in self.sources:
            self.refuse("source", f"{raw!r} is not a key of sources.yaml: add it there with title, ref and kind.")
        expected = GRADES_WITHOUT_SOURCE.get(grade)
        if grade == "assumption" and raw != expected:
            self.refuse("source", f"an assumption cites nothing: write {expected}.")
        return Source(raw, self.sources[raw]["title"], self.sources[raw].get("ref", ""))

    def words(self, raw: Any, key: str) -> str:
        if not isinstance(raw, Mapping) or not isinstance(raw.get("en"), str) or not raw["en"].strip():
            self.refuse(key, "needs its sentence under en.")
        return str(raw["en"]).strip()

    def one_of(self, raw: Any, allowed: tuple[str, ...], key: str) -> str:
        if raw not in allowed:
            self.refuse(key, f"{raw!r} is not one of {', '.join(allowed)}.")
        return str(raw)


def rule(
    raw: Mapping[str, Any], *, name: str, topic: str,
    specs: Mapping[str, FactSpec], sources: Mapping[str, Mapping[str, Any]],
) -> Rule:  # fmt: skip
    """Build one rule; KnowledgeError names the file and the key that is wrong."""
    read = _Reader(name, specs, sources)
    if not isinstance(raw, Mapping):
        read.refuse("document", "a rule is one mapping.")
    for key in REQUIRED:
        if raw.get(key) in (None, ""):
            read.refuse(key, "is missing: every rule needs it.")
    if extra := set(raw) - {*REQUIRED, *OPTIONAL}:
        read.refuse(min(extra), f"this key is not known: use {', '.join((*REQUIRED, *OPTIONAL))}.")
    if not ID.fullmatch(str(raw["id"])) or name.split("/")[-1] != f"{raw['id']}.yaml":
        read.refuse("id", f"{raw['id']!r} must look like CIN-CV1 or DAY-01a and be the file's name.")
    kind = read.one_of(raw["kind"], KINDS, "kind")
    if kind == "rule" and "when" not in raw:
        read.refuse("when", "is missing: a rule of kind rule needs it.")
    threshold = raw.get("threshold", "")
    stages = raw["stage"] if isinstance(raw["stage"], list) else [raw["stage"]]
    outcomes = tuple(o.value for o in Outcome)
    result = Rule(
        id=raw["id"], version=int(raw["version"]), effective=read.day(raw["effective"], "effective"), kind=kind,
        topic=topic, stages=tuple(read.one_of(stage, STAGES, "stage") for stage in stages),
        title=read.words(raw["title"], "title"),
        when=read.condition(raw["when"], "when", threshold) if "when" in raw else All(),
        outcome=Outcome(read.one_of(raw["outcome"], outcomes, "outcome")),
        say=read.words(raw["say"], "say"), do=read.words(raw["do"], "do"),
        source=read.source(raw["source"], raw["grade"]), grade=str(raw["grade"]),
        applies=read.condition(raw["applies"], "applies") if "applies" in raw else None,
        expires=read.day(raw["expires"], "expires") if "expires" in raw else None,
        owner=read.one_of(raw["owner"], OWNERS, "owner") if "owner" in raw else "",
        covers=tuple(raw.get("covers", ())), site_configurable=bool(raw.get("site_configurable", False)),
        signed_outcome=Outcome(read.one_of(raw["signed_outcome"], outcomes, "signed_outcome"))
        if "signed_outcome" in raw else None,
        persons=int(raw.get("persons", 1)), basis=str(raw.get("basis", "")), note=str(raw.get("note", "")),
    )  # fmt: skip
    _check(read, result, threshold)
    return _with_placeholders(read, result)


def _check(read: _Reader, rule: Rule, threshold: str) -> None:
    """What the keys must agree on with each other."""
    numbers: dict[str, set[object]] = {}
    for leaf in leaves(rule.when):
        if leaf.threshold:
            numbers.setdefault(leaf.threshold, set()).add(leaf.value)
    if threshold and threshold not in numbers:
        read.refuse("threshold", f"{threshold!r} names no number: `when` compares none.")
    for name, values in numbers.items():
        if len(values) > 1:
            read.refuse("threshold", f"{name!r} names {len(values)} different numbers: name each at its leaf.")
    if rule.site_configurable != bool(rule.thresholds):
        read.refuse("site_configurable", "goes together with a named threshold: give both, or neither.")
    if rule.signed_outcome and rule.signed_outcome.rank >= rule.outcome.rank:
        read.refuse("signed_outcome", "must be stricter than outcome.")
    if rule.outcome is Outcome.STOP and rule.basis != "contradiction":
        kind = read.sources[rule.source.key]["kind"]
        if kind not in STOP_SOURCES:
            read.refuse(
                "outcome",
                f"a STOP stands on a {', '.join(STOP_SOURCES)}, not on a {kind}: write REVIEW with persons: 2 and "
                "signed_outcome: STOP, or basis: contradiction where the order contradicts itself.",
            )


def _with_placeholders(read: _Reader, rule: Rule) -> Rule:
    names = {n for text in (rule.say, rule.do) for n in PLACEHOLDER.findall(text)} - set(rule.thresholds)
    return replace(rule, placeholders={name: read.spec("say", name) for name in sorted(names)}) if names else rule
