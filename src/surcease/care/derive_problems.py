"""The problem list: which facts its codes prove, which condition hurts, since when. A list never proves a No."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from surcease.care.derive_body import in_future, moment, source
from surcease.care.partial import bounds
from surcease.care.record import Allergy, Code, Condition, Measurement, Record
from surcease.knowledge import Knowledge
from surcease.knowledge.codes import has_any
from surcease.knowledge.fact import Fact

_STANDS = ("active", "unknown")


def problem_facts(record: Record, now: datetime, knowledge: Knowledge) -> dict[str, Fact]:
    """Bool facts that a code proves, the indication, the duration of pain, pregnancy, smoking, ketamine allergy."""
    rules = knowledge.documents["codes/problems.yaml"]
    problems = [c for c in record.conditions if c.verified is not False]
    known: dict[str, Fact] = {}
    for spec in knowledge.facts.values():
        if spec.type == "bool" and spec.codes:
            proof = _proof(spec.name, spec.codes, problems, rules)
            if proof:
                known[spec.name] = _true(proof)
    known |= _recent(problems, rules["recent"], now)
    known |= _past_misuse(problems, knowledge, rules)
    known |= pain(problems, rules, now)
    known |= _results(record, now, knowledge)
    known |= _allergies(record.allergies, rules["allergy_to_ketamine"])
    return known


def _held(codes: Iterable[Code], wanted: Iterable[str]) -> bool:
    return has_any([f"{c.system}|{c.code}" for c in codes], wanted)


def _proof(name: str, codes: Iterable[str], problems: list[Condition], rules: Mapping[str, Any]) -> Condition | None:
    """The newest problem that proves a fact: one that stands, or any for a fact about the whole life."""
    remission = rules["remission"]
    silent = remission["codes"] if name == remission["of"] else ()
    fitting = [
        c
        for c in problems
        if (c.status in _STANDS or name in rules["ever"]) and _held(c.codes, codes) and not _held(c.codes, silent)
    ]
    return max(fitting, key=lambda c: moment(_since(c)), default=None)


def _since(c: Condition) -> date | datetime | None:
    """When the problem was written down, else when it began."""
    return (c.origin.at if c.origin else None) or c.onset


def _true(c: Condition) -> Fact:
    return Fact(True, at=_since(c), source=f"problem list: {c.text}")


def _recent(problems: list[Condition], recent: Mapping[str, Any], now: datetime) -> dict[str, Fact]:
    known = {}
    for name, entry in recent.items():
        since = now.date() - timedelta(days=int(entry["days"]))
        for c in problems:
            if c.onset is not None and bounds(c.onset)[1] >= since and _held(c.codes, entry["codes"]):
                known[name] = _true(c)
    return known


def _past_misuse(problems: list[Condition], knowledge: Knowledge, rules: Mapping[str, Any]) -> dict[str, Fact]:
    """A disorder coded as in remission, or one that no longer stands."""
    remission = rules["remission"]
    active = knowledge.facts[remission["of"]].codes
    for c in problems:
        if _held(c.codes, remission["codes"]) or (c.status not in _STANDS and _held(c.codes, active)):
            return {remission["proves"]: _true(c)}
    return {}


def pain(problems: list[Condition], rules: Mapping[str, Any], now: datetime) -> dict[str, Fact]:
    """The one painful condition that stands, and the weeks since it began; several conditions are a question."""
    standing = [c for c in problems if c.status in _STANDS]
    named = {n: [c for c in standing if _held(c.codes, codes)] for n, codes in rules["indications"].items()}
    found = {n: cs for n, cs in named.items() if cs}
    hurting = [c for c in standing if _held(c.codes, rules["chronic_pain"])]
    known = {}
    if len(found) == 1:
        ((name, conditions),) = found.items()
        hurting += conditions
        known["indication"] = Fact(name, source=f"problem list: {conditions[0].text}")
    if len(found) > 1:
        return known
    begun = [bounds(c.onset)[1] for c in hurting if c.onset is not None and not in_future(c.onset, now)]
    if begun:
        days = (now.date() - min(begun)).days
        weeks = Decimal(max(days, 0)) / 7
        known["pain_weeks"] = Fact(weeks.quantize(Decimal("0.1")), "wk", now.date(), "problem list")
    return known


def _allergies(allergies: Iterable[Allergy], ketamine: Iterable[str]) -> dict[str, Fact]:
    """Ketamine on the list proves a hypersensitivity; "no known drug allergy" answers No, another allergy does not."""
    listed = list(allergies)
    if not listed:
        return {}
    known = {"allergy_list_done": Fact(True, source="allergy list")}
    proof = next((a for a in listed if _counts(a) and _held(a.codes, ketamine)), None)
    none = next((a for a in listed if a.none_known), None)
    answer = proof or none
    if answer is not None:
        at = answer.origin.at if answer.origin else None
        known["ketamine_hypersensitivity"] = Fact(proof is not None, at=at, source="allergy list")
    return known


def _counts(a: Allergy) -> bool:
    return a.status not in ("refuted", "inactive", "resolved") and not a.none_known


def _results(record: Record, now: datetime, knowledge: Knowledge) -> dict[str, Fact]:
    """Coded results that answer a question of ours: pregnancy, its tests, smoking. The newest answer holds."""
    words = knowledge.documents["codes/fhir.yaml"]["results"]
    past = [m for m in record.measurements if not in_future(m.at, now)]
    known = {}
    for fact, names, yes, no in _ASKED:
        answers = [(m, said) for m in past if m.name in names and (said := _says(m, (*yes, *no), words))]
        if answers:
            m, said = max(answers, key=lambda a: moment(a[0].at))
            known[fact] = Fact(said in yes, at=m.at, source=source(m))
    return known


_ASKED = (
    ("pregnant", ("pregnancy_status",), ("pregnant",), ("not_pregnant",)),
    ("hcg_positive", ("hcg_urine", "hcg_serum"), ("positive",), ("negative",)),
    ("smoker", ("smoking",), ("smoker_current",), ("smoker_former", "smoker_never")),
)


def _says(m: Measurement, answers: Iterable[str], words: Mapping[str, Any]) -> str | None:
    """Which of our answers a coded result gives, None for none."""
    held = {c.code for c in m.result}
    return next((a for a in answers if held & {str(c) for codes in words[a].values() for c in codes}), None)
