"""Floor 0: quantities with UCUM units, exact in Decimal. The only place that converts units.

A quantity is a Decimal and a UCUM unit; two quantities of different dimension never mix.
Conversion factors are exact by definition (SI; the international pound and inch of 1959).

>>> Quantity.of("0.5", "mg/kg") * Quantity.of("70", "kg")
Quantity(value=Decimal('35.0'), unit='mg')
>>> Quantity.of("5.833", "ug/kg/min").to("mg/kg/h")
Quantity(value=Decimal('0.34998'), unit='mg/kg/h')
>>> Quantity.of("1", "mg") + Quantity.of("1", "mL")
Traceback (most recent call last):
surcease.units.UnitError: mL and mg measure different things: give both in the same kind of unit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache

__all__ = ["Quantity", "UnitError", "plain", "read_number", "say_unit"]

# atom -> (dimension, factor to the dimension's base). Dimensions: mass, length, time, volume are kept apart
# on purpose (mL is not cm3 here: no clinical act of ours needs that bridge).
_ATOMS: dict[str, tuple[str, Decimal]] = {
    "kg": ("mass", Decimal(1000)),
    "g": ("mass", Decimal(1)),
    "mg": ("mass", Decimal("0.001")),
    "ug": ("mass", Decimal("0.000001")),
    "ng": ("mass", Decimal("0.000000001")),
    "[lb_av]": ("mass", Decimal("453.59237")),
    "[oz_av]": ("mass", Decimal("28.349523125")),
    "L": ("volume", Decimal(1)),
    "dL": ("volume", Decimal("0.1")),
    "mL": ("volume", Decimal("0.001")),
    "m": ("length", Decimal(1)),
    "cm": ("length", Decimal("0.01")),
    "mm": ("length", Decimal("0.001")),
    "[in_i]": ("length", Decimal("0.0254")),
    "[ft_i]": ("length", Decimal("0.3048")),
    "s": ("time", Decimal(1)),
    "min": ("time", Decimal(60)),
    "h": ("time", Decimal(3600)),
    "d": ("time", Decimal(86400)),
    "wk": ("time", Decimal(604800)),
    "mo": ("time", Decimal("2629800")),  # UCUM mean Julian month, 30.4375 d
    "a": ("time", Decimal(31557600)),  # UCUM mean Julian year
    "mmol": ("substance", Decimal("0.001")),
    "umol": ("substance", Decimal("0.000001")),
    "nmol": ("substance", Decimal("0.000000001")),
    "mm[Hg]": ("pressure", Decimal(1)),
    "kPa": ("pressure", 1000 / Decimal("133.322387415")),  # the conventional mmHg: 13.5951 g/cm3 at 9.80665 m/s2
    "[iU]": ("arbitrary", Decimal(1)),
    "U": ("catalytic", Decimal(1)),
    "Cel": ("temperature", Decimal(1)),
    "%": ("number", Decimal("0.01")),
    "1": ("number", Decimal(1)),
    "{score}": ("number", Decimal(1)),
    "ms": ("time", Decimal("0.001")),
}
# How people and other systems write what UCUM writes differently.
_SPELLINGS = {
    "mcg": "ug", "µg": "ug", "μg": "ug", "hr": "h", "lb": "[lb_av]", "lbs": "[lb_av]", "[lb_us]": "[lb_av]",
    "mmHg": "mm[Hg]", "ml": "mL", "l": "L", "in": "[in_i]", "hour": "h", "day": "d", "week": "wk", "days": "d",
    "bpm": "/min", "{beats}/min": "/min", "{breaths}/min": "/min", "C": "Cel", "°C": "Cel", "weeks": "wk",
    "{Score}": "{score}", "": "1", "years": "a", "year": "a", "months": "mo", "month": "mo", "IU/L": "[iU]/L",
    "kg/m2": "kg/m/m",
}  # fmt: skip
_NUMBER = re.compile(r"[0-9]{1,6}(\.[0-9]{1,3})?", re.ASCII)


class UnitError(ValueError):
    """A unit we do not know, or two quantities that do not measure the same thing."""


@lru_cache(maxsize=512)
def _parse(unit: str) -> tuple[str, tuple[tuple[str, ...], tuple[str, ...]], Fraction]:
    """Canonical spelling, dimensions above and below the line, and factor of a unit such as ``ug/kg/min``.

    Mass over mass does not cancel: mg/kg of a person is never a plain number or a percentage.
    """
    text = _SPELLINGS.get(unit.strip(), unit.strip())
    if text.startswith("/"):
        canonical, dimensions, factor = _parse("1" + text)
        return canonical[1:], dimensions, factor
    if text in _ATOMS:
        parts, signs = [text], [1]
    else:
        pieces = re.split(r"([./])", text)
        parts = [_SPELLINGS.get(p, p) if p else p for p in pieces[0::2]]
        signs = [1, *(-1 if op == "/" else 1 for op in pieces[1::2])]
        if parts[0] == "1":
            parts, signs = parts[1:] or ["1"], signs[1:] or [1]
    above, below = list[str](), list[str]()
    factor = Fraction(1)
    for part, sign in zip(parts, signs, strict=True):
        if part not in _ATOMS:
            raise UnitError(
                f"The unit {unit!r} is not known here: {part!r} is not one of "
                f"{', '.join(sorted(_ATOMS))}. Write it in UCUM, for example mg/kg/h."
            )
        dimension, size = _ATOMS[part]
        if dimension != "number":
            (above if sign > 0 else below).append(dimension)
        factor = factor * Fraction(size) if sign > 0 else factor / Fraction(size)
    canonical = "".join(
        ("1/" if s < 0 and i == 0 else "/" if s < 0 else "" if i == 0 else ".") + p
        for i, (p, s) in enumerate(zip(parts, signs, strict=True))
    )
    return canonical, (tuple(sorted(above)), tuple(sorted(below))), factor


@lru_cache(maxsize=512)
def _ratio(unit: str, other: str) -> tuple[str, int, int]:
    """The canonical spelling of ``other``, and how many of it are in one ``unit``, as a fraction."""
    canonical, dimension, factor = _parse(other)
    _, own, own_factor = _parse(unit)
    if own != dimension:
        raise UnitError(
            f"{say_unit(unit)} and {say_unit(canonical)} measure different things: give both in the same kind of unit."
        )
    ratio = own_factor / factor
    return canonical, ratio.numerator, ratio.denominator


@dataclass(frozen=True, slots=True)
class Quantity:
    """A Decimal amount and its UCUM unit, e.g. ``Quantity.of("21.7", "mg/h")``."""

    value: Decimal
    unit: str

    @classmethod
    def of(cls, value: str | int | Decimal, unit: str) -> Quantity:
        """Make a quantity; ``value`` is text, int or Decimal (a float would carry a rounding error)."""
        if isinstance(value, float):
            raise TypeError("A quantity takes text, int or Decimal, not float: write '0.5', not 0.5.")
        try:
            number = Decimal(value)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            raise UnitError(f"The amount {value!r} is not a number we can use: give digits, for example 0.5.")
        return cls(number, _parse(unit)[0])

    def to(self, unit: str) -> Quantity:
        """The same quantity in another unit of the same dimension; UnitError when it measures something else."""
        canonical, above, below = _ratio(self.unit, unit)
        return Quantity(_tidy(self.value * above / below), canonical)

    def same_kind(self, unit: str) -> bool:
        """Whether this quantity can be said in ``unit``."""
        return _parse(self.unit)[1] == _parse(unit)[1]

    def round(self, places: int) -> Quantity:
        """Rounded half-even to ``places`` decimals."""
        return Quantity(self.value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN), self.unit)

    def __add__(self, other: Quantity) -> Quantity:
        return Quantity(self.value + other.to(self.unit).value, self.unit)

    def __sub__(self, other: Quantity) -> Quantity:
        return Quantity(self.value - other.to(self.unit).value, self.unit)

    def __mul__(self, other: Quantity | int | Decimal) -> Quantity:
        if isinstance(other, Quantity):
            return _combine(self, other, 1)
        return Quantity(self.value * _exact(other), self.unit)

    __rmul__ = __mul__

    def __truediv__(self, other: Quantity | int | Decimal) -> Quantity:
        if isinstance(other, Quantity):
            return _combine(self, other, -1)
        return Quantity(_tidy(self.value / _exact(other)), self.unit)

    def __lt__(self, other: Quantity) -> bool:
        return self.value < other.to(self.unit).value

    def __le__(self, other: Quantity) -> bool:
        return self.value <= other.to(self.unit).value

    def __gt__(self, other: Quantity) -> bool:
        return self.value > other.to(self.unit).value

    def __ge__(self, other: Quantity) -> bool:
        return self.value >= other.to(self.unit).value

    def __str__(self) -> str:
        return f"{plain(self.value)} {say_unit(self.unit)}".strip()


def _exact(number: int | Decimal) -> Decimal:
    if isinstance(number, float):
        raise TypeError("A quantity is multiplied by an int or a Decimal, not a float: write Decimal('0.5'), not 0.5.")
    return Decimal(number)


def _tidy(value: Decimal) -> Decimal:
    """Drop the noise zeros a division leaves, without scientific notation."""
    value = value.normalize()
    exponent = value.as_tuple().exponent
    return Decimal(int(value)) if isinstance(exponent, int) and exponent > 0 else value


def _combine(a: Quantity, b: Quantity, sign: int) -> Quantity:
    """Product or quotient: what stands above one and below the other cancels, in a's units.

    The weight of a person and the mass of a drug do not cancel: 35 mg over 70 kg is 0.5 mg/kg.
    """
    top_a, bottom_a, share_a = _atoms(a.unit)
    top_b, bottom_b, share_b = _atoms(b.unit)
    if sign < 0:
        top_b, bottom_b, share_b = bottom_b, top_b, 1 / share_b
    scale = share_a * share_b
    for above, below in ((top_a, bottom_b), (top_b, bottom_a)):
        for atom in list(above):
            match = next((x for x in below if _cancel(x, atom)), None)
            if match is not None:
                scale *= Fraction(_ATOMS[atom][1]) / Fraction(_ATOMS[match][1])
                above.remove(atom)
                below.remove(match)
    value = a.value * b.value if sign > 0 else a.value / b.value
    if scale != 1 or sign < 0:
        value = _tidy(value * scale.numerator / scale.denominator)
    unit = ".".join(top_a + top_b) or ("" if bottom_a + bottom_b else "1")
    return Quantity(value, unit + "".join(f"/{x}" for x in bottom_a + bottom_b))


def _cancel(one: str, other: str) -> bool:
    body = {"kg", "[lb_av]", "[oz_av]"}
    return _ATOMS[one][0] == _ATOMS[other][0] and (one in body) == (other in body)


def _atoms(unit: str) -> tuple[list[str], list[str], Fraction]:
    """Atoms above and below the fraction line, and the factor of the plain numbers among them (a % is 1/100)."""
    pieces = re.split(r"([./])", "1" + unit if unit.startswith("/") else unit)
    top, bottom, share = list[str](), list[str](), Fraction(1)
    for operator, atom in zip(["", *pieces[1::2]], pieces[0::2], strict=True):
        if _ATOMS[atom][0] == "number":
            share *= Fraction(_ATOMS[atom][1]) ** (-1 if operator == "/" else 1)
        else:
            (bottom if operator == "/" else top).append(atom)
    return top, bottom, share


def read_number(text: str) -> Decimal:
    """Read a typed amount: ASCII digits, at most six before and three after a point. Nothing else.

    A comma, a sign, an exponent, a naked point or other scripts' digits are refused, because each has
    been read as another dose somewhere.

    >>> read_number("0.35")
    Decimal('0.35')
    >>> read_number("1,5")
    Traceback (most recent call last):
    ValueError: '1,5' is not a number we can read safely: use digits with a point, such as 1.5 or 0.35.
    """
    if not _NUMBER.fullmatch(text.strip(" ")):
        raise ValueError(f"{text!r} is not a number we can read safely: use digits with a point, such as 1.5 or 0.35.")
    return Decimal(text.strip(" "))


def plain(value: Decimal | int) -> str:
    """How an amount is written: no trailing zero, a leading zero, thin spaces between thousands.

    >>> plain(Decimal("5.0")), plain(Decimal(".5")), plain(Decimal("12500"))
    ('5', '0.5', '12\\u2009500')
    """
    text = f"{Decimal(value).normalize() + 0:f}"  # + 0: minus nothing is nothing
    whole, _, fraction = text.partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    if len(digits) > 4:
        digits = f"{int(digits):,}".replace(",", "\u2009")
    return sign + digits + (f".{fraction}" if fraction else "")


def say_unit(unit: str) -> str:
    """A unit as shown on screen: mcg, never ug or µg; mmHg; plain counts say nothing."""
    shown = {"mm[Hg]": "mmHg", "{score}": "", "1": "", "[lb_av]": "lb", "[in_i]": "in", "Cel": "°C",
             "[ft_i]": "ft", "[oz_av]": "oz", "kg/m/m": "kg/m²"}  # fmt: skip
    return shown.get(unit) if unit in shown else re.sub(r"\bug\b", "mcg", unit)  # type: ignore[return-value]
