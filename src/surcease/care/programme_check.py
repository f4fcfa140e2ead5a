"""The second calculation of a pump programme, written apart from the first, and the second person's entries.

On purpose nothing here is shared with the first calculation: no import from units, dose, programme or the dose-text
parser; its own reader, its own table of units with tracked dimensions, exact fractions instead of decimals, and the
work done per second in milligrams and millilitres. Two calculations that share a helper share its mistakes.

The second person does not see the first's figures. They type weight, vial and bag anew, for each bag; every
disagreement names the field and the slip that explains it best.

>>> first, again = Entries("62", "50 mg/mL", "100 mL"), Entries("62 kg", "5 mg/mL", "100")
>>> check("0.35 mg/kg/h for 4 h iv", first=first, again=again)
(Disagreement(field='vial', first='50 mg/mL', second='5 mg/mL', slip='decimal'),)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

# unit -> (dimension, size). Dimensions: d drug mass in mg, b body mass in kg, v volume in mL, t time in s.
_UNIT: dict[str, tuple[str, Fraction]] = {
    "mg": ("d", Fraction(1)), "g": ("d", Fraction(1000)), "mcg": ("d", Fraction(1, 1000)),
    "ug": ("d", Fraction(1, 1000)), "µg": ("d", Fraction(1, 1000)), "kg": ("b", Fraction(1)),
    "ml": ("v", Fraction(1)), "l": ("v", Fraction(1000)),
    "s": ("t", Fraction(1)), "min": ("t", Fraction(60)), "h": ("t", Fraction(3600)), "d": ("t", Fraction(86400)),
}  # fmt: skip
# how times are also written
_UNIT |= dict.fromkeys(("minute", "minutes", "mins"), _UNIT["min"])
_UNIT |= dict.fromkeys(("hr", "hrs", "hour", "hours"), _UNIT["h"]) | dict.fromkeys(("day", "days"), _UNIT["d"])
BASE_PER_SALT = Fraction(867, 1000)  # base in the hydrochloride: 237.73 / 274.2
_PIECE = re.compile(
    r"(?P<low>[\d.]+)(?: to (?P<high>[\d.]+))? (?P<unit>[a-zµ/]+)(?: by (?P<step>[\d.]+)(?: [a-zµ/]+)? "
    r"every (?P<every>[\d.]+ [a-z]+))?(?: (?:over|for) (?P<time>[\d.]+ [a-z]+))(?P<rest>(?: (?!max)[^ ]+)*)"
)
_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
WEIGHT_MAY_DIFFER = Fraction(1, 100)  # two readings of one scale; a default
POUNDS = Fraction(100000000, 45359237)
VIALS = (Fraction(5), Fraction(10), Fraction(25), Fraction(50), Fraction(100))
PLAUSIBLE = {
    "weight": (Fraction(2), Fraction(500)), "vial": (Fraction(1, 10), Fraction(200)),
    "bag": (Fraction(1), Fraction(5000)),
}  # fmt: skip
FIELD_UNIT = {"weight": "kg", "vial": "mg/ml", "bag": "ml", "pump": "ml/h"}


@dataclass(frozen=True, slots=True)
class Entries:
    """What one person typed. ``pump`` is the mL/h read from the pump's face, when it has been set."""

    weight: str
    vial: str
    bag: str
    pump: str = ""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A field on which two people (or two calculations) differ, and the slip that explains it best."""

    field: str
    first: str
    second: str
    slip: str

    @property
    def say(self) -> str:
        """One sentence for both."""
        return (
            f"{self.field.capitalize()}: {self.first} and {self.second} differ; this looks like {self._why}. "
            "Both look again."
        )

    @property
    def say_blind(self) -> str:
        """The sentence for the second person, who is not to see the first one's figure."""
        return f"{self.field.capitalize()}: {self.second} differs; this looks like {self._why}. Both look again."

    @property
    def _why(self) -> str:
        return {
            "decimal": "a lost or added decimal point or zero",
            "unit": "another unit",
            "pounds": "pounds typed as kilograms",
            "minutes": "minutes for hours",
            "other box": "a number that belongs in another box",
            "mg in the mL box": "milligrams typed in the box for millilitres",
            "other vial": "another vial",
            "swapped digits": "two digits swapped",
            "doubled digit": "a digit typed twice or left out",
            "not readable": "something that is not a number with this unit",
            "not possible": "a value that cannot be",
        }.get(self.slip, "another value")


# --- reading, in its own way ---------------------------------------------------------------------------------------


def _amount(text: str, unit: str = "") -> tuple[Fraction, str]:
    """A typed quantity as a fraction in base units and its dimension, e.g. ('v') or ('d/v')."""
    match = re.fullmatch(rf"\s*({_NUMBER})\s*([A-Za-zµ/]*)\s*", text)
    if not match:
        raise ValueError(f"{text!r} is not a number with a unit, such as 50 mg/mL.")
    top, *below = (match[2] or unit).lower().split("/")
    size, dimension = _unit(top), [_dimension(top)]
    for name in below:
        size /= _unit(name)
        dimension.append(_dimension(name))
    return Fraction(match[1]) * size, "/".join(dimension)


def _unit(name: str) -> Fraction:
    if name not in _UNIT:
        raise ValueError(f"{name!r} is not a unit that is used here: write mg, mcg, kg, mL, L, min or h.")
    return _UNIT[name][1]


def _dimension(name: str) -> str:
    return _UNIT[name][0]


def _field(name: str, text: str) -> Fraction:
    """One field of an entry, in kg, mg/mL, mL or mL/s; ValueError when it is not one."""
    value, dimension = _amount(text, FIELD_UNIT[name])
    _, wanted = _amount("1", FIELD_UNIT[name])
    if dimension != wanted:
        raise ValueError(f"{text!r} is not in {FIELD_UNIT[name].replace('ml', 'mL')}.")
    return value


@dataclass(frozen=True, slots=True)
class _Run:
    """A constant rate (mg/s) for so many seconds."""

    mg_per_s: Fraction
    seconds: Fraction


def _runs(order: str, kg: Fraction) -> list[_Run]:
    """The order as constant rates, worked in mg and seconds."""
    found: list[_Run] = []
    for piece in re.split(r"\s+then\s+", " ".join(order.lower().split())):
        match = _PIECE.fullmatch(piece)
        if not match:
            raise ValueError(
                f"The second calculation cannot read {piece!r}: write an amount over, or a rate for, a time."
            )
        found += _one(match, kg)
    return found


def _one(match: re.Match[str], kg: Fraction) -> list[_Run]:
    unit = match["unit"]
    low, dimension = _amount(f"{match['low']} {unit}")
    per_body = kg if "/b" in dimension else Fraction(1)
    per_body *= BASE_PER_SALT if " as hcl" in match["rest"] else 1
    seconds, _ = _amount(match["time"])
    if not dimension.endswith("/t"):
        return [_Run(low * per_body / seconds, seconds)]
    if not match["step"]:
        return [_Run(low * per_body, seconds)]
    high, _ = _amount(f"{match['high']} {unit}")
    step, _ = _amount(f"{match['step']} {unit}")
    every, _ = _amount(match["every"])
    runs, rate, left = [], low, seconds
    while left > 0:
        length = left if rate == high else min(every, left)
        runs.append(_Run(rate * per_body, length))
        left -= length
        rate = min(rate + step, high) if high > low else max(rate - step, high)
    return runs


# --- the second calculation ----------------------------------------------------------------------------------------


def recompute(
    order: str, entries: Entries, *, preparation: str = "withdraw", concentration: str = "", overfill_ml: str = "0"
) -> dict[str, Fraction]:
    """Every figure of the programme from the order's words and one person's entries, as exact fractions."""
    kg, strength, bag = (_field(name, getattr(entries, name)) for name in ("weight", "vial", "bag"))
    runs, overfill = _runs(order, kg), Fraction(overfill_ml)
    total = sum((run.mg_per_s * run.seconds for run in runs), Fraction(0))
    in_bag = _field("vial", concentration) * bag if concentration else total
    drug = in_bag / strength
    drawn = _nearest_hundredth(drug)
    final = bag + overfill + drug if preparation == "add" else bag
    figures = {
        "total_mg": total, "hours": sum((run.seconds for run in runs), Fraction(0)) / 3600,
        "bags": Fraction(-(-total // in_bag)), "infuse_ml": total * final / in_bag, "drug_mg": in_bag,
        "draw_ml": drawn, "withdraw_ml": drawn + overfill if preparation == "withdraw" else Fraction(0),
        "diluent_ml": bag + overfill if preparation == "add" else bag - drawn,
        "final_ml": final, "mg_per_ml": in_bag / final,
        "mg_per_h": runs[0].mg_per_s * 3600, "mg_per_kg_h": runs[0].mg_per_s * 3600 / kg,
        "mcg_per_kg_min": runs[0].mg_per_s * 60 * 1000 / kg,
    }  # fmt: skip
    for n, run in enumerate(runs, 1):
        ml_per_h = run.mg_per_s * 3600 * final / in_bag
        figures |= {
            f"mg_per_h_{n}": run.mg_per_s * 3600, f"hours_{n}": run.seconds / 3600,
            f"ml_per_h_{n}": Fraction(int(ml_per_h * 10), 10),
        }  # fmt: skip
    return figures


def _nearest_hundredth(value: Fraction) -> Fraction:
    """Half up: whole hundredths of value plus half a hundredth."""
    return Fraction(int(value * 100 + Fraction(1, 2)), 100)


def disagreements(first: Mapping[str, Decimal], second: Mapping[str, Fraction]) -> tuple[Disagreement, ...]:
    """Where two calculations differ by more than the last of 15 digits, or one lacks a figure."""
    found = []
    for name in sorted(set(first) | set(second)):
        one, two = first.get(name), second.get(name)
        if one is None or two is None or abs(Fraction(one) - two) > abs(two) / 10**15:
            found.append(Disagreement(name, _plain(one), _plain(two), "calculation"))
    return tuple(found)


def _plain(value: Decimal | Fraction | None) -> str:
    return "nothing" if value is None else f"{float(value):.6g}"


# --- the second person ---------------------------------------------------------------------------------------------


def check(
    order: str, *, first: Entries, again: Entries, preparation: str = "withdraw", concentration: str = "",
    overfill_ml: str = "0",
) -> tuple[Disagreement, ...]:  # fmt: skip
    """Compare two people's entries, and what is typed into the pump with the second calculation. Empty: they agree."""
    found = [_compare(name, first, again) for name in ("weight", "vial", "bag")]
    said = tuple(disagreement for disagreement in found if disagreement is not None)
    if any(d.slip in ("not readable", "not possible") or "lb" in d.second for d in said):
        return said
    figures = recompute(
        order, first, preparation=preparation, concentration=concentration, overfill_ml=overfill_ml
    )  # fmt: skip
    if said:
        return tuple(_in_another_box(disagreement, again, figures) for disagreement in said)
    typed = pump_doubt(again.pump, figures) if again.pump else None
    return () if typed is None else (typed,)


def _in_another_box(said: Disagreement, again: Entries, figures: Mapping[str, Fraction]) -> Disagreement:
    """The same disagreement, explained by a number that belongs elsewhere, where that is what was typed."""
    if said.slip != "another value":
        return said
    typed = _field(said.field, said.second)
    if said.field == "bag" and any(_close(typed, figures[name]) for name in ("total_mg", "drug_mg", "mg_per_h")):
        return replace(said, slip="mg in the mL box")
    others = {_field(name, getattr(again, name)) for name in ("weight", "vial", "bag") if name != said.field}
    elsewhere = typed in others or _close(typed, figures["mg_per_ml"])
    return replace(said, slip="other box") if elsewhere else said


def _close(a: Fraction, b: Fraction, one_in: int = 200) -> bool:
    """Equal as it would be read off a label: to half of the third figure, unless said otherwise."""
    return abs(a - b) <= abs(b) / one_in


def pump_doubt(typed: str, figures: Mapping[str, Fraction]) -> Disagreement | None:
    """Whether the mL/h typed into the pump is the programme's, and if not, whose number it looks like."""
    right = figures["ml_per_h_1"]
    shown = f"{float(right):g} mL/h"
    try:
        value = _field("pump", typed) * 3600
    except ValueError:
        return Disagreement("pump", shown, typed, "not readable")
    if value == right:
        return None
    if any(_close(value, figures[name]) for name in ("mg_per_h", "total_mg", "drug_mg")):
        return Disagreement("pump", shown, typed, "mg in the mL box")
    if _close(value * 60, right, 50) or _close(value, right * 60, 50):
        return Disagreement("pump", shown, typed, "minutes")
    return Disagreement("pump", shown, typed, _slip("pump", right, value))


def _compare(name: str, first: Entries, again: Entries) -> Disagreement | None:
    one, two = getattr(first, name), getattr(again, name)
    try:
        a, b = _field(name, one), _field(name, two)
    except ValueError:
        pounds = name == "weight" and "lb" in (one + two).lower()
        return Disagreement(name, one, two, "pounds" if pounds else "not readable")
    low, high = PLAUSIBLE[name]
    if not a or not low <= a <= high:
        return Disagreement(name, one, two, "not possible")
    may_differ = a * WEIGHT_MAY_DIFFER if name == "weight" else Fraction(0)
    if abs(a - b) <= may_differ:
        return None
    same_number = re.findall(_NUMBER, one)[0] == re.findall(_NUMBER, two)[0]
    slip = "unit" if same_number else _slip(name, a, b)
    return Disagreement(name, one, two, "not possible" if slip == "another value" and not low <= b <= high else slip)


def _slip(name: str, a: Fraction, b: Fraction) -> str:
    """The likeliest slip between two values of one field."""
    ratio = b / a
    if _is_decimal(ratio):
        return "decimal"
    if name == "weight" and any(abs(ratio - k) <= k / 50 for k in (POUNDS, 1 / POUNDS)):
        return "pounds"
    if name == "vial" and a in VIALS and b in VIALS:
        return "other vial"
    return _typing_slip(_digits(a), _digits(b))


def _is_decimal(ratio: Fraction) -> bool:
    return ratio in {Fraction(10) ** power for power in (-3, -2, -1, 1, 2, 3)}


def _digits(value: Fraction) -> str:
    return f"{float(value):g}"


def _typing_slip(one: str, two: str) -> str:
    """Digits swapped, doubled, left out, or nothing that is recognised."""
    if len(one) == len(two) and sorted(one) == sorted(two):
        return "swapped digits"
    longer, shorter = (one, two) if len(one) > len(two) else (two, one)
    if any(longer[:i] + longer[i + 1 :] == shorter for i in range(len(longer))):
        return "doubled digit"
    return "another value"
