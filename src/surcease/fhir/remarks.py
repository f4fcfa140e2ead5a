"""What a reader of an imported record should know before trusting it. Sentences carry no names of persons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from surcease.care.record import Measurement, Medication, Record
from surcease.fhir.book import book
from surcease.units import Quantity, UnitError

ON_LIST = {"active", "on-hold", "unknown"}


def remarks(record: Record) -> Iterator[str]:
    """One sentence per matter, none when all is plain."""
    if record.person.deceased:
        died = record.person.died
        yield f"The person has died{f' on {died}' if died else ''}."
    current = [m for m in record.medications if m.status in ON_LIST]
    bare = {m.text for m in current if m.dose is None}
    if bare:
        noun = "medicine" if len(bare) == 1 else "medicines"
        yield f"{len(bare)} {noun} on the list without a dose: the dose is unknown, which is not zero."
    yield from _repeats(current)
    yield from _odd_units(record.measurements)


def _repeats(current: list[Medication]) -> Iterator[str]:
    """The same order again and again, each still marked active: refills, most likely; nothing is added up."""
    for name, times in Counter(m.text for m in current if m.status == "active").items():
        if times > 1:
            yield f"{name} stands {times} times as active: the newest order is read as the current one."


def _odd_units(measurements: tuple[Measurement, ...]) -> Iterator[str]:
    known = book().measurements
    ours = (m for m in measurements if m.name in known and m.value is not None)
    odd = Counter((m.name, m.unit) for m in ours if not _readable(m))
    for (name, unit), times in odd.items():
        said = f"in {unit!r}" if unit else "without a unit"
        yield f"{known[name].label} came {said} ({times}): it is kept as it came and no rule reads it."


def _readable(m: Measurement) -> bool:
    """Whether the value can be said in the unit we compare in. Pain scores and MME are plain numbers."""
    wanted = book().measurements[m.name].unit
    if not wanted or wanted in ("{score}", "{MME}/d"):
        return True
    try:
        return bool(m.unit) and Quantity.of(0, m.unit).same_kind(wanted)
    except UnitError:
        return False
