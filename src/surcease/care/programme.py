"""The pump programme: from an order, a weight, a vial and a bag to what is drawn, mixed and typed into the pump.

**Bag.** ``bag`` is the final volume: as much fluid as the drug takes (and the maker's overfill, where the site has
entered it) is withdrawn first. ``add`` puts the drug on top of the nominal volume; ``empty`` fills an empty bag. The
bag with the drug simply added is always computed beside it, because that is the commonest other way.

**Rate.** A *fixed-rate* programme runs the whole bag over the order's time (100 mL in 4 h is 25 mL/h), and the
concentration follows. A *fixed-concentration* programme takes the site's mg/mL and mL/h follow; every bag is made full
at that concentration, ``infuse_ml`` is what the pump is told to give in all, and the rest is waste.

**Rounding.** Everything is exact until it is drawn or typed: the volume to draw to the nearest 0.01 mL, the pump's
rate down to 0.1 mL/h, so that no rounding of a rate gives more than was ordered.

>>> vial, bag = Quantity.of(50, "mg/mL"), Bag(Decimal(100))
>>> p = programme("0.35 mg/kg/h for 4 h iv", weight_kg=Decimal(62), vial=vial, bag=bag)
>>> p.say
'21.7 mg/h = 0.35 mg/kg/h = 5.83 mcg/kg/min = 25 mL/h; 86.8 mg = 1.74 mL of 50 mg/mL'
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_DOWN, Decimal

from surcease.care.dose_words import draw_ml, rate_in_every_unit, say_amount, say_rate
from surcease.pkpd.regimen import Regimen, parse
from surcease.units import Quantity, plain

PUMP_STEP = Decimal("0.1")  # mL/h
PREPARATIONS = {
    "withdraw": "withdraw as much as is added, then add the drug",
    "add": "add the drug to the full bag",
    "empty": "fill an empty bag",
}  # fmt: skip
PUMPED = ("iv", "sc")
HOUR_S = Decimal(3600)


@dataclass(frozen=True, slots=True)
class Bag:
    """A bag (or syringe) as it is prepared here. ``overfill_ml`` and ``dead_ml`` (left in the line) are the site's
    numbers; None means that the site has not entered one, and the programme says so."""

    volume_ml: Decimal
    preparation: str = "withdraw"
    overfill_ml: Decimal | None = None
    dead_ml: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A constant rate for a time: mg/h, hours, and what the pump is set to."""

    mg_per_h: Decimal
    hours: Decimal
    ml_per_h_exact: Decimal
    ml_per_h: Decimal


@dataclass(frozen=True, slots=True)
class Mix:
    """What is in each bag: exact mg and mL, what is drawn, what is withdrawn before, and the mg/mL that results."""

    preparation: str
    drug_mg: Decimal
    drug_ml: Decimal  # exact
    draw_ml: Decimal  # to 0.01 mL
    withdraw_ml: Decimal
    diluent_ml: Decimal
    final_ml: Decimal
    mg_per_ml: Decimal


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme as it is checked, printed and typed. Numbers are Decimal; rates in mg/h and mL/h."""

    order: str
    weight_kg: Decimal
    vial_mg_per_ml: Decimal
    bag: Bag
    mode: str  # fixed_rate | fixed_concentration
    total_mg: Decimal
    hours: Decimal
    stretches: tuple[Stretch, ...]
    mix: Mix  # each bag
    bags: int
    infuse_ml: Decimal  # exact
    other: Mix  # the bag with the drug simply added (or, where that is chosen, with withdrawal)
    other_stretches: tuple[Stretch, ...]
    left_in_line_mg: Decimal | None
    route: str
    substance: str
    notes: tuple[str, ...] = ()

    @property
    def first(self) -> Stretch:
        """What the pump starts with."""
        return self.stretches[0]

    @property
    def left_over_mg(self) -> Decimal:
        """What the bags hold beyond the order: witnessed waste."""
        return self.mix.drug_mg * self.bags - self.total_mg

    @property
    def say(self) -> str:
        """The start in every dialect, and the whole amount as a volume of the vial."""
        rate = say_rate(Quantity(self.first.mg_per_h, "mg/h"), weight_kg=self.weight_kg, ml_per_h=self.first.ml_per_h)
        return f"{rate}; {say_amount(Quantity(self.total_mg, 'mg'), Quantity(self.vial_mg_per_ml, 'mg/mL'))}"

    @property
    def prepare(self) -> str:
        """How a bag is made, in one sentence."""
        mix, fluid = self.mix, plain(self.bag.volume_ml)
        steps = {
            "withdraw": f"From a {fluid} mL bag withdraw {plain(mix.withdraw_ml)} mL, then add",
            "add": f"To a full {fluid} mL bag add",
            "empty": f"Into an empty bag put {plain(mix.diluent_ml)} mL of diluent and",
        }[mix.preparation]
        return f"{steps} {plain(mix.draw_ml)} mL of {plain(self.vial_mg_per_ml)} mg/mL."

    def figures(self) -> dict[str, Decimal]:
        """Every number that a second calculation has to find again."""
        found = {
            "total_mg": self.total_mg, "hours": self.hours, "bags": Decimal(self.bags), "infuse_ml": self.infuse_ml,
            "drug_mg": self.mix.drug_mg, "draw_ml": self.mix.draw_ml, "withdraw_ml": self.mix.withdraw_ml,
            "diluent_ml": self.mix.diluent_ml, "final_ml": self.mix.final_ml, "mg_per_ml": self.mix.mg_per_ml,
        }  # fmt: skip
        rates = rate_in_every_unit(Quantity(self.first.mg_per_h, "mg/h"), self.weight_kg)
        found |= {name: quantity.value for name, quantity in rates.items()}
        for n, stretch in enumerate(self.stretches, 1):
            found |= {f"mg_per_h_{n}": stretch.mg_per_h, f"ml_per_h_{n}": stretch.ml_per_h, f"hours_{n}": stretch.hours}
        return found


def programme(
    order: str | Regimen, *, weight_kg: Decimal, vial: Quantity, bag: Bag, concentration: Quantity | None = None
) -> Programme:
    """Compute the programme of one session. With ``concentration`` it is a fixed-concentration programme.

    ValueError, one sentence, when the order is not one a pump can run, or the drug does not fit the bag.
    """
    regimen = (parse(order) if isinstance(order, str) else order).for_weight(weight_kg)
    pieces = _pieces(regimen)
    total = sum((amount for amount, _ in pieces), Decimal(0))
    strength = vial.to("mg/mL").value
    _check(bag, strength, concentration)
    if concentration is None:
        mix, bags, mode = _mix(total, strength, bag), 1, "fixed_rate"
    else:
        mix = _mix(concentration.to("mg/mL").value * bag.volume_ml, strength, bag)
        bags, mode = int((total / mix.drug_mg).to_integral_value(ROUND_CEILING)), "fixed_concentration"
    other = _mix(mix.drug_mg, strength, replace(bag, preparation="withdraw" if bag.preparation == "add" else "add"))
    return Programme(
        order=order if isinstance(order, str) else order.text(), weight_kg=weight_kg, vial_mg_per_ml=strength, bag=bag,
        mode=mode, total_mg=total, hours=sum((s for _, s in pieces), Decimal(0)) / HOUR_S,
        stretches=_set_pump(pieces, mix), mix=mix, bags=bags, infuse_ml=total / mix.mg_per_ml,
        other=other, other_stretches=_set_pump(pieces, other),
        left_in_line_mg=None if bag.dead_ml is None else bag.dead_ml * mix.mg_per_ml,
        route=regimen.routes[0], substance=regimen.substances[0], notes=_notes(bag, mix),
    )  # fmt: skip


def _pieces(regimen: Regimen) -> list[tuple[Decimal, Decimal]]:
    """(mg, seconds) of each stretch, in order; ValueError when it is not one unbroken run of constant rates."""
    if len(regimen.routes) > 1 or regimen.routes[0] not in PUMPED or len(regimen.substances) > 1:
        raise ValueError("A pump runs one drug by one way, iv or sc: write one such order for each programme.")
    pieces: list[tuple[Decimal, Decimal]] = []
    at = Decimal(0)
    for piece in regimen.inputs():
        if not piece.duration_s:
            raise ValueError("A push is not a pump programme: write an amount over a time, or a rate for a time.")
        if piece.start_s != at:
            raise ValueError("A programme is one session without a gap: write one order for each session.")
        if piece.rate_mg_per_h != piece.to_rate_mg_per_h:
            raise ValueError(
                "A pump is set to constant rates: write the ramp in steps, such as 5 to 20 mg/h by 5 every 2 h."
            )
        pieces.append((piece.amount_mg, piece.duration_s))
        at += piece.duration_s
    return pieces


def _check(bag: Bag, strength: Decimal, concentration: Quantity | None) -> None:
    if bag.preparation not in PREPARATIONS:
        raise ValueError(f"The preparation {bag.preparation!r} is not known: use {', '.join(PREPARATIONS)}.")
    if not Decimal(1) <= bag.volume_ml <= Decimal(5000):
        raise ValueError(f"A bag of {plain(bag.volume_ml)} mL is not one: give 1 to 5000 mL, for example 100 mL.")
    if not Decimal("0.1") <= strength <= Decimal(200):
        raise ValueError(
            f"A vial of {plain(strength)} mg/mL is not ketamine: give 0.1 to 200 mg/mL, for example 50 mg/mL."
        )
    if concentration is not None and not 0 < concentration.to("mg/mL").value <= strength:
        raise ValueError(f"A bag of {concentration} cannot be made from a vial of {plain(strength)} mg/mL.")


def _mix(drug_mg: Decimal, strength: Decimal, bag: Bag) -> Mix:
    """One bag holding ``drug_mg``, prepared as the site does it."""
    volume, overfill = bag.volume_ml, bag.overfill_ml or Decimal(0)
    drug_ml = drug_mg / strength
    drawn = draw_ml(Quantity(drug_mg, "mg"), Quantity(strength, "mg/mL"))
    if drug_ml > volume:
        raise ValueError(
            f"{plain(drawn)} mL of drug do not fit a bag of {plain(volume)} mL: take a larger bag or a stronger vial."
        )
    if bag.preparation == "add":
        withdraw, diluent, final = Decimal(0), volume + overfill, volume + overfill + drug_ml
    else:
        withdraw = drawn + overfill if bag.preparation == "withdraw" else Decimal(0)
        diluent, final = volume - drawn, volume
    return Mix(bag.preparation, drug_mg, drug_ml, drawn, withdraw, diluent, final, drug_mg / final)


def _set_pump(pieces: list[tuple[Decimal, Decimal]], mix: Mix) -> tuple[Stretch, ...]:
    """mg/h and mL/h of each stretch; ValueError when the pump could not be set so low."""
    found = []
    for amount, seconds in pieces:
        mg_per_h = amount * HOUR_S / seconds
        exact = mg_per_h / mix.mg_per_ml
        # to 20 places first: a quotient like 24.999…9 is 25, not one pump step less
        typed = round(exact, 20).quantize(PUMP_STEP, ROUND_DOWN)
        if not typed:
            raise ValueError("The pump's rate would be under 0.1 mL/h: take a weaker bag.")
        found.append(Stretch(mg_per_h, seconds / HOUR_S, exact, typed))
    return tuple(found)


def _notes(bag: Bag, mix: Mix) -> tuple[str, ...]:
    """What the site has not entered, and what a small volume means."""
    notes = []
    if bag.overfill_ml is None and bag.preparation != "empty":
        notes.append("The bag's overfill is not entered for this site: counted as 0 mL.")
    if bag.dead_ml is None:
        notes.append("The line's dead volume is not entered for this site: what stays in the line is not counted.")
    if mix.draw_ml < Decimal("0.5"):
        notes.append("Less than 0.5 mL is drawn: use a 1 mL syringe or a weaker vial.")
    return tuple(notes)
