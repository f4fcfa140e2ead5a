"""Closing the drug record of a session, counting blind, and what becomes of a difference."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4

from django.db import transaction

from surcease.care.ledger import Reconciliation
from surcease.care.shelf_count import Adjustment, Counted, CountLine, adjustments, compare, expected_in
from surcease.units import plain
from surcease.web.accounts.models import Role, User
from surcease.web.audit import trail
from surcease.web.clinic.models import Site
from surcease.web.signing.actions import sign
from surcease.web.stock.actions import _hold
from surcease.web.stock.models import (
    Count,
    CountClosed,
    CountLineRow,
    Discrepancy,
    DrugRecord,
    Lot,
    MovementRow,
    Settlement,
    VialRow,
)
from surcease.web.stock.queries import drug_record_of, open_records, states_at, waiting_at
from surcease.web.stock.record import exact, line_of
from surcease.web.treatment.models import TreatmentSession
from surcease.web.worklist import actions as worklist

LOOK_INTO_H = 24


@transaction.atomic
def close_drug_record(
    *, by: User, now: datetime, method: str, session: TreatmentSession, reason: str = ""
) -> DrugRecord:
    """Close the drug record; the clinical end of the session neither waits for it nor is touched by it.

    ValueError while drug runs, while waste waits for its witness, and without a reason for a difference.
    """
    _hold(session.site)
    found = drug_record_of(session, now=now)
    if found.why_not_yet:
        raise ValueError(found.why_not_yet)
    sums = found.sums
    if not sums.agrees and not reason.strip():
        raise ValueError(f"{plain(sums.left_mg)} mg are not accounted for: waste the rest, or say where they went.")
    row = DrugRecord(
        session=session, drawn_mg=sums.drawn_mg, wasted_mg=sums.wasted_mg, given_mg=sums.given_mg,
        reason=reason.strip(), by=by, at=now,
    )  # fmt: skip
    row.save()
    session.drug_closed_at = now
    session.save(update_fields=["drug_closed_at"])
    sign(
        by=by, now=now, record_kind="drug record", record_id=row.pk, version=1, meaning="author", method=method,
        content={"session": str(session.pk), **_figures(sums), "reason": row.reason}, patient=session.patient_id,
    )  # fmt: skip
    trail.write("close drug record", by=by, about=row, patient=session.patient_id, details=_texts(sums))
    if sums.apart:
        said = (
            f"Session {session.number}: {plain(sums.left_mg)} mg of {plain(sums.drawn_mg)} mg drawn not accounted for"
        )
        _discrepancy(by=by, now=now, site=session.site, difference=-sums.left_mg, said=said, record=row)
    return row


@transaction.atomic
def count(
    *, by: User, now: datetime, site: Site, kind: str, counted: Mapping[str, Counted], moment: str = "", note: str = ""
) -> Count:
    """Keep what was counted (by lot id) beside what the books say at this moment; each difference becomes a task."""
    _hold(site)
    if kind == Count.Kind.INVENTORY and moment not in Count.Moment.values:
        raise ValueError("A full inventory says whether it was taken at opening or at close of business.")
    expected = expected_in(states_at(site))
    known = {lot: there for lot, there in expected.items() if lot in counted or there[1] != Counted(0, Decimal(0))}
    if missing := set(known) - set(counted):
        raise ValueError(f"{len(missing)} lots were not counted: a blank is not 0.")
    row = Count(site=site, kind=kind, moment=moment, by=by, at=now, note=note.strip())
    row.save()
    lots = Lot.objects.in_bulk(list(known))
    for line in compare(counted, known):
        lot = lots[next(k for k in lots if str(k) == line.lot)]
        kept = CountLineRow(
            count=row, lot=lot, counted_whole=line.counted.whole_vials, counted_open_mg=line.counted.open_mg,
            expected_whole=line.expected.whole_vials, expected_open_mg=line.expected.open_mg,
        )  # fmt: skip
        kept.save()
        if not line.agrees:
            _discrepancy(by=by, now=now, site=site, difference=line.difference_mg, said=_say(lot, line), line=kept)
    trail.write("count drugs", by=by, about=row, details={"kind": kind, "lots": len(known)})
    return row


def _say(lot: Lot, line: CountLine) -> str:
    counted, there = line.counted, line.expected
    return (
        f"Lot {lot.lot}: {counted.whole_vials} whole vials and {plain(counted.open_mg)} mg opened counted, "
        f"{there.whole_vials} and {plain(there.open_mg)} mg expected"
    )


def waits_for(row: Count) -> list[str]:
    """What a count still waits for before it closes, in words."""
    reasons = [d.said for d in Discrepancy.objects.filter(line__count=row, settlement=None)]
    reasons += [f"waste waits for its witness: {plain(exact(m.amount_mg))} mg" for m in waiting_at(row.site)]
    return reasons + [f"drug record of session {s.number} is open" for s in open_records(row.site)]


@transaction.atomic
def close_count(*, by: User, now: datetime, method: str, row: Count) -> CountClosed:
    """Sign that the balance stands. ValueError says what it waits for."""
    _hold(row.site)
    if waiting := waits_for(row):
        raise ValueError(f"The count waits: {'; '.join(waiting)}.")
    if CountClosed.objects.filter(count=row).exists():
        raise ValueError("This count is closed already.")
    closed = CountClosed(count=row, by=by, at=now)
    closed.save()
    lines = [(line.lot.lot, line.counted_whole, line.counted_open_mg) for line in row.lines.select_related("lot")]
    sign(
        by=by, now=now, record_kind="count", record_id=row.pk, version=1, meaning="author", method=method,
        content={"kind": row.kind, "moment": row.moment, "at": row.at, "lines": sorted(map(list, lines), key=str)},
    )  # fmt: skip
    trail.write("close count", by=by, about=row)
    return closed


@transaction.atomic
def settle(
    *, by: User, now: datetime, method: str, discrepancy: Discrepancy, explanation: str, told: str = "",
    adjust: bool = False,
) -> Settlement:  # fmt: skip
    """Say what became of a difference; ``adjust`` brings the books to what was counted by movements of their own."""
    _hold(discrepancy.site)
    if not explanation.strip():
        raise ValueError("Say what was found: a difference is not settled without an explanation.")
    if Settlement.objects.filter(discrepancy=discrepancy).exists():
        raise ValueError("This difference is settled already.")
    row = Settlement(discrepancy=discrepancy, explanation=explanation.strip(), told=told.strip(), by=by, at=now)
    row.save()
    content = {"said": discrepancy.said, "explanation": row.explanation, "told": row.told, "adjust": adjust}
    sign(
        by=by, now=now, record_kind="discrepancy", record_id=discrepancy.pk, version=1, meaning="author",
        method=method, content=content,
    )  # fmt: skip
    trail.write("settle discrepancy", by=by, about=discrepancy, why=row.explanation, details={"told": row.told})
    if adjust and discrepancy.line is not None:
        _adjust(discrepancy, by=by, now=now)
    worklist.end_by_key(by=by, now=now, key=f"discrepancy:{discrepancy.pk}", note=row.explanation[:200])
    return row


def _adjust(discrepancy: Discrepancy, *, by: User, now: datetime) -> None:
    line = discrepancy.line
    assert line is not None
    for one in adjustments(line_of(line), states_at(discrepancy.site)):
        vial = VialRow.objects.get(pk=one.vial) if one.vial else _found_vial(line.lot)
        _move(one, vial, by=by, now=now, reason=discrepancy.said)


def _found_vial(lot: Lot) -> VialRow:
    last = lot.vials.order_by("-number").first()
    number = 1 if last is None else last.number + 1
    vial = VialRow(lot=lot, number=number, code=f"{lot.lot}-{number:02}")
    vial.save()
    return vial


def _move(one: Adjustment, vial: VialRow, *, by: User, now: datetime, reason: str) -> None:
    row = MovementRow(
        pk=uuid4(), site=vial.lot.site, kind=one.kind, vial=vial, amount_mg=one.amount_mg, at=now, entered_at=now,
        by=by, reason=reason[:300],
    )  # fmt: skip
    row.save()
    trail.write(f"drug {one.kind}", by=by, about=row, details={"mg": str(one.amount_mg), "vial": vial.code})


def _discrepancy(
    *, by: User, now: datetime, site: Site, difference: Decimal, said: str, line: CountLineRow | None = None,
    record: DrugRecord | None = None,
) -> Discrepancy:  # fmt: skip
    row = Discrepancy(site=site, line=line, record=record, difference_mg=difference, said=said[:300], at=now, by=by)
    row.save()
    trail.write("find discrepancy", by=by, about=row, details={"mg": str(difference)})
    worklist.ask(
        by=by, now=now, key=f"discrepancy:{row.pk}", kind="discrepancy", what=said[:300], for_role=Role.PHARMACIST,
        due_at=now + timedelta(hours=LOOK_INTO_H), site=site, link=f"/stock/discrepancy/{row.pk}/", source=row,
        urgent=True, escalation=[{"after_min": 0, "role": Role.LEAD}],
    )  # fmt: skip
    return row


def _figures(sums: Reconciliation) -> dict[str, Decimal]:
    return {"drawn_mg": sums.drawn_mg, "wasted_mg": sums.wasted_mg, "given_mg": sums.given_mg, "left_mg": sums.left_mg}


def _texts(sums: Reconciliation) -> dict[str, str]:
    return {name: plain(value) for name, value in _figures(sums).items()}
