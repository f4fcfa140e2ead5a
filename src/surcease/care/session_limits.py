"""The limits a session is marked by: the rules ALM-*, the times beside them, and what site and physician signed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from surcease.knowledge.finding import Outcome
from surcease.knowledge.library import Knowledge
from surcease.knowledge.rule import Rule
from surcease.knowledge.site import SiteLimit
from surcease.units import plain

LEVELS = {Outcome.DEFER: "red", Outcome.CAUTION: "amber", Outcome.INFO: "technical"}
DOCUMENT = "limits/session.yaml"


@dataclass(frozen=True, slots=True)
class Watch:
    """What one family of rules watches: fields of a charted set, symptoms by name, or the pump."""

    parameter: str
    fields: frozenset[str] = frozenset()
    symptoms: frozenset[str] = frozenset()
    pump: bool = False
    counts: bool = False
    repeat_after: timedelta | None = None
    card: str = ""


@dataclass(frozen=True)
class SessionLimits:
    """Rules, watches and times in force. ``signed`` are the site's and this person's numbers."""

    rules: tuple[Rule, ...]
    watches: Mapping[str, Watch]
    times: Mapping[str, timedelta]
    together: Rule
    emergency: Rule
    document: Mapping[str, Any]
    signed: tuple[SiteLimit, ...] = ()

    @classmethod
    def of(cls, knowledge: Knowledge, signed: Sequence[SiteLimit] = ()) -> SessionLimits:
        """The limits of ``knowledge`` with the signed numbers on top."""
        document = knowledge.documents[DOCUMENT]
        own = {document["together"], document["emergency"]["rule"]}
        return cls(
            rules=tuple(r for r in knowledge.rules if r.topic == "alarms" and r.id not in own),
            watches={stem: _watch(raw) for stem, raw in document["watches"].items()},
            times={name: minutes(value) for name, value in document["times"].items()},
            together=knowledge.rule(document["together"]),
            emergency=knowledge.rule(document["emergency"]["rule"]),
            document=document,
            signed=tuple(signed),
        )

    def watch(self, rule_id: str) -> Watch:
        """What the rule watches; its id is the family's stem with a letter."""
        return self.watches[rule_id[:-1]]

    def numbers(self, at: datetime) -> dict[str, dict[str, Decimal]]:
        """By rule and threshold the signed numbers in force at ``at``; a person's own come after the site's."""
        found: dict[str, dict[str, Decimal]] = {}
        for limit in sorted(self.signed, key=lambda s: (s.person, s.at)):
            if limit.holds(at) and limit.value is not None:
                found.setdefault(limit.rule, {})[limit.threshold] = limit.value
        return found

    def restart(self, *, normal_since: datetime, rate_before_mg_per_h: Decimal) -> tuple[datetime, Decimal]:
        """When the clinician may restart after a red mark, and the highest rate then."""
        return (
            normal_since + self.times["restart_after_min"],
            rate_before_mg_per_h * Decimal(self.document["restart_part"]),
        )


def refuse_personal(limit: SiteLimit, knowledge: Knowledge) -> str:
    """Why a physician's limit for one person cannot stand, in one sentence; empty when it can.

    It needs a reason, an expiry, and a number inside the range that the clinic's limits document allows.
    """
    ranges = knowledge.documents[DOCUMENT]["personal"].get(limit.rule, {})
    if limit.threshold not in ranges or limit.value is None:
        allowed = ", ".join(ranges) or "no other"
        return f"{limit.rule} {limit.threshold} is not a limit to sign for one person: allowed {allowed}."
    low, high = ranges[limit.threshold]
    if not low <= limit.value <= high:
        return f"{limit.threshold} {plain(limit.value)} is outside {plain(low)} to {plain(high)}: choose one inside."
    if not limit.reason.strip() or limit.expires is None:
        return f"{limit.threshold} needs a reason and a day on which it expires."
    return ""


def minutes(value: Decimal | int) -> timedelta:
    """A number of minutes as a span, exact to the microsecond."""
    return timedelta(microseconds=int(Decimal(value) * 60_000_000))


def _watch(raw: Mapping[str, Any]) -> Watch:
    return Watch(
        parameter=raw["parameter"], fields=frozenset(raw.get("fields", ())),
        symptoms=frozenset(raw.get("symptoms", ())),
        pump=bool(raw.get("pump", False)), counts=bool(raw.get("counts", False)),
        repeat_after=minutes(raw["repeat_min"]) if "repeat_min" in raw else None, card=raw.get("card", ""),
    )  # fmt: skip
