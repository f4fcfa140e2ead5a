"""The pump programme of a session: entered by one person, computed twice, entered again blindly by a second.

The second person never sees the first one's figures before they have typed their own; what differs is named at once,
and nothing is kept as checked until both agree.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from surcease.care import programme_check
from surcease.care.dose_words import show
from surcease.care.event import Checked
from surcease.care.label import Label, Who, label
from surcease.care.programme import Bag, Programme, Stretch, programme
from surcease.knowledge.product import load_products
from surcease.units import Quantity, plain, read_number
from surcease.web.accounts.models import User
from surcease.web.audit import trail
from surcease.web.patients.models import Patient
from surcease.web.signing.actions import sign, signatures_of
from surcease.web.signing.models import Meaning, Signature
from surcease.web.treatment.actions import add_event
from surcease.web.treatment.models import PumpProgramme, TreatmentSession
from surcease.web.treatment.record import order_from

KIND = "pump programme"
TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Entered:
    """What the first person typed. Numbers as text, exactly as typed: the second calculation reads them itself."""

    weight: str
    vial: str
    bag: str
    preparation: str = "withdraw"
    concentration: str = ""
    overfill: str = ""
    dead: str = ""
    diluent: str = ""
    lot: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """The programme as it stands: None entered, entered, or checked by a second person."""

    row: PumpProgramme | None = None
    made: Programme | None = None
    entered: Entered | None = None
    signatures: list[Signature] = field(default_factory=list)

    bag_checks: tuple[str, ...] = ()  # who checked bag 1, 2, …

    @property
    def checked_by(self) -> str:
        """The second person's name; "" while nobody has checked."""
        return self.bag_checks[0] if self.bag_checks else ""

    @property
    def next_bag(self) -> int | None:
        """The number of the bag that waits for its check; None when every bag has had one."""
        done = len(self.bag_checks)
        return None if self.made is None or done >= self.made.bags else done + 1


def programme_state(session: TreatmentSession) -> State:
    """The latest programme with its signatures."""
    row = session.programmes.order_by("-version").select_related("by").first()
    if row is None:
        return State()
    entered = Entered(**row.entries)
    made = compute(session, entered)
    signed = [s for bag in range(1, made.bags + 1) for s in signatures_of(kind_of(bag), session.pk, row.version)]
    checked = tuple(s.printed_name for s in signed if s.meaning == Meaning.VERIFY)
    return State(row, made, entered, signed, checked)


def kind_of(bag: int) -> str:
    """What is signed when a bag is checked: each bag for itself."""
    return KIND if bag == 1 else f"{KIND}, bag {bag}"


def compute(session: TreatmentSession, entered: Entered) -> Programme:
    """The programme of what was typed. ValueError, one sentence, when it cannot be, or two calculations differ."""
    order = order_from(session)
    made = programme(
        order.text, weight_kg=read_number(entered.weight), vial=_quantity(entered.vial, "mg/mL"),
        bag=Bag(
            _quantity(entered.bag, "mL").value, entered.preparation, _maybe(entered.overfill), _maybe(entered.dead)
        ),
        concentration=_quantity(entered.concentration, "mg/mL") if entered.concentration else None,
    )  # fmt: skip
    entries = programme_check.Entries(entered.weight, f"{entered.vial} mg/mL", f"{entered.bag} mL")
    again = programme_check.recompute(order.text, entries, **_settings(entered))
    if differ := programme_check.disagreements(made.figures(), again):
        raise ValueError(differ[0].say)
    if abs(made.weight_kg - order.weight_kg) > order.weight_kg / 100:
        raise ValueError(
            f"The order stands on {show(Quantity(order.weight_kg, 'kg'))}, not {entered.weight} kg: type the order's "
            "weight, or sign a new plan."
        )
    return made


@transaction.atomic
def enter(*, by: User, now: datetime, method: str, session: TreatmentSession, entered: Entered) -> PumpProgramme:
    """Keep the first person's programme, signed over its figures. An earlier one stays as an earlier version."""
    made = compute(session, entered)
    version = session.programmes.count() + 1
    figures = {name: str(value) for name, value in made.figures().items()}
    row = PumpProgramme(session=session, version=version, entries=asdict(entered), figures=figures, by=by, at=now)
    row.save()
    sign(
        by=by, now=now, record_kind=KIND, record_id=session.pk, version=version, meaning=Meaning.AUTHOR, method=method,
        content={"order": made.order, "entries": asdict(entered), "figures": figures}, patient=session.patient_id,
    )  # fmt: skip
    trail.write("enter programme", by=by, about=row, patient=session.patient_id)
    return row


def differs(session: TreatmentSession, state: State, again: programme_check.Entries) -> tuple[str, ...]:
    """Where the second person's entries differ from the first's, in words that name the likely slip; () when they
    agree."""
    assert state.entered is not None
    first = programme_check.Entries(state.entered.weight, f"{state.entered.vial} mg/mL", f"{state.entered.bag} mL")
    found = programme_check.check(order_from(session).text, first=first, again=again, **_settings(state.entered))
    return tuple(d.say_blind for d in found)


@transaction.atomic
def check(
    *, by: User, now: datetime, method: str, session: TreatmentSession, again: programme_check.Entries
) -> tuple[str, ...]:
    """A second person's blind entries for the next bag: () when both agree and the check is signed, else what differs,
    and nothing is kept. ValueError for the first person, or when nothing waits to be checked."""
    state = programme_state(session)
    bag = state.next_bag
    if state.row is None:
        raise ValueError(_("Nothing is entered yet: the first person enters the programme."))
    if state.row.by_id == by.pk:
        raise ValueError(_("This needs a second person: you have entered this programme yourself."))
    if bag is None:
        raise ValueError(_("Every bag of this programme is checked: a new bag beyond them is entered anew."))
    if said := differs(session, state, again):
        return said
    content = {"figures": state.row.figures, "again": asdict(again), "bag": bag}
    sign(
        by=by, now=now, record_kind=kind_of(bag), record_id=session.pk, version=state.row.version,
        meaning=Meaning.VERIFY, method=method, content=content, patient=session.patient_id,
    )  # fmt: skip
    words = f"{state.row.by.printed_name}, {by.printed_name}"
    item = "programme" if bag == 1 else f"programme, bag {bag}"
    add_event(by=by, now=now, session=session, payload=Checked(item, words))
    return ()


def steps_said(state: State) -> tuple[str, ...]:
    """What the pump is set to, step by step."""
    steps = state.made.stretches if state.made else ()

    def said(step: Stretch) -> str:
        return f"{plain(step.ml_per_h)} mL/h = {plain(step.mg_per_h.quantize(TENTH))} mg/h, {plain(step.hours)} h"

    return tuple(map(said, steps))


def label_of(session: TreatmentSession, patient: Patient, state: State, bag: int = 1) -> Label | None:
    """What is printed on a bag; None before anything is entered, or when there is no such bag. Unknown lines say so."""
    if state.made is None or state.row is None or state.entered is None or not 1 <= bag <= state.made.bags:
        return None
    identifiers = ", ".join(i.value for i in patient.identifiers.all() if i.ended_at is None)
    product = load_products()[order_from(session).product]
    return label(
        state.made, product, Who(patient.name, patient.born.isoformat() if patient.born else "?", identifiers or "?"),
        diluent=state.entered.diluent or product.diluents[0],
        made=state.row.at.astimezone(ZoneInfo(session.site.zone)), by=state.row.by.printed_name,
        checked_by=state.bag_checks[bag - 1] if bag <= len(state.bag_checks) else "", lot=state.entered.lot,
        bag_number=bag,
    )  # fmt: skip


def _settings(entered: Entered) -> dict[str, Any]:
    return {
        "preparation": entered.preparation,
        "concentration": f"{entered.concentration} mg/mL" if entered.concentration else "",
        "overfill_ml": entered.overfill or "0",
    }


def _quantity(text: str, unit: str) -> Quantity:
    return Quantity.of(read_number(text), unit)


def _maybe(text: str) -> Decimal | None:
    return read_number(text) if text else None
