"""A signed decision, and the text it stands on: enough to reproduce it years later with the knowledge of that day."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from surcease.care.eligibility import Eligibility, assess
from surcease.care.override import Override
from surcease.care.record import Decision
from surcease.knowledge.fact import Facts, Value
from surcease.knowledge.facts import read
from surcease.knowledge.library import Knowledge, canonical
from surcease.knowledge.site import SiteLimit


def decide(result: Eligibility, *, by: str, at: datetime, reason: str = "") -> Decision:
    """The decision as a record: outcome, the findings that weighed, what was set aside, which knowledge."""
    return Decision(
        kind="eligibility" if result.stage == "intake" else result.stage, outcome=str(result.outcome or "none"),
        at=at, by=by, knowledge=result.knowledge, findings=tuple(f.id for f in result.standing if f.fired is not False),
        overrides=tuple((o.rule, o.reason) for o in result.overrides), reason=reason,
    )  # fmt: skip


def basis(result: Eligibility) -> str:
    """Everything the decision stood on, as canonical JSON: facts, signed numbers, overrides, findings, knowledge."""
    return canonical(
        {
            "knowledge": result.knowledge,
            "stage": result.stage,
            "at": result.at.isoformat(),
            "facts": facts_as_data(result.facts),
            "site": [_limit_as_data(limit) for limit in result.site],
            "overrides": [_override_as_data(one) for one in result.overrides],
            "findings": _outcomes(result),
        }
    )


def reproduce(text: str, release: Knowledge) -> tuple[Eligibility, tuple[str, ...]]:
    """Decide again from a stored :func:`basis` with the stored knowledge; and what comes out otherwise, if anything.

    Raises ValueError when ``release`` is not the knowledge of that day.
    """
    stored = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    if stored["knowledge"] != release.hash:
        raise ValueError(
            f"This decision stands on knowledge {stored['knowledge'][:12]}, and {release.hash[:12]} was given: "
            "load the stored release of that day."
        )
    at = datetime.fromisoformat(stored["at"])
    result = assess(
        read(stored["facts"], release.facts, now=at), release, now=at, stage=stored["stage"],
        site=[_limit(raw) for raw in stored["site"]], overrides=[_override(raw) for raw in stored["overrides"]],
    )  # fmt: skip
    then, now = stored["findings"], _outcomes(result)
    return result, tuple(f"{n}: {then.get(n)} then, {now.get(n)} now" for n in sorted({*then, *now})
                         if then.get(n) != now.get(n))  # fmt: skip


def facts_as_data(facts: Facts) -> dict[str, Any]:
    """Facts in the grammar of a facts file."""
    return {
        name: {"value": _plain(f.value), "unit": f.unit, "at": _plain(f.at), "source": f.source}
        for name, f in facts.items()
    }


def _plain(value: Value | None) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _outcomes(result: Eligibility) -> dict[str, str]:
    """Every finding in one word: what it asks, whether it fired, on which version."""
    fired = {True: "fired", False: "quiet", None: "unknown"}
    return {f.id: f"{f.outcome} {fired[f.fired]} v{f.version} {f.covered_by}".strip() for f in result.findings}


def _limit_as_data(limit: SiteLimit) -> dict[str, Any]:
    return {
        "rule": limit.rule, "by": limit.by, "at": limit.at.isoformat(), "reason": limit.reason,
        "threshold": limit.threshold, "value": limit.value, "expires": _plain(limit.expires), "person": limit.person,
    }  # fmt: skip


def _limit(raw: dict[str, Any]) -> SiteLimit:
    expires = raw["expires"] and date.fromisoformat(raw["expires"])
    return SiteLimit(**{**raw, "at": datetime.fromisoformat(raw["at"]), "expires": expires})


def _override_as_data(one: Override) -> dict[str, Any]:
    return {
        "rule": one.rule, "by": one.by, "at": one.at.isoformat(), "reason": one.reason, "second_by": one.second_by,
        "facts": [list(pair) for pair in one.facts],
    }  # fmt: skip


def _override(raw: dict[str, Any]) -> Override:
    facts = tuple((name, value) for name, value in raw["facts"])
    return Override(**{**raw, "at": datetime.fromisoformat(raw["at"]), "facts": facts})
