"""Every rule on one set of facts: Kleene's three values, what was used, what is missing. Pure; no rule is skipped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from surcease.knowledge import codes
from surcease.knowledge.fact import Fact, Facts, Value
from surcease.knowledge.facts import FactSpec, shown
from surcease.knowledge.finding import Finding, Outcome
from surcease.knowledge.rule import AGES, AnyOf, Condition, Not, Rule, Test, with_numbers
from surcease.knowledge.site import SiteLimit
from surcease.units import Quantity, UnitError, plain, say_unit

__all__ = ["answer", "evaluate", "numbers_signed", "reading", "truths"]

_CLOCK_SLACK_DAYS = 1  # a date may be "tomorrow" in another time zone, not later


def evaluate(
    rules: Iterable[Rule], facts: Facts, *, now: datetime, overrides: Sequence[SiteLimit] = (), stage: str = ""
) -> tuple[Finding, ...]:
    """Evaluate every rule (of ``stage``, when one is given) and return one finding each, in the order of the rules.

    ``overrides`` are the numbers and outcomes a site or, for this person, a physician has signed. Nothing is skipped:
    a rule that does not apply, is covered or has expired is a finding that says so.
    """
    scene = _Scene(facts, now)
    signed: dict[str, list[SiteLimit]] = {}
    for limit in overrides:
        if limit.holds(now):
            signed.setdefault(limit.rule, []).append(limit)
    chosen = [rule for rule in rules if not stage or stage in rule.stages]
    return _cover(chosen, [_finding(rule, scene, signed.get(rule.id, []), stage or rule.stage) for rule in chosen])


def truths(
    rules: Iterable[Rule], facts: Facts, *, now: datetime, limits: Mapping[str, Mapping[str, Decimal]]
) -> dict[str, bool | None]:
    """Whether each rule holds, by its id, without the words: True, False, or None when that is unknown. ``limits``
    are, by rule and threshold, the numbers in force instead of the rule's own."""
    scene = _Scene(facts, now)
    return {rule.id: _fires(with_numbers(rule, limits.get(rule.id, {})), scene)[1] for rule in rules}


@dataclass(slots=True)
class _Scene:
    """One person's facts at one moment; a fact is judged for age and unit once. ``why`` says of each fact that was
    missing why it counted as unknown."""

    facts: Facts
    now: datetime
    seen: dict[str, tuple[Value | None, str]] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)

    def read(self, spec: FactSpec) -> tuple[Value | None, str]:
        if spec.name not in self.seen:
            self.seen[spec.name] = reading(spec, self.facts.known.get(spec.name), self.now)
        return self.seen[spec.name]


def reading(spec: FactSpec, fact: Fact | None, now: datetime) -> tuple[Value | None, str]:
    """The usable value of a fact in its dictionary unit, or None and the reason why it counts as unknown."""
    if fact is None:
        return None, "not known"
    if spec.valid_days is not None:
        if fact.at is None:
            return None, f"has no date, and counts for {plain(spec.valid_days)} days only"
        age = age_days(fact.at, now)
        if age < -_CLOCK_SLACK_DAYS:
            return None, f"is dated in the future ({_day(fact.at)})"
        if age > spec.valid_days:
            return None, f"is older than {plain(spec.valid_days)} days ({_day(fact.at)})"
    if spec.type != "number":
        return fact.value, ""
    if isinstance(fact.value, bool) or not isinstance(fact.value, Decimal | int | float):
        return None, "is not a number"
    return _in_unit(spec, fact)


def _in_unit(spec: FactSpec, fact: Fact) -> tuple[Value | None, str]:
    value = Decimal(str(fact.value))
    if not fact.unit or fact.unit == spec.unit:
        return value, ""
    try:
        return Quantity.of(value, fact.unit).to(spec.unit).value, ""
    except UnitError:
        return None, f"is in {say_unit(fact.unit)}, needed in {say_unit(spec.unit) or 'plain numbers'}"


def age_days(then: date | datetime, now: datetime) -> Decimal:
    """Days from ``then`` to ``now``: whole days from a date, fractions from a moment; negative in the future."""
    if not isinstance(then, datetime):
        return Decimal((now.date() - then).days)
    if then.tzinfo is None:
        then = then.replace(tzinfo=now.tzinfo)
    return Decimal(str((now - then).total_seconds())) / 86400


def _day(moment: date | datetime) -> str:
    return (moment.date() if isinstance(moment, datetime) else moment).isoformat()


# --- three-valued logic: a result and, when it is unknown, the facts that would settle it -------------------------

Answer = tuple[bool | None, tuple[str, ...]]


def _holds(condition: Condition, scene: _Scene) -> Answer:
    """Whether a condition holds: True, False, or None with the names of the facts that are missing."""
    if isinstance(condition, Test):
        return _test(condition, scene)
    if isinstance(condition, Not):
        answer, missing = _holds(condition.part, scene)
        return (None if answer is None else not answer), missing
    return _join([_holds(part, scene) for part in condition.parts], decisive=isinstance(condition, AnyOf))


def _join(answers: list[Answer], *, decisive: bool) -> Answer:
    """Kleene's and (``decisive`` False) and or (True)."""
    if any(answer is decisive for answer, _ in answers):
        return decisive, ()
    missing = tuple(dict.fromkeys(name for answer, names in answers if answer is None for name in names))
    return (None, missing) if missing else (not decisive, ())


def answer(test: Test, fact: Fact | None, now: datetime) -> bool | None:
    """How one comparison comes out on one fact; None when it is unknown."""
    facts = Facts({} if fact is None else {test.fact.name: fact})
    return _test(test, _Scene(facts, now))[0]


def _test(test: Test, scene: _Scene) -> Answer:
    value, reason = scene.read(test.fact)
    if value is None:
        scene.why[test.fact.name] = reason
        return None, (test.fact.name,)
    if test.word in AGES:
        return _aged(test, value, scene)
    return _compare(test.word, value, test.value), ()


def _aged(test: Test, value: Any, scene: _Scene) -> Answer:
    """How long ago: a date fact by its value, any other by the time it was true."""
    then = value if isinstance(value, date) else scene.facts[test.fact.name].at
    age = None if then is None else age_days(then, scene.now)
    if age is None or age < -_CLOCK_SLACK_DAYS:
        scene.why[test.fact.name] = "has no date" if then is None else f"is dated in the future ({_day(then)})"
        return None, (test.fact.name,)
    limit: Any = test.value
    return (age <= limit if test.word == "within_days" else age > limit), ()


def _compare(word: str, value: Any, against: Any) -> bool:
    match word:
        case "above":
            return value > against
        case "at_least":
            return value >= against
        case "below":
            return value < against
        case "at_most":
            return value <= against
        case "in":
            return value in against
        case "has_code":
            return codes.has_any(value, against)
        case _:
            return value == against


# --- one rule -> one finding --------------------------------------------------------------------------------------


def numbers_signed(rule: Rule, signed: Sequence[SiteLimit], *, person: bool) -> dict[str, Decimal]:
    """The numbers that hold for a site-configurable rule: the site's, and over them, for a person, the physician's."""
    if not rule.site_configurable:
        return {}
    site = {s.threshold: s.value for s in signed if s.value is not None and not s.person}
    return site | {s.threshold: s.value for s in signed if s.value is not None and s.person} if person else site


def _finding(rule: Rule, scene: _Scene, signed: list[SiteLimit], stage: str) -> Finding:
    outcome = rule.outcome
    if rule.signed_outcome and any(not s.threshold for s in signed):
        outcome = rule.signed_outcome
    here = with_numbers(rule, numbers_signed(rule, signed, person=False))
    applies, fired, missing = _fires(here, scene)
    mine = with_numbers(rule, numbers_signed(rule, signed, person=True))
    if mine != here:
        by_person = _fires(mine, scene)
        if fired and by_person[1] is False:  # a personal limit does not silence: it asks for a look
            outcome = max(outcome, Outcome.REVIEW, key=lambda o: o.rank)
        else:
            here, (applies, fired, missing) = mine, by_person
    if outcome is Outcome.STOP and fired is None:
        outcome = Outcome.DEFER
    return Finding(
        id=rule.id, version=str(rule.version), stage=stage, outcome=outcome, fired=fired,
        say=_fill(rule.say, here, scene), do=_fill(rule.do, here, scene), source=rule.source,
        grade=rule.grade, applies=applies, used=_used(rule, scene), missing=missing, owner=_owner(rule, missing),
        title=rule.title, kind=rule.kind, persons=rule.persons, note=_in_force(rule, scene.now) or rule.note,
        unknown_because=tuple((name, scene.why[name]) for name in missing),
        limits=tuple(_say_limit(s, rule) for s in signed),
    )  # fmt: skip


def _in_force(rule: Rule, now: datetime) -> str:
    """Empty when the rule is in force, else the sentence that says why not."""
    if rule.expires and now.date() > rule.expires:
        return f"Expired on {rule.expires.isoformat()}."
    return f"Not in force before {rule.effective.isoformat()}." if now.date() < rule.effective else ""


def _fires(rule: Rule, scene: _Scene) -> tuple[bool, bool | None, tuple[str, ...]]:
    """Whether the rule applies, whether it fired, and what is missing to know."""
    if _in_force(rule, scene.now):
        return False, False, ()
    applies = _holds(rule.applies, scene) if rule.applies else (True, ())
    if applies[0] is False:
        return False, False, ()
    fired, missing = _join([applies, _holds(rule.when, scene)], decisive=False)
    return True, fired, missing


def _used(rule: Rule, scene: _Scene) -> tuple[tuple[str, str], ...]:
    """The known facts the rule looked at, as shown; with their day where the rule asks how old they are."""
    found: dict[str, str] = {}
    for test in rule.looks_at:
        value, _ = scene.read(test.fact)
        if value is None or (test.fact.name in found and test.word not in AGES):
            continue
        at = scene.facts[test.fact.name].at
        day = f" ({_day(at)})" if test.word in AGES and at is not None and not isinstance(value, date) else ""
        found[test.fact.name] = shown(value, test.fact.unit) + day
    return tuple(found.items())


def _fill(text: str, rule: Rule, scene: _Scene) -> str:
    """Put the values of facts and thresholds where the text names them."""
    if "{" not in text:
        return text
    units = {t.threshold: "d" if t.word in AGES else t.fact.unit for t in rule.looks_at}
    for name, value in rule.thresholds.items():
        text = text.replace(f"{{{name}}}", shown(value, units[name]))
    for name, spec in rule.placeholders.items():
        known, _ = scene.read(spec)
        text = text.replace(f"{{{name}}}", "not known" if known is None else shown(known, spec.unit))
    return text


def _owner(rule: Rule, missing: tuple[str, ...]) -> str:
    """Who settles it: the owner of the first missing fact, else the rule's own."""
    if not missing:
        return rule.owner
    return next(t.fact.owner for t in rule.looks_at if t.fact.name == missing[0])


def _say_limit(limit: SiteLimit, rule: Rule) -> str:
    whose = "this person" if limit.person else "this site"
    signed = f"signed for {whose} by {limit.by} on {_day(limit.at)}: {limit.reason}"
    if not limit.threshold:
        return f"{rule.signed_outcome or rule.outcome} {signed} (default {rule.outcome})"
    default = rule.thresholds.get(limit.threshold)
    until = f", until {limit.expires.isoformat()}" if limit.expires else ""
    return f"{limit.threshold} {plain(limit.value or 0)} {signed}{until} (default {plain(default or 0)})"


def _cover(rules: list[Rule], findings: list[Finding]) -> tuple[Finding, ...]:
    """Mark what a stronger rule that fired already says; a weaker one never hides a stronger."""
    by_id = {f.id: f for f in findings}
    over: dict[str, str] = {}
    for rule in rules:
        strong = by_id[rule.id]
        if strong.applies and strong.fired:
            for name in rule.covers:
                weak = by_id.get(name)
                if weak and weak.fired is not False and weak.outcome.rank >= strong.outcome.rank:
                    over.setdefault(name, rule.id)
    return tuple(replace(f, covered_by=over[f.id]) if f.id in over else f for f in findings)
