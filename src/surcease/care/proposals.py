"""What may come next after a series: proposals, each with its reasons and its evidence. One is signed, or none.

Continue, adjust, booster, stop for futility, stop for harm, refer. The rules' own findings carry the sources; this
module only says which proposals they and the response speak for. The numbers are those of the rules named beside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from surcease.care.response import Response, Size
from surcease.knowledge.finding import Finding, Outcome

ACTIONS = ("continue", "adjust", "booster", "stop_futility", "stop_harm", "refer")


@dataclass(frozen=True, slots=True)
class Proposal:
    """One possible next step. ``rules`` are the findings it stands on."""

    action: str
    say: str
    reasons: tuple[str, ...]
    rules: tuple[str, ...] = ()
    supported: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """What the proposals look at."""

    response: Response
    sessions_done: int
    sessions_planned: int
    function_change: Decimal | None = None  # mean change of the chosen activities, positive is better
    serious_event: bool = False
    mood_flag: bool = False

    @property
    def course_over(self) -> bool:
        """Every planned session was given."""
        return self.sessions_done >= self.sessions_planned


def proposals(standing: Standing, findings: Sequence[Finding] = ()) -> tuple[Proposal, ...]:
    """All proposals that have a reason, harm first."""
    fired = [f for f in findings if f.applies and f.fired]
    made = [_harm(standing, fired), _futility(standing, fired), _booster(standing, fired)]
    made += [_continue(standing), _adjust(standing), _refer(standing)]
    return tuple(p for p in made if p is not None)


def _harm(standing: Standing, fired: Sequence[Finding]) -> Proposal | None:
    stops = [f for f in fired if f.outcome in (Outcome.STOP, Outcome.DEFER) and f.id.startswith("LTM")]
    reasons = [f.say for f in stops] + (["A serious adverse event is open."] if standing.serious_event else [])
    if not reasons:
        return None
    return Proposal("stop_harm", "Stop: harm outweighs benefit.", tuple(reasons), tuple(f.id for f in stops))


def _futility(standing: Standing, fired: Sequence[Finding]) -> Proposal | None:
    """At the end of a planned course; after three only where single sessions are repeated."""
    rule = next((f for f in fired if f.id.startswith("DOS-15")), None)
    size = standing.response.size
    if standing.course_over and size is Size.LESS:
        return Proposal(
            "stop_futility", "Stop: the planned course did not help enough.", (standing.response.status,), ("RSP-01",)
        )
    if rule is not None:
        return Proposal("stop_futility", "Stop: no response after three sessions.", (rule.say,), (rule.id,))
    return None


def _booster(standing: Standing, fired: Sequence[Finding]) -> Proposal | None:
    if standing.response.declined_on is None:
        return None
    rules = tuple(f.id for f in fired if f.id.startswith("RSP-04"))
    day = standing.response.declined_on
    reason = f"Pain rose by two points over a week; the seventh day was {day:%d %b %Y}."
    return Proposal("booster", "Review a booster.", (reason,), rules or ("RSP-04",))


def _continue(standing: Standing) -> Proposal | None:
    if standing.response.responder and not standing.course_over:
        return Proposal("continue", "Continue the planned course.", (standing.response.status,), ("RSP-01", "RSP-03"))
    if not standing.course_over and standing.response.responder is None:
        left = standing.sessions_planned - standing.sessions_done
        return Proposal(
            "continue", "Continue: it is too early to say.", (f"{left} planned sessions are still to come.",)
        )
    return None


def _adjust(standing: Standing) -> Proposal | None:
    change = standing.response.change_percent
    if change is not None and 0 < change < 30 and not standing.course_over:
        return Proposal("adjust", "Adjust dose or route within the protocol.", (standing.response.status,))
    return None


def _refer(standing: Standing) -> Proposal | None:
    reasons = []
    if standing.mood_flag:
        reasons.append("Mood asks for its own pathway.")
    if standing.response.responder and (standing.function_change is None or standing.function_change <= 0):
        reasons.append("Pain is better, function is not: physical therapy and psychotherapy.")
    return Proposal("refer", "Refer alongside.", tuple(reasons), ("RSP-05",)) if reasons else None
