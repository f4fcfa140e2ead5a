"""Writes of the ledger: each in one transaction with its audit row, one at a time for a site.

Two people who take from the same vial at once are both kept, or the second hears that it is empty: whoever comes
second waits for the first's commit.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import Max, Q

from surcease.care.ledger import Kind, Movement, counter_entry, why_not
from surcease.knowledge.product import Product, Strength
from surcease.units import plain, say_unit
from surcease.web.accounts.models import Role, User
from surcease.web.audit import trail
from surcease.web.clinic.models import Site
from surcease.web.limits.queries import waste_needs_witness
from surcease.web.signing.actions import sign
from surcease.web.stock.models import Lot, MovementRow, Verdict, VialRow
from surcease.web.stock.record import exact, movement_of, movements, rows, vial_of
from surcease.web.treatment.models import TreatmentSession
from surcease.web.worklist import actions as worklist

MOST_VIALS = 500
MAY_WITNESS = (Role.NURSE, Role.PHARMACIST, Role.PHYSICIAN)


@transaction.atomic
def receive(
    *, by: User, now: datetime, site: Site, product: Product, strength: Strength, lot: str, expires: date, vials: int,
    paper: str,
) -> Lot:  # fmt: skip
    """Vials of one lot have come; each gets its code. ValueError says what is wrong."""
    _hold(site)
    if not 1 <= vials <= MOST_VIALS:
        raise ValueError(f"{vials} vials cannot be received at once: 1 to {MOST_VIALS}.")
    if expires < now.date():
        raise ValueError(f"The lot expired on {expires}: do not take it in.")
    row = _lot(site, product, strength, lot.strip().upper(), expires)
    first = (row.vials.aggregate(last=Max("number"))["last"] or 0) + 1
    new = [VialRow(lot=row, number=n, code=f"{row.lot}-{n:02}") for n in range(first, first + vials)]
    VialRow.objects.bulk_create(new)
    MovementRow.objects.bulk_create(
        MovementRow(
            site=site, kind=Kind.RECEIVE, vial=vial, amount_mg=row.content_mg, at=now,
            entered_at=now + timedelta(microseconds=vial.number), by=by,
            paper=paper,
        )
        for vial in new
    )  # fmt: skip
    trail.write("receive drug", by=by, about=row, details={"vials": vials, "lot": row.lot, "paper": paper})
    return row


def content_mg(strength: Strength) -> Decimal:
    """mg in one full container."""
    if strength.container is None:
        return strength.strength.value
    return strength.strength.to("mg/mL").value * strength.container.to("mL").value


def _lot(site: Site, product: Product, strength: Strength, lot: str, expires: date) -> Lot:
    said = f"{strength.strength.value} {say_unit(strength.strength.unit)}"
    box = "" if strength.container is None else f"{strength.container.value} {say_unit(strength.container.unit)}"
    known = Lot.objects.filter(site=site, product=product.id, lot=lot).first()
    if known is None:
        known = Lot(
            site=site, product=product.id, strength=said, container=box, content_mg=content_mg(strength), lot=lot,
            expires=expires,
        )  # fmt: skip
        known.save()
    elif (known.strength, known.container, known.expires) != (said, box, expires):
        raise ValueError(
            f"Lot {lot} is known as {known.strength}, {known.container}, until {known.expires}: one of both is wrong."
        )
    return known


def draw(
    *, by: User, now: datetime, session: TreatmentSession, vial: VialRow, amount_mg: Decimal, at: datetime | None = None
) -> MovementRow:
    """A dose was drawn up from a vial for a session."""
    new = _new(Kind.DRAW, amount_mg, at or now, vial=vial, session=session)
    return _write(new, by=by, now=now, site=session.site, vial=vial, session=session)


@transaction.atomic
def waste(
    *, by: User, now: datetime, method: str, amount_mg: Decimal, reason: str, vial: VialRow | None = None,
    session: TreatmentSession | None = None,
) -> MovementRow:  # fmt: skip
    """Drug is destroyed: the rest of a vial, or of what was drawn up for a session. Signed; then it waits for the
    second person where the clinic's witness rule says so."""
    if (vial is None) == (session is None):
        raise ValueError("Waste is of a vial or of what was drawn up for a session: name one of them.")
    if not reason.strip():
        raise ValueError("Say what is wasted and how: for example rest of the bag, into the sink with gel.")
    site = vial.lot.site if vial is not None else session.site  # type: ignore[union-attr]
    needed = waste_needs_witness(site)
    kind = Kind.WASTE if vial is not None else Kind.WASTE_DRAWN
    new = _new(kind, amount_mg, now, vial=vial, session=session, reason=reason, witness_needed=needed)
    row = _write(new, by=by, now=now, site=site, vial=vial, session=session)
    _sign(row, by=by, now=now, method=method, meaning="author")
    if needed:
        _ask_witness(row, by=by, now=now)
    return row


@transaction.atomic
def send_away(*, by: User, now: datetime, vial: VialRow, amount_mg: Decimal, paper: str, reason: str) -> MovementRow:
    """A vial leaves: back to the wholesaler, to another site, to a reverse distributor."""
    if not paper.strip():
        raise ValueError("Say to whom it goes and with which paper.")
    new = _new(Kind.SEND, amount_mg, now, vial=vial, reason=reason)
    return _write(new, by=by, now=now, site=vial.lot.site, vial=vial, paper=paper.strip())


@transaction.atomic
def take_back(*, by: User, now: datetime, method: str, movement: MovementRow, reason: str) -> MovementRow:
    """The counter-entry of a wrong movement. What needed a witness needs one again."""
    wrong = movement_of(movement)
    new = counter_entry(wrong, str(uuid4()), now, by.printed_name, reason.strip())
    if wrong.kind in (Kind.LOSE, Kind.FIND):
        raise ValueError("What a count found is not taken back: count again.")
    row = _write(
        new, by=by, now=now, site=movement.site, vial=movement.vial, session=movement.session, corrects=movement
    )
    if new.witness_needed:
        _sign(row, by=by, now=now, method=method, meaning="author")
        _ask_witness(row, by=by, now=now)
    return row


@transaction.atomic
def witness(*, by: User, now: datetime, method: str, movement: MovementRow) -> Verdict:
    """The second person saw it. Nobody witnesses what they entered themselves or drew up."""
    _hold(movement.site)
    if by.role not in MAY_WITNESS:
        raise ValueError("A nurse, pharmacist or physician witnesses waste.")
    if by.pk == movement.by_id or _drew(by, movement):
        raise ValueError("The second person is another one than who drew it up or entered it.")
    _sign(movement, by=by, now=now, method=method, meaning="witness")
    return _verdict(movement, by=by, now=now)


@transaction.atomic
def refuse(*, by: User, now: datetime, movement: MovementRow, reason: str) -> Verdict:
    """It was not so, or was entered by mistake: it never counts, and stays readable."""
    _hold(movement.site)
    if not reason.strip():
        raise ValueError("Say what was not so.")
    return _verdict(movement, by=by, now=now, refused=reason.strip())


def _verdict(movement: MovementRow, *, by: User, now: datetime, refused: str = "") -> Verdict:
    if not movement.witness_needed or Verdict.objects.filter(movement=movement).exists():
        raise ValueError("This entry waits for nobody.")
    row = Verdict(movement=movement, by=by, at=now, refused=refused)
    row.save()
    what = "refuse waste" if refused else "witness waste"
    trail.write(what, by=by, about=movement, patient=_patient(movement.session), why=refused)
    worklist.end_by_key(by=by, now=now, key=_key(movement), note=refused or "witnessed")
    return row


def _drew(by: User, movement: MovementRow) -> bool:
    """Whether this person drew from the vial, or for the session, whose drug is wasted."""
    same = Q(session=movement.session) if movement.session_id else Q(vial=movement.vial)
    return MovementRow.objects.filter(same, kind=Kind.DRAW, by=by, counter_entries=None).exists()


def _ask_witness(row: MovementRow, *, by: User, now: datetime) -> None:
    """A to-do for the nurses; a pharmacist or physician finds it on the ledger's page."""
    what = f"Witness waste: {plain(exact(row.amount_mg))} mg, {by.printed_name}"
    worklist.ask(
        by=by, now=now, key=_key(row), kind="witness", what=what,
        for_role=Role.NURSE, due_at=now, site=row.site, link=f"/stock/movement/{row.pk}/", source=row, urgent=True,
    )  # fmt: skip


def _key(row: MovementRow) -> str:
    return f"witness:{row.pk}"


def _sign(row: MovementRow, *, by: User, now: datetime, method: str, meaning: str) -> None:
    content = {
        "movement": str(row.pk), "kind": row.kind, "amount_mg": row.amount_mg, "vial": str(row.vial_id or ""),
        "session": str(row.session_id or ""), "reason": row.reason, "at": row.at,
    }  # fmt: skip
    sign(
        by=by, now=now, record_kind="movement", record_id=row.pk, version=1, content=content, meaning=meaning,
        method=method, patient=_patient(row.session),
    )  # fmt: skip


def _new(
    kind: Kind, amount_mg: Decimal, at: datetime, *, vial: Any = None, session: Any = None, **more: Any
) -> Movement:
    return Movement(
        str(uuid4()), kind, amount_mg, at, "", vial=str(vial.pk) if vial else "",
        session=str(session.pk) if session else "", **more,
    )  # fmt: skip


@transaction.atomic
def _write(
    new: Movement, *, by: User, now: datetime, site: Site, vial: VialRow | None = None,
    session: TreatmentSession | None = None, corrects: MovementRow | None = None, paper: str = "",
) -> MovementRow:  # fmt: skip
    """Add one movement under the site's lock. ValueError says why it may not be."""
    _hold(site)
    if vial is not None and vial.lot.site_id != site.pk:
        raise ValueError("This vial belongs to another site.")
    if new.at > now:
        raise ValueError("An entry of the ledger is about now or earlier.")
    touching = [*(rows(vial=vial) if vial else ()), *(rows(session=session) if session else ())]
    known = movements({row.pk: row for row in touching}.values())
    if said := why_not(replace(new, by=by.printed_name), known, vial=vial_of(vial) if vial else None):
        raise ValueError(said)
    row = MovementRow(
        pk=new.movement_id, site=site, kind=new.kind, vial=vial, session=session, amount_mg=new.amount_mg, at=new.at,
        entered_at=now, by=by, reason=new.reason.strip(), paper=paper, witness_needed=new.witness_needed,
        corrects=corrects,
    )  # fmt: skip
    row.save()
    what = f"drug {new.kind}" + (" taken back" if corrects else "")
    details = {"mg": str(new.amount_mg), "vial": vial.code if vial else ""}
    trail.write(what, by=by, about=row, patient=_patient(session), why=row.reason, details=details)
    return row


def _patient(session: TreatmentSession | None) -> Any:
    return session.patient_id if session is not None else None


def _hold(site: Site) -> None:
    """Take the site's row for the rest of the transaction: the ledger has one writer at a time."""
    Site.objects.select_for_update().only("pk").get(pk=site.pk)
