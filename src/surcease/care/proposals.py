"""What may come next after a series: proposals, each with its reasons and its evidence. One is signed, or none.

Continue, adjust, booster, stop for futility, stop for harm, refer. The rules' own findings carry the sources; this
module only says which proposals they and the response speak for. The numbers are those of the rules named beside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from surcease.care.response import Response, Size
from surcease.knowledge.finding import Finding, Outcome

ACTIONS = ("continue", "adjust", "booster", "stop_futility", "stop_harm", "refer")
REFERRALS = ("physical_therapy", "psychotherapy", "combination", "mood_pathway")


@dataclass(frozen=True, slots=True)
class Proposal:
    """One possible next step. ``rules`` are the findings it stands on, ``evidence`` their sources and grades in words;
    ``refer_to`` is one of :data:`REFERRALS` for a referral."""

    action: str
    say: str
    reasons: tuple[str, ...]
    rules: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    refer_to: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the proposals look at. ``sessions_planned`` 1 or less: single sessions are repeated as they come."""

    response: Response
    sessions_done: int
    sessions_planned: int
    function_change: Decimal | None = None  # mean change of the chosen activities, positive is better
    serious_event: bool = False
    mood_flag: bool = False
    booster_window: tuple[date, date | None] | None = None  # from the forecast, inside its data only

    @property
    def single_repeats(self) -> bool:
        """No course of several sessions was planned."""
        return self.sessions_planned <= 1

    @property
    def course_over(self) -> bool:
        """Every planned session was given."""
        return not self.single_repeats and self.sessions_done >= self.sessions_planned


def proposals(standing: Standing, findings: Sequence[Finding] = ()) -> tuple[Proposal, ...]:
    """All proposals that have a reason, harm first; each with the evidence of the rules it names."""
    fired = [f for f in findings if f.applies and f.fired]
    made = [_harm(standing, fired), _futility(standing, fired), _booster(standing, fired)]
    made += [_continue(standing), _adjust(standing), *_refer(standing)]
    known = {f.id: f for f in findings}
    return tuple(replace(p, evidence=_evidence(p, known)) for p in made if p is not None)


def _evidence(proposal: Proposal, known: Mapping[str, Finding]) -> tuple[str, ...]:
    named = [known[r] for r in proposal.rules if r in known]
    return tuple(f"{f.id}: {f.source.title} (grade: {f.grade.replace('_', ' ')})" for f in named)


def _harm(standing: Standing, fired: Sequence[Finding]) -> Proposal | None:
    stops = [f for f in fired if f.outcome in (Outcome.STOP, Outcome.DEFER) and f.id.startswith("LTM")]
    reasons = [f.say for f in stops] + (["A serious adverse event is open."] if standing.serious_event else [])
    if not reasons:
        return None
    return Proposal("stop_harm", "Stop: harm outweighs benefit.", tuple(reasons), tuple(f.id for f in stops))


def _futility(standing: Standing, fired: Sequence[Finding]) -> Proposal | None:
    """At the end of a planned course; after three only where single sessions are repeated."""
    size = standing.response.size
    if standing.course_over and size is Size.LESS:
        return Proposal(
            "stop_futility", "Stop: the planned course did not help enough.", (standing.response.status,),
            ("RSP-01", "RSP-03a"),
        )  # fmt: skip
    rule = next((f for f in fired if f.id == "DOS-15"), None)
    if standing.single_repeats and rule is not None:
        return Proposal("stop_futility", "Stop: no response after three sessions.", (rule.say,), (rule.id,))
    return None


def _booster(standing: Standing, fired: Sequence[Finding]) -> Proposal | None:
    reasons = []
    if standing.response.declined_on is not None:
        day = standing.response.declined_on
        reasons.append(f"Pain rose by two points over a week; the seventh day was {day:%d %b %Y}.")
    if reasons and standing.booster_window is not None:
        first, last = standing.booster_window
        until = f" to {last:%d %b %Y}" if last else ""
        reasons.append(f"The forecast's booster window is {first:%d %b %Y}{until}.")
    return Proposal("booster", "Review a booster.", tuple(reasons), ("RSP-04",)) if reasons else None


def _continue(standing: Standing) -> Proposal | None:
    found = standing.response
    if found.responder and standing.course_over and found.declined_on is None:
        return Proposal(
            "continue", "No further dose now; follow up until the response fades.", (found.status,),
            ("RSP-01", "RSP-03a", "RSP-04"),
        )  # fmt: skip
    if standing.course_over:
        return None
    if found.responder:
        return Proposal("continue", "Continue the planned course.", (found.status,), ("RSP-01", "RSP-03a"))
    if found.responder is None and not standing.single_repeats:
        left = standing.sessions_planned - standing.sessions_done
        return Proposal("continue", "Continue: it is too early to say.", (f"Planned sessions still to come: {left}.",))
    return None


def _adjust(standing: Standing) -> Proposal | None:
    change = standing.response.change_percent
    if change is not None and 0 < change < 30 and not standing.course_over:
        return Proposal("adjust", "Adjust dose or route within the protocol.", (standing.response.status,), ("RSP-01",))
    return None


def _refer(standing: Standing) -> Iterator[Proposal]:
    if standing.mood_flag:
        yield Proposal(
            "refer", "Refer to the mood pathway.", ("Mood asks for its own pathway.",), refer_to="mood_pathway"
        )
    function = standing.function_change
    if standing.response.responder and (function is None or function <= 0):
        said = "is not" if function is not None else "was not measured twice"
        reason = f"Pain is better, function {said}."
        yield Proposal("refer", "Refer to physical therapy and psychotherapy, beside ketamine.", (reason,),
                       ("RSP-05",), refer_to="combination")  # fmt: skip
    elif standing.course_over and standing.response.size is Size.LESS:
        reason = "The course did not help enough: what moves and what keeps the pain going is treated without it."
        yield Proposal("refer", "Refer to physical therapy or psychotherapy.", (reason,), ("RSP-05",),
                       refer_to="combination")  # fmt: skip
