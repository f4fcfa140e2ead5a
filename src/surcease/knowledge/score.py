"""Score an instrument. A blank is never 0; what is missing is named; what was prorated says so.

>>> from surcease.knowledge.instrument import Instrument, Item, Licence, Scale
>>> ten = [Item(n, "integer", low=Decimal(0), high=Decimal(10)) for n in ("pain", "enjoyment", "activity")]
>>> mean = Scale("mean", "Mean", "mean", ("pain", "enjoyment", "activity"), Decimal(0), Decimal(10))
>>> peg = Instrument("peg", "PEG", 1, tuple(ten), Licence("free"), short="PEG", scales=(mean,))
>>> score(peg, {"pain": 8, "enjoyment": 7, "activity": 8}).value
Decimal('7.67')
>>> score(peg, {"pain": 8, "activity": 8}).status
'No score: 1 of 3 items is missing (enjoyment); all are needed.'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from surcease.knowledge.answers import Given, enabled, points, positional, read_answers
from surcease.knowledge.branching import FUNCTIONS
from surcease.knowledge.instrument import Band, Instrument, Trigger
from surcease.knowledge.scales import ScaleScore, Verdict, say_missing, score_scale

__all__ = ["ScaleScore", "Score", "positional", "score"]


@dataclass(frozen=True, slots=True)
class Score:
    """What the answers come to. ``value`` and ``band`` are those of the first scale, or of the scoring function;
    ``met`` answers a diagnostic instrument (None: cannot be said yet); ``triggers`` fired whatever the score, and
    ``unsettled`` are those whose item was left blank."""

    instrument: str
    version: int
    value: Decimal | None
    band: Band | None
    status: str
    missing: tuple[str, ...] = ()
    prorated: bool = False
    met: bool | None = None
    scales: tuple[ScaleScore, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    unsettled: tuple[Trigger, ...] = ()

    def scale(self, scale_id: str) -> ScaleScore:
        """One scale's score by its id."""
        return next(s for s in self.scales if s.id == scale_id)


def score(instrument: Instrument, answers: Mapping[str, object]) -> Score:
    """Score ``answers`` (item id or LOINC code → option code, points, number, truth value, text; None or "" = blank).

    Raises ValueError naming the item when there is no such item or the answer is out of its range.
    """
    given = read_answers(instrument, answers)
    asked = enabled(instrument, given)
    scales = tuple(score_scale(instrument, scale, given, asked) for scale in instrument.scales)
    verdict = FUNCTIONS.get(instrument.function, _by_scales)(instrument, given, asked, scales)
    reached = {t: points(instrument.item(t.item), given[t.item]) for t in instrument.triggers}
    return Score(
        instrument.id, instrument.version, verdict.value, verdict.band, verdict.status, verdict.missing,
        verdict.prorated, verdict.met, verdict.scales,
        triggers=tuple(t for t, p in reached.items() if p is not None and p >= t.at_least),
        unsettled=tuple(t for t, p in reached.items() if p is None and t.item in asked),
    )  # fmt: skip


def _by_scales(instrument: Instrument, given: Given, asked: frozenset[str], scales: tuple[ScaleScore, ...]) -> Verdict:
    """The first scale is the score; an instrument without scales is a checklist and has none."""
    if not scales:
        missing = tuple(i.link_id for i in instrument.questions if i.link_id in asked and given[i.link_id] is None)
        return Verdict(None, None, "A checklist: it has no score.", missing)
    first = scales[0]
    status = say_missing(instrument.scales[0], first)
    return Verdict(first.value, first.band, status, first.missing, first.prorated, scales=scales)
