"""Quantities against algebra in exact fractions, and against the conversions that SI and the 1959 pound define."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surcease.units import Quantity, UnitError, plain, read_number, say_unit

Q = Quantity.of
amounts = st.decimals("0.001", "99999", places=3)

# What one of each unit is in the SI (or in its own base where the SI has none): definitions, not measurements.
IN_BASE = {
    "kg": Fraction(1000), "g": Fraction(1), "mg": Fraction(1, 1000), "ug": Fraction(1, 10**6), "ng": Fraction(1, 10**9),
    "[lb_av]": Fraction(45359237, 100000), "[oz_av]": Fraction(45359237, 1600000),
}  # fmt: skip
SECONDS = {
    "s": 1,
    "min": 60,
    "h": 3600,
    "d": 86400,
    "wk": 604800,
    "mo": 2629800,
    "a": 31557600,
    "ms": Fraction(1, 1000),
}
METRES = {"m": Fraction(1), "cm": Fraction(1, 100), "mm": Fraction(1, 1000), "[in_i]": Fraction(254, 10000),
          "[ft_i]": Fraction(3048, 10000)}  # fmt: skip
VOLUMES = {"L": Fraction(1), "dL": Fraction(1, 10), "mL": Fraction(1, 1000)}
AMOUNTS = {"mmol": Fraction(1, 1000), "umol": Fraction(1, 10**6), "nmol": Fraction(1, 10**9)}


@pytest.mark.parametrize(
    "table", [IN_BASE, SECONDS, METRES, VOLUMES, AMOUNTS], ids=["mass", "time", "length", "volume", "amount"]
)
def test_every_conversion_of_a_kind(table):
    for one, size in table.items():
        for other, other_size in table.items():
            found = Q("3.7", one).to(other)
            assert found.unit == other
            assert Fraction(found.value) == pytest.approx(Fraction(37, 10) * size / other_size, rel=1e-24)


@given(amounts, amounts, st.sampled_from(["mg/kg", "ug/kg/min", "mg/h", "mg/mL", "mg/kg/h"]))
def test_there_and_back(first, second, unit):
    quantity = Quantity(first, unit)
    other = unit.replace("mg", "ug") if "mg" in unit else unit.replace("ug", "mg")
    assert quantity.to(other).to(unit).value == first
    assert (quantity + Quantity(second, unit)).value == first + second
    assert (quantity - Quantity(second, unit).to(other)).value == first - second


@given(amounts, st.decimals("1", "200", places=1))
def test_dose_arithmetic(dose, weight):
    """mg/kg × kg, ÷ kg, × lb; a rate × a time; an amount ÷ a concentration."""
    per_kg, body = Quantity(dose, "mg/kg"), Quantity(weight, "kg")
    assert per_kg * body == Quantity(dose * weight, "mg")
    assert Fraction((per_kg * body / body).value) == pytest.approx(Fraction(dose), rel=1e-24)
    pounds = body.to("[lb_av]")
    assert (per_kg * pounds).unit == "mg"
    assert float((per_kg * pounds).value) == pytest.approx(float(dose * weight), rel=1e-12)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (Q("35", "mg") / Q("70", "kg"), Q("0.5", "mg/kg")),  # the person's weight does not cancel the drug's mass
        (Q("5", "mg") / Q("2", "mg"), Q("2.5", "1")),
        (Q("0.5", "mg/kg/h") * Q("70", "kg"), Quantity(Decimal(35), "mg/h")),
        (Q("20", "mg/h") * Q("90", "min"), Q("30", "mg")),
        (Q("200", "mg") / Q("50", "mg/mL"), Q("4", "mL")),
        (Q("5", "%") * Q("2", "mg"), Q("0.1", "mg")),
        (Q("5", "mg") / Q("20", "%"), Q("25", "mg")),
        (Q("70", "bpm") * Q("10", "min"), Q("700", "1")),
        (Q("1", "1") / Q("2", "h"), Q("0.5", "/h")),
        (Q("60", "1/min").to("1/h"), Q("3600", "1/h")),
        (Q("70", "/min").to("1/min"), Q("70", "1/min")),
        (Q("70", "kg") / (Q("2", "m") * Q("2", "m")), Q("17.5", "kg/m2")),
        (Q("10", "kg/m2").to("g/cm/cm"), Q("1", "g/cm/cm")),
        (2 * Q("5", "mg"), Q("10", "mg")),
        (Q("5", "mg") * Decimal("0.5"), Q("2.5", "mg")),
        (Q("5", "mg") / 4, Q("1.25", "mg")),
        (Q("1E+30", "mg").to("ug"), Quantity(Decimal(10) ** 33, "ug")),
        (Q("2.675", "mg").round(2), Q("2.68", "mg")),
        (Q("2.665", "mg").round(2), Q("2.66", "mg")),
    ],
)  # fmt: skip
def test_products_and_quotients(made, expected):
    assert made == expected
    assert "E" not in str(made.value) or made.value > 10**20


@pytest.mark.parametrize("spelled", ["mcg/kg/min", "µg/kg/min", "μg/kg/min", "ug/kg/min", " mcg/kg/min "])
def test_microgram_reads_alike_and_shows_as_mcg(spelled):
    assert Q("1", spelled).unit == "ug/kg/min"
    assert str(Q("1", spelled)) == "1 mcg/kg/min"


def test_what_does_not_mix():
    for one, other in (("mg", "mL"), ("mg/kg", "1"), ("mg/kg", "%"), ("mg/h", "mg"), ("mmol", "mg"), ("kg/m2", "kg")):
        with pytest.raises(UnitError, match="measure different things"):
            Q("1", one).to(other)
        assert not Q("1", one).same_kind(other)
    with pytest.raises(UnitError):
        _ = Q("1", "mg") < Q("1", "mL")
    assert Q("1", "mg").same_kind("ug")


def test_order():
    assert Q("1", "mg") < Q("1", "g")
    assert Q("1", "mg") <= Q("1000", "ug") <= Q("1", "mg")
    assert Q("2", "h") > Q("119", "min")
    assert Q("2", "h") >= Q("120", "min")


@pytest.mark.parametrize("unit", ["furlong", "mg/", "mg//kg", "/", ".mg", "mg/furlong", "m g"])
def test_an_unknown_unit_is_named(unit):
    with pytest.raises(UnitError, match="is not known here") as caught:
        Q("1", unit)
    assert "mg/kg/h" in str(caught.value)


@pytest.mark.parametrize("value", ["abc", "", "NaN", "Infinity", "1,5"])
def test_an_amount_that_is_no_number(value):
    with pytest.raises(UnitError, match="not a number"):
        Q(value, "mg")


def test_floats_are_refused():
    with pytest.raises(TypeError, match="not float"):
        Quantity.of(0.1, "mg")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="float"):
        Q("1", "mg") * 0.1  # type: ignore[operator]
    with pytest.raises(TypeError, match="float"):
        Q("1", "mg") / 0.1  # type: ignore[operator]


def test_numbers_have_no_unit_to_show():
    assert str(Q("3", "1")) == "3"
    assert str(Q("7", "{score}")) == "7"
    assert Q("7", "").unit == "1"
    assert Q("50", "%").to("1").value == Decimal("0.5")


@pytest.mark.parametrize(
    ("value", "shown"),
    [("5.0", "5"), (".5", "0.5"), ("0", "0"), ("-0.0", "0"), ("1234", "1234"), ("12500", "12\u2009500"),
     ("-12500.50", "-12\u2009500.5"), ("1E+3", "1000"), ("0.000001", "0.000001")],
)  # fmt: skip
def test_amounts_as_written(value, shown):
    assert plain(Decimal(value)) == shown


@pytest.mark.parametrize(
    ("unit", "shown"),
    [("mm[Hg]", "mmHg"), ("[lb_av]", "lb"), ("[ft_i]", "ft"), ("kg/m/m", "kg/m²"), ("ug/kg/min", "mcg/kg/min"),
     ("mg/kg", "mg/kg"), ("1", ""), ("Cel", "°C")],
)  # fmt: skip
def test_units_as_shown(unit, shown):
    assert say_unit(unit) == shown


@pytest.mark.parametrize("text", ["0.35", "1", "999999.999", " 2.5 "])
def test_numbers_that_are_read(text):
    assert read_number(text) == Decimal(text.strip())


@pytest.mark.parametrize("text", ["1,5", "-1", "+1", ".5", "5.", "1e3", "٣", "1234567", "0.1234", "", "1 2", "0x1"])
def test_numbers_that_are_refused(text):
    with pytest.raises(ValueError, match="not a number we can read safely"):
        read_number(text)
