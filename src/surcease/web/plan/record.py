"""The seam: a plan's typed choices → what is computed from them → care.record.Plan, and back from JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from surcease.care.course import course_text, session_texts
from surcease.care.derive_body import body
from surcease.care.dose import ComputedDose, compute, half_start_reasons
from surcease.care.plan_order import EVERY, PlanOrder, SessionOrder
from surcease.care.record import Plan, Record, Step
from surcease.care.visits import Rhythm
from surcease.care.weight import Body
from surcease.knowledge.fact import Facts
from surcease.knowledge.protocol import Protocol, load_protocols


@dataclass(frozen=True, slots=True)
class Choices:
    """What a physician chose and typed; empty is not chosen."""

    protocol: str = ""
    route: str = ""
    start: str = ""
    sessions: str = ""
    own_dose: str = ""
    endpoint: str = ""
    stop_rule: str = ""
    physical: str = ""
    psychological: str = ""
    self_management: str = ""
    refused_multimodal: str = ""
    note: str = ""

    @property
    def start_day(self) -> date | None:
        """The first session's day."""
        return date.fromisoformat(self.start) if self.start else None


@dataclass(frozen=True, slots=True)
class Worked:
    """The choices computed for this body: the dose with its weights and caps, and the order that is judged."""

    choices: Choices
    protocol: Protocol
    body: Body
    dose: ComputedDose
    texts: tuple[str, ...]
    order: PlanOrder
    course: str

    @property
    def sessions(self) -> int:
        """How many sessions."""
        return len(self.texts)

    @property
    def rhythm(self) -> Rhythm:
        """How they follow each other."""
        return rhythm_of(self.protocol)


def choices_from(content: dict[str, Any]) -> Choices:
    """Choices from a draft or version; keys of a later release are left alone."""
    return Choices(**{k: str(v) for k, v in content.items() if k in Choices.__dataclass_fields__})


def work_out(choices: Choices, record: Record, facts: Facts, *, now: datetime) -> Worked | None:
    """The plan for this person; None while no protocol is chosen or no weight is known.

    ValueError in one sentence when the protocol cannot be computed or the typed dose cannot be read.
    """
    found, protocol = body(record, now), load_protocols().get(choices.protocol)
    if found is None or protocol is None:
        return None
    route = choices.route if choices.route in protocol.route else protocol.route[0]
    reasons = half_start_reasons(
        route=route,
        age_years=_number(facts, "age_years"),
        child_pugh=str(facts.value("child_pugh") or ""),
        strong_inhibitor=_inhibitor(facts),
    )
    dose = compute(protocol, found, route=route, halve=reasons)
    texts = _texts(choices, dose)
    order = PlanOrder(
        orders=tuple(SessionOrder(text) for text in texts),
        body=found,
        age_years=_number(facts, "age_years"),
        protocol=protocol.id,
        product=protocol.product,
        setting=protocol.setting,
        weight_basis=dose.weight.basis,
        every_h=_every(protocol),
        bolus_function=False,
    )
    course = (
        course_text(dose)
        if not choices.own_dose and len(texts) == (protocol.sessions.count or 1)
        else _joined(texts, protocol)
    )
    return Worked(choices, protocol, found, dose, texts, order, course)


def plan_of(
    worked: Worked, *, plan_id: str, version: int, signed_by: str = "", signed_at: datetime | None = None
) -> Plan:
    """The frozen plan that treatment reads."""
    dose, choices = worked.dose, worked.choices
    session_cap = next((c.most for c in dose.caps if c.name == "session"), None)
    multimodal = {
        name: getattr(choices, name)
        for name in ("physical", "psychological", "self_management")
        if getattr(choices, name)
    }
    return Plan(
        plan_id=plan_id,
        version=version,
        protocol=worked.protocol.id,
        product=worked.protocol.product,
        route=dose.route,
        weight_kg=dose.weight.kg,
        weight_basis=dose.weight.basis,
        regimen=worked.course,
        session_steps=tuple(Step(text) for text in worked.texts),
        sessions=worked.sessions,
        interval=worked.protocol.sessions.rhythm,
        rate_cap_mg_per_h=dose.rate_cap.most.to("mg/h").value if dose.rate_cap else None,
        session_cap_mg=session_cap.to("mg").value if session_cap else None,
        endpoint=choices.endpoint,
        stop_rule=choices.stop_rule,
        multimodal=multimodal,
        signed_by=signed_by,
        signed_at=signed_at,
    )


def plan_json(plan: Plan) -> dict[str, Any]:
    """A plan as JSON; amounts are text."""

    def plain(value: Any) -> Any:
        if isinstance(value, Decimal):
            return format(value, "f")
        if isinstance(value, datetime):
            return value.isoformat()
        if isinstance(value, dict):
            return {k: plain(v) for k, v in value.items()}
        return [plain(v) for v in value] if isinstance(value, list | tuple) else value

    found: dict[str, Any] = plain(asdict(plan))
    return found


def plan_from(kept: dict[str, Any]) -> Plan:
    """A plan back from its JSON."""
    amounts = {k: None if kept[k] is None else Decimal(kept[k]) for k in ("rate_cap_mg_per_h", "session_cap_mg")}
    signed_at = datetime.fromisoformat(kept["signed_at"]) if kept.get("signed_at") else None
    steps = tuple(Step(**step) for step in kept["session_steps"])
    return Plan(
        **kept | amounts | {"weight_kg": Decimal(kept["weight_kg"]), "session_steps": steps, "signed_at": signed_at}
    )


def rhythm_of(protocol: Protocol) -> Rhythm:
    """The days between sessions from the protocol's own rhythm."""
    sessions = protocol.sessions
    least = sessions.every or sessions.min_interval
    days = 1 if least is None else max(1, round(least.to("d").value))
    return Rhythm(min_gap_days=days, max_gap_days=days + 3, weekdays_only=sessions.rhythm == "weekdays")


def _texts(choices: Choices, dose: ComputedDose) -> tuple[str, ...]:
    """One order a session: computed, or the typed dose for each."""
    texts = session_texts(dose)
    if choices.own_dose:
        texts = (choices.own_dose,) * len(texts)
    count = int(choices.sessions) if choices.sessions.isdecimal() else len(texts)
    return texts[:count] if count <= len(texts) else texts + texts[-1:] * (count - len(texts))


def _joined(texts: tuple[str, ...], protocol: Protocol) -> str:
    """The course as one regimen text: runs of equal sessions, by the protocol's rhythm."""
    hours = _every(protocol) or EVERY["daily"]
    pieces, at = [], 0
    while at < len(texts):
        run = next((n for n in range(at, len(texts)) if texts[n] != texts[at]), len(texts)) - at
        inner = f"({texts[at]})" if " every " in texts[at] or " then " in texts[at] else texts[at]
        text = inner if run == 1 else f"{inner} every {hours} h x {run}"
        pieces.append(text if at == 0 else f"and after {hours * at} h {text}")
        at += run
    return " ".join(pieces)


def _every(protocol: Protocol) -> Decimal | None:
    sessions = protocol.sessions
    if sessions.rhythm in EVERY:
        return EVERY[sessions.rhythm]
    return None if sessions.every is None else sessions.every.to("h").value


def _number(facts: Facts, name: str) -> Decimal | None:
    value = facts.value(name)
    return value if isinstance(value, Decimal) else None


def _inhibitor(facts: Facts) -> bool | None:
    classes = facts.value("med_classes")
    if not isinstance(classes, tuple):
        return None
    return any(c in ("cyp3a4_inhibitor_strong", "cyp2b6_inhibitor") for c in classes)
