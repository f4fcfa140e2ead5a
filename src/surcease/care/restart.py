"""Whether the drug may run again after a red mark: normal values for long enough, and at half the rate at most.

The supervising clinician restarts; this says what the clinic's limits want of it.
"""

from __future__ import annotations

from decimal import Decimal

from surcease.care.event import Resumed, Started
from surcease.care.marks import Marking
from surcease.care.session_limits import SessionLimits
from surcease.care.treatment import Session
from surcease.units import plain


def red_since_it_ran(state: Session, found: Marking) -> bool:
    """Whether a red mark has come since the drug last began to run."""
    begun = [e.at for e in state.counted if isinstance(e.payload, Started | Resumed)]
    return bool(begun) and any(m.level == "red" and m.since >= begun[-1] for m in found.all)


def why_not_resume(state: Session, found: Marking, rate_mg_per_h: Decimal, *, limits: SessionLimits) -> str:
    """Why the drug may not run again now, in one sentence; "" when it may or nothing was red."""
    if found.closed_session:
        return "An emergency closed this session: the drug stays off."
    if not red_since_it_ran(state, found):
        return ""
    if found.normal_since is None:
        return "Values are not normal yet: nothing restarts before they are."
    before = next((g.rate_mg_per_h for g in reversed(state.given) if g.rate_mg_per_h > 0), Decimal(0))
    earliest, most = limits.restart(normal_since=found.normal_since, rate_before_mg_per_h=before)
    if state.at < earliest:
        waited = int((state.at - found.normal_since).total_seconds() // 60)
        wanted = int((earliest - found.normal_since).total_seconds() // 60)
        return f"Values are normal for {waited} minutes: after a red mark {wanted} are wanted before a restart."
    if rate_mg_per_h > most:
        return f"After a red mark at most {plain(most)} mg/h, half of what ran before: {plain(rate_mg_per_h)} is more."
    return ""
