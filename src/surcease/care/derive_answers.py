"""Filled-in instruments: from the newest sitting of each to its facts. A score another system reported stands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from surcease.care.derive_body import in_future, moment
from surcease.care.record import Answers, Record
from surcease.care.screening import SCREENS, screening_facts
from surcease.knowledge import Knowledge
from surcease.knowledge.answers import points, read_answer
from surcease.knowledge.catalogue import catalogue
from surcease.knowledge.fact import Fact
from surcease.knowledge.instrument import Instrument
from surcease.knowledge.score import Score, score

#: instrument → the fact that its score is
SCORES = {
    "peg": "peg_score", "phq-9": "phq9_score", "gad-7": "gad7_score", "ort-oud": "ort_oud_score",
    "audit-c": "audit_c_score", "dast-10": "dast10_score", "stop-bang": "stop_bang_score", "moca": "moca_score",
    "bpic-ss": "bpic_ss_score", "pgic": "pgic",
}  # fmt: skip


def answer_facts(record: Record, now: datetime, knowledge: Knowledge) -> dict[str, Fact]:
    """Scores, the ninth item of the PHQ-9, average pain, suicide risk, the two diagnostic screens."""
    instruments = catalogue(knowledge)
    newest = {i: sittings[0] for i, sittings in by_instrument(record, now).items()}
    known = {}
    for instrument, name in SCORES.items():
        if (sitting := newest.get(instrument)) and (value := value_of(sitting, instruments)) is not None:
            known[name] = Fact(value, "{score}", sitting.at, _source(sitting))
    known |= _ninth(newest.get("phq-9"), instruments)
    known |= _average_pain(newest)
    for instrument in SCREENS:
        if sitting := newest.get(instrument):
            known |= screening_facts(sitting, instruments)
    return known


def by_instrument(record: Record, now: datetime) -> dict[str, list[Answers]]:
    """The sittings of each instrument, newest first; undated ones last, future ones left out."""
    found: dict[str, list[Answers]] = {}
    for sitting in record.answers:
        if not in_future(sitting.at, now):
            found.setdefault(sitting.instrument, []).append(sitting)
    return {i: sorted(s, key=lambda a: moment(a.at), reverse=True) for i, s in found.items()}


def value_of(sitting: Answers, instruments: Mapping[str, Instrument]) -> Decimal | None:
    """The reported score, else the score of the items; None when neither gives one."""
    if sitting.score is not None:
        return sitting.score
    scored = scored_items(sitting, instruments)
    return scored.value if scored else None


def scored_items(sitting: Answers, instruments: Mapping[str, Instrument]) -> Score | None:
    """The items scored here. None when the instrument is not known, or an answer does not fit its item."""
    instrument = instruments.get(sitting.instrument)
    if instrument is None or not sitting.items:
        return None
    try:
        return score(instrument, sitting.items)
    except ValueError:
        return None


def _source(sitting: Answers) -> str:
    return (sitting.origin.ref or sitting.origin.kind) if sitting.origin else ""


def _ninth(sitting: Answers | None, instruments: Mapping[str, Instrument]) -> dict[str, Fact]:
    """Item 9 of the newest PHQ-9: unknown when only a total came, however old answers read."""
    raw = sitting.items.get("9") if sitting else None
    if sitting is None or raw is None:
        return {}
    item = instruments["phq-9"].item("9")
    try:
        value = points(item, read_answer(item, raw))
    except ValueError:  # words that are no answer of this item
        return {}
    if value is None:
        return {}
    return {"phq9_item9": Fact(value, "{score}", sitting.at, _source(sitting))}


def _average_pain(newest: Mapping[str, Answers]) -> dict[str, Fact]:
    """Average pain of the last week: the worded number of the NRS, or the first item of the PEG, the newer one."""
    asked = [(newest.get("nrs"), "average"), (newest.get("peg"), "pain")]
    said = [(a, a.items.get(item)) for a, item in asked if a is not None]
    worded = [(a, v) for a, v in said if isinstance(v, Decimal)]
    if not worded:
        return {}
    sitting, value = max(worded, key=lambda w: moment(w[0].at))
    return {"nrs_average": Fact(value, "{score}", sitting.at, _source(sitting))}
