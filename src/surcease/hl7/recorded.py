"""A recorded stream of a bedside monitor as numerics, moved to start now.

The file is a table with a time or minute column and columns such as HR, SpO2, RESP, NBPSys, NBPDias; a zero or an
empty cell is *no signal*. Columns that are not known are left alone (an arterial line is not a cuff).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from surcease.hl7.compose import Numerics

FLOWING = {"HR": "heart_rate", "PULSE": "pulse", "SpO2": "spo2", "RESP": "resp_rate", "EtCO2": "etco2"}
CUFF = {"NBPSys": "systolic", "NBPDias": "diastolic", "NBPMean": "mean_pressure"}


def recorded(lines: Iterable[str], *, start: datetime, every_s: float) -> Iterator[Numerics]:
    """One row each ``every_s`` seconds, from ``start`` on. ValueError when the table has no column we know."""
    rows = csv.DictReader(lines)
    names = set(rows.fieldnames or ())
    if not names & (set(FLOWING) | set(CUFF)):
        raise ValueError(f"The file has none of the columns {', '.join([*FLOWING, *CUFF])}.")
    cuff: dict[str, Decimal] | None = None
    cuff_at = start
    for n, row in enumerate(rows):
        at = start + timedelta(seconds=n * every_s)
        measured = {ours: v for theirs, ours in CUFF.items() if (v := _number(row.get(theirs))) is not None}
        if measured:
            cuff, cuff_at = measured, at
        values = {ours: _number(row.get(theirs)) for theirs, ours in FLOWING.items() if theirs in names}
        yield Numerics(at, values, cuff, cuff_at)


def _number(text: str | None) -> Decimal | None:
    """A positive number, None for blank, zero and everything else."""
    try:
        amount = Decimal((text or "").strip() or "0")
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and amount > 0 else None
