"""The weight a dose is computed from: actual, ideal and adjusted side by side, and whether the entry can be true.

Ideal weight is Devine's (men 50, women 45.5, + 2.3 kg per inch over 60 in); adjusted adds 40 % of the excess.
Which of them doses: ideal from a body mass index of 30, else actual (rule DOS-08). The other one is always shown.
Limits marked *default* are the clinic's to change; none has a guideline behind it.

>>> body = Body(Decimal(96), Sex.FEMALE, Decimal(163))
>>> w = dosing_weight(body)
>>> w.basis, w.kg, w.ideal_kg, w.adjusted_kg, w.bmi
('ideal', Decimal('55.1'), Decimal('55.1'), Decimal('71.5'), Decimal('36.1'))
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal

from surcease.care.record import Sex
from surcease.units import Quantity, plain

BMI_FOR_IDEAL = Decimal(30)  # default
POUNDS_PER_KG = Quantity.of(1, "kg").to("[lb_av]").value
LIKE_POUNDS = (Decimal("2.0"), Decimal("2.42"))  # default: ratio to an earlier weight read as pounds
LIKE_KILOGRAMS = (Decimal("0.413"), Decimal("0.5"))  # default: the reverse slip
BMI_POSSIBLE = (Decimal(12), Decimal(60))  # default
BMI_USUAL = (Decimal(18), Decimal(32))  # default: where most people are, to tell which slip is likely
BMI_DOUBTFUL = (Decimal(15), Decimal("39.6"))  # default: asked again when no earlier weight speaks for it;
# 39.7 is an index of 18.0 typed in pounds, so that every adult who is not underweight is caught
BMI_EITHER_UNIT = Decimal(
    33
)  # default: from here to the doubtful ones a stout person and a thin one in pounds look alike


@dataclass(frozen=True, slots=True)
class Weighing:
    """One weight on record. ``how``: scale | stated | estimated | ""."""

    kg: Decimal
    at: date | datetime | None = None
    how: str = ""


@dataclass(frozen=True, slots=True)
class Body:
    """What a dose needs to know of a body. Height and sex may be unknown; earlier weights come newest first."""

    weight_kg: Decimal
    sex: Sex = Sex.UNKNOWN
    height_cm: Decimal | None = None
    weighed_at: date | datetime | None = None
    how: str = ""
    earlier: tuple[Weighing, ...] = ()


@dataclass(frozen=True, slots=True)
class DosingWeight:
    """The weight that doses, and every other one, each to 0.1 kg. None where height is unknown."""

    kg: Decimal
    basis: str  # actual | ideal
    why: str
    actual_kg: Decimal
    ideal_kg: Decimal | None = None
    adjusted_kg: Decimal | None = None
    bmi: Decimal | None = None
    missing: tuple[str, ...] = ()

    @property
    def apart_percent(self) -> Decimal | None:
        """How far the actual-weight dose lies above the dosing-weight dose, in percent of the latter."""
        return ((self.actual_kg / self.kg - 1) * 100).quantize(Decimal(1), ROUND_HALF_EVEN)


def body_mass_index(weight_kg: Decimal, height_cm: Decimal) -> Decimal:
    """kg/m², to 0.1."""
    return _tenth(weight_kg / (height_cm / 100) ** 2)


def ideal_weight_kg(sex: Sex, height_cm: Decimal) -> Decimal:
    """Devine's ideal body weight to 0.1 kg. Where sex is not male or female, the lower of the two.

    >>> ideal_weight_kg(Sex.FEMALE, Decimal(163)), ideal_weight_kg(Sex.MALE, Decimal(180))
    (Decimal('55.1'), Decimal('75.0'))
    """
    inches_over = Quantity.of(height_cm, "cm").to("[in_i]").value - 60
    base = Decimal(50) if sex == Sex.MALE else Decimal("45.5")
    return _tenth(base + Decimal("2.3") * inches_over)


def adjusted_weight_kg(actual_kg: Decimal, ideal_kg: Decimal) -> Decimal:
    """Ideal plus 40 % of what lies above it, to 0.1 kg; shown for comparison, no rule doses by it."""
    return _tenth(ideal_kg + Decimal("0.4") * (actual_kg - ideal_kg))


def dosing_weight(body: Body) -> DosingWeight:
    """Choose by DOS-08; without a height the actual weight stands and the height is reported missing."""
    check_possible(body)
    actual = body.weight_kg
    if body.height_cm is None:
        return DosingWeight(actual, "actual", "Height is not known: actual weight.", actual, missing=("height_cm",))
    bmi, ideal = body_mass_index(actual, body.height_cm), ideal_weight_kg(body.sex, body.height_cm)
    adjusted = adjusted_weight_kg(actual, ideal)
    if bmi < BMI_FOR_IDEAL:
        return DosingWeight(
            actual, "actual", f"Body mass index {plain(bmi)}: actual weight.", actual, ideal, adjusted, bmi
        )
    why = f"Body mass index {plain(bmi)}, 30 or more: ideal weight."
    unsure = body.sex not in (Sex.FEMALE, Sex.MALE)
    why += " Sex is not given as female or male: the lower of the two formulas." if unsure else ""
    return DosingWeight(ideal, "ideal", why, actual, ideal, adjusted, bmi, ("sex",) if unsure else ())


def check_possible(body: Body) -> None:
    """ValueError when a weight or height cannot be a person's."""
    if not Decimal(2) <= body.weight_kg <= Decimal(500):
        raise ValueError(f"A weight of {plain(body.weight_kg)} kg is not a person's: give 2 to 500 kg, for example 70.")
    if body.height_cm is not None and not Decimal(50) <= body.height_cm <= Decimal(250):
        raise ValueError(
            f"A height of {plain(body.height_cm)} cm is not a person's: give 50 to 250 cm, for example 170."
        )


@dataclass(frozen=True, slots=True)
class WeightDoubt:
    """Why an entered weight is asked again. ``kind``: lb_for_kg | kg_for_lb | tenfold | bmi, or either_unit, where
    nothing contradicts it and only a second weighing can tell kilograms from pounds."""

    kind: str
    entered_kg: Decimal
    likely_kg: Decimal | None
    against: str  # what it contradicts, in words

    @property
    def say(self) -> str:
        """The question put to whoever typed it."""
        entered = plain(self.entered_kg)
        likely = f" ({plain(self.likely_kg)} kg)" if self.likely_kg is not None else ""
        question = {
            "lb_for_kg": f"{entered} lb?{likely}",
            "kg_for_lb": f"Was {entered} kg converted from pounds twice?{likely}",
            "tenfold": f"A lost or added decimal point?{likely}",
            "bmi": "Weigh again, or check the height.",
            "either_unit": f"Or were it pounds{likely}? Weigh a second time.",
        }[self.kind]
        fits = "fits" if self.kind == "either_unit" else "does not fit"
        return f"{entered} kg {fits} {self.against}. {question}"


def doubt_weight(body: Body) -> WeightDoubt | None:
    """The likeliest slip in an entered weight, or None when nothing speaks against it.

    >>> d = doubt_weight(Body(Decimal("136.7"), earlier=(Weighing(Decimal(62)),)))
    >>> d.say
    '136.7 kg does not fit the earlier weight of 62 kg. 136.7 lb? (62 kg)'
    """
    if body.earlier:
        return _against_earlier(body.weight_kg, body.earlier[0].kg) or _against_height(body, BMI_POSSIBLE)
    return _against_height(body, BMI_DOUBTFUL) or _either_unit(body)


def _against_earlier(now_kg: Decimal, before_kg: Decimal) -> WeightDoubt | None:
    ratio, against = now_kg / before_kg, f"the earlier weight of {plain(before_kg)} kg"
    if LIKE_POUNDS[0] <= ratio <= LIKE_POUNDS[1]:
        return WeightDoubt("lb_for_kg", now_kg, _tenth(now_kg / POUNDS_PER_KG), against)
    if LIKE_KILOGRAMS[0] <= ratio <= LIKE_KILOGRAMS[1]:
        return WeightDoubt("kg_for_lb", now_kg, _tenth(now_kg * POUNDS_PER_KG), against)
    if ratio >= 5 or ratio <= Decimal("0.2"):
        return WeightDoubt("tenfold", now_kg, _tenth(now_kg / 10 if ratio > 1 else now_kg * 10), against)
    return None


def _against_height(body: Body, limits: tuple[Decimal, Decimal]) -> WeightDoubt | None:
    """Outside 12–60 always; outside the doubtful limits only when the other unit makes the person usual."""
    if body.height_cm is None:
        return None
    bmi = body_mass_index(body.weight_kg, body.height_cm)
    if limits[0] <= bmi <= limits[1]:
        return None
    against = f"a height of {plain(body.height_cm)} cm (body mass index {plain(bmi)})"
    for kind, factor in (("lb_for_kg", 1 / POUNDS_PER_KG), ("kg_for_lb", POUNDS_PER_KG), ("tenfold", None)):
        factor = factor or (Decimal("0.1") if bmi > limits[1] else Decimal(10))
        if BMI_USUAL[0] <= bmi * factor <= BMI_USUAL[1]:
            return WeightDoubt(kind, body.weight_kg, _tenth(body.weight_kg * factor), against)
    outside = not BMI_POSSIBLE[0] <= bmi <= BMI_POSSIBLE[1]
    return WeightDoubt("bmi", body.weight_kg, None, against) if outside else None


def _either_unit(body: Body) -> WeightDoubt | None:
    """Between the two: in kilograms a body mass index of 33 to 39.6, in pounds one of 15 to 18."""
    if body.height_cm is None or body_mass_index(body.weight_kg, body.height_cm) < BMI_EITHER_UNIT:
        return None
    index = plain(body_mass_index(body.weight_kg, body.height_cm))
    against = f"a height of {plain(body.height_cm)} cm (body mass index {index}), and no earlier weight speaks for it"
    return WeightDoubt("either_unit", body.weight_kg, _tenth(body.weight_kg / POUNDS_PER_KG), against)


def change_percent(body: Body) -> Decimal | None:
    """Change from the newest earlier weight in percent, None without one."""
    if not body.earlier:
        return None
    return ((body.weight_kg / body.earlier[0].kg - 1) * 100).quantize(Decimal("0.1"), ROUND_HALF_EVEN)


def is_stale(weighed_at: date | datetime | None, now: datetime) -> bool | None:
    """Whether the weight is not from today (an infusion needs the same day's); None when its day is unknown."""
    if weighed_at is None:
        return None
    day = weighed_at.astimezone(now.tzinfo).date() if isinstance(weighed_at, datetime) else weighed_at
    return day != now.date()


def _tenth(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.1"), ROUND_HALF_EVEN)
