"""When a person may go: the observation clock, the criteria met and missing, and the five ways out.

The fold says what is missing; a nurse signs. What was not seen is missing, not met.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from surcease.care.event import Reading
from surcease.care.mark_facts import NOW
from surcease.care.session_limits import minutes
from surcease.knowledge.evaluation import evaluate
from surcease.knowledge.fact import Fact, Facts, Value
from surcease.knowledge.finding import Finding, Outcome
from surcease.knowledge.library import Knowledge
from surcease.knowledge.site import SiteLimit

DOCUMENT = "limits/discharge.yaml"
COMPARED = ("systolic", "diastolic", "heart_rate")
YES_NO = (
    "oriented", "gait_usual", "dissociated", "escort_present", "cannula_out", "follow_up_call_booked",
    "drives_before_next_day",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Dose:
    """Drug that went in. ``kind``: infusion (``at`` is its end), dose (bolus, IM, nasal, oral) or rescue; ``name`` the
    rescue drug or esketamine_spray; ``hours`` how long an infusion ran without a break."""

    at: datetime
    kind: str
    name: str = ""
    hours: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Clock:
    """Until when the person is observed, and because of what. ``at`` None: nothing given, or drug still runs."""

    at: datetime | None
    because: str = ""

    def left_min(self, now: datetime) -> Decimal | None:
        """Minutes still to go, 0 when over, None when it has not begun."""
        if self.at is None:
            return None
        left = max(self.at - now, timedelta(0))
        return Decimal(left.days * 86_400 + left.seconds) / 60


@dataclass(frozen=True, slots=True)
class Bedside:
    """What is known at discharge. ``checks`` are the confirmed items by name (``padss.vitals`` = 2, ``oriented`` =
    yes, ``standing_systolic`` = 112 …); ``latest`` holds the newest confirmed value of each field."""

    baseline: Reading
    latest: Reading
    checks: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Way:
    """One way out of the session. ``missing`` is what it still needs; it is open when that is empty."""

    name: str
    title: str
    missing: tuple[str, ...]

    @property
    def open(self) -> bool:
        """Whether the session may be closed this way now."""
        return not self.missing


def observation(
    doses: Iterable[Dose], *, running: bool, knowledge: Knowledge, protocol: timedelta = timedelta(0)
) -> Clock:
    """The observation clock: the latest of what each drug asks for. None while the drug runs.

    ``protocol`` is what the protocol asks for after the last of its own doses, when that is longer.
    """
    document = knowledge.documents[DOCUMENT]
    spans = {name: minutes(entry["min"]) for name, entry in document["observation_min"].items()}
    long_h = Decimal(document["long_infusion_above_h"])
    ends = []
    for dose in doses:
        reasons = ["after_any_drug"]
        if dose.kind == "infusion" and dose.hours > long_h:
            reasons.append("after_long_infusion")
        if dose.kind == "dose" and dose.name == "esketamine_spray":
            reasons.append("after_esketamine_spray")
        if dose.kind == "rescue" and dose.name in document["antidotes"]:
            reasons.append(document["antidotes"][dose.name])
        ends += [(dose.at + spans[reason], reason.replace("_", " ")) for reason in reasons]
        if dose.kind != "rescue":
            ends.append((dose.at + protocol, "as the protocol asks"))
    if running or not ends:
        return Clock(None)
    return Clock(*max(ends))


def newest(readings: Iterable[tuple[datetime, Reading]], *, since: datetime) -> Reading:
    """One set of the newest confirmed value of each field charted after ``since``; older values do not count."""
    found: dict[str, Any] = {}
    for at, reading in sorted(readings, key=lambda r: r[0]):
        for field in NOW if at > since else ():
            value = getattr(reading, field)
            if value is not None and field not in reading.artefact:
                found[field] = value
    return Reading(**found)


def discharge_facts(clock: Clock, seen: Bedside, *, now: datetime, knowledge: Knowledge) -> Facts:
    """The facts that the rules DIS-* ask for; what was not seen is absent."""
    document = knowledge.documents[DOCUMENT]
    latest, baseline = seen.latest, seen.baseline
    found: dict[str, Value | None] = {"observation_left_min": clock.left_min(now)}
    found |= {name: getattr(latest, field) for field, name in NOW.items()}
    found["padss_total"], found["padss_has_zero"] = total(seen.checks, "padss", document["padss"])
    found["aldrete_used"] = any(name.startswith("aldrete.") for name in seen.checks)
    found["aldrete_total"], _ = total(seen.checks, "aldrete", document["aldrete"])
    found["vitals_off_percent"] = _off(latest, baseline)
    if latest.spo2 is not None and baseline.spo2 is not None:
        found["spo2_below_baseline"] = max(baseline.spo2 - latest.spo2, Decimal(0))
    found["cadss6_used"] = latest.cadss6 is not None or baseline.cadss6 is not None
    if latest.cadss6 is not None:
        found["cadss6_over_baseline"] = latest.cadss6 - (baseline.cadss6 or Decimal(0))
    found |= {name: _truth(seen.checks, name) for name in YES_NO}
    if "lying_systolic" in seen.checks and "standing_systolic" in seen.checks:
        found["standing_systolic_fall"] = Decimal(seen.checks["lying_systolic"]) - Decimal(
            seen.checks["standing_systolic"]
        )
    return Facts({name: Fact(value, at=now) for name, value in found.items() if value is not None})


def criteria(facts: Facts, *, now: datetime, knowledge: Knowledge, signed: Sequence[SiteLimit] = ()) -> list[Finding]:
    """Every criterion as a finding: fired is not met, unknown is not seen, False is met."""
    rules = [r for r in knowledge.rules if r.topic == "discharge" and r.kind == "rule"]
    return list(evaluate(rules, facts, now=now, overrides=signed))


def missing(findings: Iterable[Finding]) -> tuple[str, ...]:
    """The ids of the criteria that keep the person here. A task that stays open (CAUTION) does not."""
    return tuple(f.id for f in findings if f.counts and f.outcome.rank <= Outcome.DEFER.rank)


def ways(findings: Iterable[Finding], given: Mapping[str, str], *, knowledge: Knowledge) -> tuple[Way, ...]:
    """The five ways out with what each still needs. ``given`` are the answers so far, blank ones not counted."""
    blocked = missing(findings)
    found = []
    for way in knowledge.documents[DOCUMENT]["ways"]:
        wanting = tuple(need for need in way["needs"] if not given.get(need, "").strip())
        found.append(Way(way["name"], way["title"]["en"], blocked if way["name"] == "criteria" else wanting))
    return tuple(found)


def after(ended: datetime, *, knowledge: Knowledge) -> dict[str, datetime]:
    """Times that go on the slip: no driving before, and the call between."""
    document = knowledge.documents[DOCUMENT]
    hours = {
        "no_driving_before": document["no_driving_h"],
        "call_from": document["call"]["from_h"],
        "call_to": document["call"]["to_h"],
        "call_against_advice_by": document["call_against_advice_h"],
    }
    return {name: ended + minutes(Decimal(h) * 60) for name, h in hours.items()}


def total(checks: Mapping[str, str], score: str, items: Sequence[str]) -> tuple[Decimal | None, bool | None]:
    """Sum of a 2/1/0 score and whether an item is 0. None while an item is missing: a shorter form never counts.

    >>> total({"padss.vitals": "2", "padss.activity": "0"}, "padss", ["vitals", "activity"])
    (Decimal('2'), True)
    >>> total({"padss.vitals": "2"}, "padss", ["vitals", "activity"])
    (None, None)
    """
    given = [checks.get(f"{score}.{item}") for item in items]
    if wrong := [text for text in given if text not in (None, "0", "1", "2")]:
        raise ValueError(f"A {score.upper()} item cannot be {wrong[0]!r}: it is 0, 1 or 2.")
    if None in given:
        return None, None
    return Decimal(sum(int(text or 0) for text in given)), "0" in given


def _off(latest: Reading, baseline: Reading) -> Decimal | None:
    """The largest difference of pressure and pulse from the baseline in percent; None while one is missing."""
    pairs = [(getattr(latest, name), getattr(baseline, name)) for name in COMPARED]
    if any(now is None or not before for now, before in pairs):
        return None
    return max(abs(now - before) / before * 100 for now, before in pairs)


def _truth(checks: Mapping[str, str], name: str) -> bool | None:
    """A yes/no check; None when nobody looked."""
    answer = checks.get(name)
    if answer not in (None, "yes", "no"):
        raise ValueError(f"The check {name} cannot be {answer!r}: it is yes or no.")
    return None if answer is None else answer == "yes"
