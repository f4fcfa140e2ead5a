"""The whole course of a computed dose as regimen text, for the plan page and for testing the plan before it is signed.

Titration by effect is written at its fastest permitted pace, so that what is simulated is the most that may be given.

>>> from decimal import Decimal
>>> from surcease.care.dose import compute
>>> from surcease.care.weight import Body
>>> from surcease.knowledge.protocol import load_protocols
>>> course_text(compute(load_protocols()["P09"], Body(Decimal(70))))
'35 mg over 40 min iv racemic every 24 h x 5'
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import groupby

from surcease.care.dose import ComputedDose, Level, digits, round_down
from surcease.pkpd.dose import WEEKDAYS
from surcease.units import Quantity, plain

DAY = Quantity(Decimal(24), "h")
OPEN_DAYS = 28  # how much of an open course is written: the longest supply that may be handed out


def session_texts(dose: ComputedDose) -> tuple[str, ...]:
    """The order of each session in turn; one entry for a continuous stay. An open count ends at the last level."""
    if dose.protocol.is_continuous:
        return (stay_text(dose),)
    count = dose.protocol.sessions.count or dose.levels[-1].from_session
    return tuple(dose.order_for(n).text(dose.route, dose.substance) for n in range(1, count + 1))


def session_offsets_h(dose: ComputedDose, count: int) -> tuple[Decimal, ...]:
    """When each session starts, in hours from the first; weekdays are counted from a Monday."""
    if dose.protocol.sessions.rhythm == "weekdays":
        return tuple(Decimal(24 * (n // 5 * 7 + n % 5)) for n in range(count))
    every = dose.protocol.sessions.every or DAY
    return tuple(every.to("h").value * n for n in range(count))


def course_text(dose: ComputedDose) -> str:
    """All sessions as one regimen text: open titrations raised as fast as may be, as-needed doses at their most."""
    source = dose.first.source
    if dose.protocol.sessions.rhythm == "as_needed":
        return _as_needed(dose)
    raised = dose.protocol.increment is not None and source.takes
    texts = _raised_days(dose) if raised else session_texts(dose)
    starts = session_offsets_h(dose, len(texts))
    pieces: list[tuple[Decimal, str]] = []
    for text, group in groupby(zip(texts, starts, strict=True), key=lambda pair: pair[0]):
        at = [start for _, start in group]
        pieces.append((at[0], _repeated(text, at, dose.protocol.sessions.rhythm)))
    first, *rest = pieces
    return first[1] + "".join(f" and after {plain(start)} h {text}" for start, text in rest).replace("\u2009", "")


def _repeated(text: str, starts: list[Decimal], rhythm: str) -> str:
    """The same session at each start: by weekday where that is the rhythm, else evenly."""
    if len(starts) == 1:
        return text
    inner = f"({text})" if " every " in text else text
    if rhythm == "weekdays":
        return f"{inner} weekdays x {len(starts)} from {WEEKDAYS[int(starts[0] / 24) % 7]}"
    return f"{inner} every {plain(starts[1] - starts[0])} h x {len(starts)}"


def _raised_days(dose: ComputedDose) -> tuple[str, ...]:
    """Each day of an oral or sublingual titration, raised at every permitted step up to the day's cap."""
    rise, source = dose.protocol.increment, dose.first.source
    assert rise is not None
    add = (rise.add * Quantity(dose.weight.kg, "kg") if "/kg" in rise.add.unit else rise.add).to("mg").value
    per_take = add / source.takes if source.daily_total else add
    most = min((cap.most.value for cap in dose.caps if cap.name == "day"), default=None)
    texts = []
    for day in range(dose.protocol.sessions.count or OPEN_DAYS):
        steps = int(day * 24 / rise.every.to("h").value)
        level = dose.levels[min(steps, len(dose.levels) - 1)]
        amount = level.exact.value + per_take * max(steps - len(dose.levels) + 1, 0)
        amount = amount if most is None else min(amount, most / source.takes)
        order = Quantity(round_down(amount), level.order.unit)
        texts.append(replace(level, exact=order, order=order).text(dose.route, dose.substance))
    return tuple(texts)


def _as_needed(dose: ComputedDose) -> str:
    """One day at the most that may be taken: sprays as close together as they may be."""
    caps, rise = dose.protocol.caps, dose.protocol.increment
    together = caps.get("sprays_per_day") if dose.protocol.sessions.min_interval is None else None
    sprays = together or caps["sprays_per_episode"]
    assert rise is not None
    text = dose.levels[-1].text(dose.route, dose.substance)
    return f"{text} prn every {rise.every} x {plain(sprays.value)}"


def stay_text(dose: ComputedDose) -> str:
    """A continuous stay at the fastest permitted pace, weaned where the protocol weans."""
    assert dose.protocol.stay is not None
    hours = dose.protocol.stay.to("h").value
    return " then ".join(_daily_levels(dose, hours) if dose.protocol.steps else _titrated(dose, hours))


def _daily_levels(dose: ComputedDose, hours: Decimal) -> list[str]:
    """Explicit day-long levels, the last one kept to the end."""
    texts = [level.text(dose.route, dose.substance) for level in dose.levels]
    return texts + [texts[-1]] * (int(hours / 24) - len(texts))


def _titrated(dose: ComputedDose, hours: Decimal) -> list[str]:
    """The half start where there is one, then the protocol's start raised step by step, then the wean."""
    tail, rise = f"{dose.route} {dose.substance}", dose.protocol.increment
    pieces: list[str] = []
    if dose.halved:
        first = rise.every if rise else DAY
        pieces.append(f"{digits(_rate(dose.first))} for {first} {tail}")
        hours -= first.to("h").value
    start = top = _rate(dose.levels[-1])
    if rise:
        top = _top(dose, start)
        steps = f"{plain(start.value)} to {digits(top)} by {plain(round_down(step_mg_per_h(dose)))} every {rise.every}"
        pieces.append(f"{steps} for {plain(hours)} h {tail}")
    else:
        pieces.append(f"{digits(start)} for {plain(hours)} h {tail}")
    return pieces + _wean(dose, top, tail)


def _rate(level: Level) -> Quantity:
    """The running rate, an amount over a time as mg/h, rounded down."""
    rate = level.rate
    assert rate is not None
    return Quantity(round_down(rate.value), "mg/h")


def step_mg_per_h(dose: ComputedDose) -> Decimal:
    """One titration step of a continuous stay in mg/h, unrounded."""
    rise = dose.protocol.increment
    assert rise is not None
    add = rise.add * Quantity(dose.weight.kg, "kg") if "/kg" in rise.add.unit else rise.add
    return (add / DAY if add.same_kind("mg") else add).to("mg/h").value


def _top(dose: ComputedDose, start: Quantity) -> Quantity:
    """The highest rate: the rate cap, or the day's cap spread over 24 h; never below the start."""
    tops = [cap.most if cap.name == "rate" else cap.most / DAY for cap in dose.caps if cap.name in ("rate", "day")]
    top = min((round_down(t.to("mg/h").value) for t in tops), default=start.value)
    return Quantity(max(top, start.value), "mg/h")


def _wean(dose: ComputedDose, top: Quantity, tail: str) -> list[str]:
    """Two thirds, then one third of the highest rate, over the protocol's shortest weaning time."""
    if dose.protocol.wean is None:
        return []
    part = dose.protocol.wean[0] / 2
    return [f"{plain(round_down(top.value * n / 3))} mg/h for {part} {tail}" for n in (2, 1)]
