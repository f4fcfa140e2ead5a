"""T-509 and T-511 on what a monitor sends, as if every column had been accepted: seeded events are all marked, quiet
people are almost never, a sensor that is off is technical."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from surcease.care.event import Reading
from surcease.care.marks import Background, Mark, Seen, marks
from surcease.care.session_limits import SessionLimits
from surcease.hl7.virtual_patient import Episode, Person, stream
from surcease.knowledge import load

START = datetime(2026, 11, 25, 9, tzinfo=UTC)
LIMITS = SessionLimits.of(load(), ())
HOURS = 2
SEEDED = {
    "spo2": (Episode("spo2", 60, 6, 86), "ALM-SPO2b"),
    "breaths": (Episode("resp_rate", 60, 6, 6), "ALM-RRb"),
    "pulse": (Episode("heart_rate", 60, 6, 38), "ALM-HRb"),
    "co2": (Episode("etco2", 60, 6, 64), "ALM-CO2b"),
}


def charted(person: Person) -> list[Seen]:
    """The person's readings, one each minute and a half: every cuff and what stands between."""
    found = []
    for row in stream(person, load(), start=START, every_s=90, minutes=60 * HOURS):
        values = {k: v for k, v in row.values.items() if v is not None and k != "pulse"}
        lost = ("etco2",) if row.values["etco2"] is None else ()
        cuff = row.cuff if row.cuff_at == row.at and row.cuff is not None else {}
        found.append(Seen(row.at, Reading(**values, **cuff, lost=lost)))
    return found


def marked(person: Person) -> tuple[Mark, ...]:
    """All marks of a person's two hours."""
    seen = charted(person)
    first = next(s.what for s in seen if isinstance(s.what, Reading) and s.what.systolic is not None)
    assert isinstance(first, Reading)
    return marks(seen, limits=LIMITS, background=Background(first)).all


def test_quiet_sessions_have_at_most_one_mark_in_a_patient_hour() -> None:
    """100 people, two hours each, 0.5 mg/kg over 40 minutes."""
    loud = [m for seed in range(100) for m in marked(Person(seed=seed)) if m.level in ("amber", "red")]
    assert len(loud) <= 100 * HOURS


@pytest.mark.parametrize("name", SEEDED)
def test_every_seeded_event_is_marked_and_most_marks_are_events(name: str) -> None:
    """25 people for each event: caught in all of them; at least half of all reds are the event's own."""
    episode, rule = SEEDED[name]
    begin = START + timedelta(minutes=episode.start_min)
    reds, own = 0, 0
    for seed in range(25):
        found = marked(Person(seed=seed, episodes=(episode,)))
        mine = [m for m in found if m.rule == rule and begin <= m.since <= begin + timedelta(minutes=3)]
        assert mine, f"{name} of seed {seed}"
        reds += sum(m.level == "red" for m in found)
        own += sum(m.level == "red" and m.since >= begin for m in found)
    assert own * 2 >= reds


def test_a_sensor_that_is_off_is_technical_and_never_a_number() -> None:
    for seed in range(10):
        off = Person(seed=seed, episodes=(Episode("etco2", 60, 10, None), Episode("spo2", 90, 10, None)))
        assert all(getattr(s.what, "spo2", None) != Decimal(0) for s in charted(off))
        found = marked(off)
        technical = [m for m in found if m.level == "technical"]
        assert [m.rule for m in technical] == ["ALM-CO2c"]
        assert technical[0].action.startswith("Look at the person, then at the sensor")
        assert not [m for m in found if m.parameter == "spo2" and m.level == "red"]
