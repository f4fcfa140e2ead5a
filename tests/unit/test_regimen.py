"""Regimen text: what is read, what is refused and how, what goes in when, and text that reads back."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surcease.pkpd.dose import WEEKDAYS
from surcease.pkpd.regimen import DoseTextError, Regimen, from_doses, parse
from surcease.pkpd.substance import base_mg, nmol_per_ml

D = Decimal


def given_out(text: str, weight: int | None = None) -> list[tuple[float, str, D, float]]:
    """(start h, route, mg, duration h) of everything that goes in."""
    regimen = parse(text) if weight is None else parse(text).for_weight(weight)
    return [(p.start_h, p.route, p.amount_mg, p.duration_h) for p in regimen.inputs()]


@pytest.mark.parametrize(
    ("text", "weight", "expected"),
    [
        ("0.5 mg/kg over 40 min iv", 70, [(0, "iv", D(35), 2 / 3)]),
        ("10 mg iv", None, [(0, "iv", D(10), 0)]),
        ("10 mg bolus iv", None, [(0, "iv", D(10), 0)]),
        ("22.2 mg/h for 100 h iv esketamine", None, [(0, "iv", D(2220), 100)]),
        ("7.2 mcg/kg/min for 1 h iv", 70, [(0, "iv", D("30.24"), 1)]),
        ("7.2 µg/kg/min for 1 h iv", 70, [(0, "iv", D("30.24"), 1)]),
        ("0.02 g im", None, [(0, "im", D(20), 0)]),
        ("500 mg/d for 1 d sc", None, [(0, "sc", D(500), 24)]),
        ("25MG SL", None, [(0, "sl", D(25), 0)]),
        ("10 mg iv then 5 mg sc", None, [(0, "iv", D(10), 0), (0, "sc", D(5), 0)]),
        ("10 mg over 1 h iv then after 30 min 5 mg po", None, [(0, "iv", D(10), 1), (1.5, "po", D(5), 0)]),
        ("10 mg iv and after 2 h 5 mg po", None, [(0, "iv", D(10), 0), (2, "po", D(5), 0)]),
        (
            "(10 mg over 1 h iv and 5 mg po) then 1 mg iv",
            None,
            [(0, "iv", D(10), 1), (0, "po", D(5), 0), (1, "iv", D(1), 0)],
        ),
        ("5 mg iv every 6 h x 3", None, [(0, "iv", D(5), 0), (6, "iv", D(5), 0), (12, "iv", D(5), 0)]),
        ("5 mg iv every 6 h×2 every 7 d x2", None, [(h, "iv", D(5), 0) for h in (0, 6, 168, 174)]),
        (
            "(1 mg iv then after 1 h 2 mg iv) daily x 2",
            None,
            [(h, "iv", D(m), 0) for h, m in ((0, 1), (1, 2), (24, 1), (25, 2))],
        ),
        ("5 mg po weekdays x 6", None, [(24 * d, "po", D(5), 0) for d in (0, 1, 2, 3, 4, 7)]),
        ("5 mg po weekdays x 3 from thursday", None, [(24 * d, "po", D(5), 0) for d in (0, 1, 4)]),
        ("5 mg po weekdays x 1 from sat", None, [(48, "po", D(5), 0)]),
        (
            "5 mg iv then 5 mg iv weekdays x 2 then 1 mg iv",
            None,
            [(h, "iv", D(m), 0) for h, m in ((0, 5), (0, 5), (24, 5), (24, 1))],
        ),
        ("0.35 mg/kg/h max 25 mg/h for 4 h iv", 100, [(0, "iv", D(100), 4)]),
        ("0.35 mg/kg/h max 25 mg/h for 4 h iv", 62, [(0, "iv", D("86.8"), 4)]),
        ("30 mg/h max 25 mg/h for 2 h iv", None, [(0, "iv", D(50), 2)]),
        ("0.3 mg/kg max 25 mg iv", 100, [(0, "iv", D(25), 0)]),
        ("32.3 mg in as hcl esketamine", None, [(0, "in", base_mg(D("32.3"), salt=True), 0)]),
        ("28 mg in as base esketamine", None, [(0, "in", D(28), 0)]),
        ("5 to 20 mg/h for 10 h iv", None, [(0, "iv", D(125), 10)]),
        (
            "5 to 20 mg/h by 5 every 2 h for 100 h iv",
            None,
            [(0, "iv", D(10), 2), (2, "iv", D(20), 2), (4, "iv", D(30), 2), (6, "iv", D(1880), 94)],
        ),
        (
            "20 to 5 mg/h by 10 mg/h every 2 h for 5 h iv",
            None,
            [(0, "iv", D(40), 2), (2, "iv", D(20), 2), (4, "iv", D(5), 1)],
        ),
        ("0.1 to 0.3 mg/kg/h by 0.1 every 3 h for 6 h iv", 50, [(0, "iv", D(15), 3), (3, "iv", D(30), 3)]),
        ("5 to 9 mg/h by 4 every 2 h max 7 mg/h for 4 h iv", None, [(0, "iv", D(10), 2), (2, "iv", D(14), 2)]),
    ],
)
def test_what_goes_in(text, weight, expected):
    assert parse(parse(text).text()) == parse(text)
    found = given_out(text, weight)
    assert [(r, m) for _, r, m, _ in found] == [(r, m) for _, r, m, _ in expected]
    assert [t for t, *_ in found] == pytest.approx([t for t, *_ in expected])
    assert [d for *_, d in found] == pytest.approx([d for *_, d in expected])


def test_a_ramp_rises_evenly():
    (piece,) = parse("5 to 20 mg/h for 10 h iv").inputs()
    assert (piece.rate_mg_per_h, piece.to_rate_mg_per_h, piece.amount_mg) == (D(5), D(20), D(125))


def test_per_kilogram_stays_so_until_the_weight_is_known():
    regimen = parse("0.5 mg/kg max 40 mg over 40 min iv")
    (piece,) = regimen.inputs()
    assert (piece.per_kg, piece.amount_mg, piece.cap) == (True, D("0.5"), D(40))
    with pytest.raises(ValueError, match="give the weight first"):
        regimen.total_mg()
    assert regimen.for_weight("70").total_mg() == D(35)
    assert regimen.for_weight(70.5).total_mg() == D("35.25")
    assert regimen.for_weight(100).total_mg() == D(40)


@pytest.mark.parametrize("weight", [0, -5, 501, "0.4"])
def test_an_absurd_weight(weight):
    with pytest.raises(ValueError, match="not between"):
        parse("1 mg/kg iv").for_weight(weight)


def test_routes_substances_and_end():
    regimen = parse("10 mg over 1 h iv esketamine then 20 mg po")
    assert (regimen.routes, regimen.substances, regimen.end_h) == (("iv", "po"), ("esketamine",), 1.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 mg iv", ["assumed racemic ketamine"]),
        ("1 mg iv racemic", []),
        ("1 mg iv ketamine", []),
        ("1 mg iv s-ketamine then 2 mg po", ["assumed esketamine, as the dose before"]),
        (
            "1 mg iv esketamine then 2 mg",
            ["assumed route iv, as the dose before", "assumed esketamine, as the dose before"],
        ),
        ("1 mg iv ketamine then 1 mg iv", ["assumed racemic ketamine, as the dose before"]),
        ("1 mg po prn every 6 h x 4", ["assumed racemic ketamine", "as-needed doses simulated at their maximum"]),
        ("1 mg po racemic as hcl", ["hydrochloride counted as 0.867 of base"]),
        ("5 to 9 mg/h by 1 every 1 h for 9 h iv racemic", ["titration simulated at its fastest permitted pace"]),
        ("(1 mg po racemic weekdays x 2) every 14 d x 2 and 1 mg iv racemic", ["weekdays counted from Monday"]),
        ("1 mg po racemic weekdays x 2 from tue", []),
    ],
)
def test_what_was_assumed_is_said(text, said):
    assert list(parse(text).assumptions()) == said


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("hello", '"hello"'),
        ("-5 mg iv", '"-5" is negative'),
        ("−5 mg iv", '"−5" is negative'),
        ("5", "the end"),
        ("5 iv", '"5 iv" has no unit'),
        ("5 mgg iv", '"5 mgg" has no unit'),
        ("5 mg", "no route"),
        ("0 mg iv", '"0" is zero'),
        ("1,5 mg iv", '"1,5"'),
        ("1e3 mg iv", '"1e3"'),
        (".5 mg iv", '".5"'),
        ("1234567 mg iv", '"1234567"'),
        ("9999 mg iv", "beyond any use"),
        ("100 mg/kg iv", "beyond any use"),
        ("3000 mg/h for 1 h iv", "beyond any use"),
        ("999 mg/kg/h for 1 h iv", "beyond any use"),
        ("50000 mcg/kg/min for 1 h iv", "beyond any use"),
        ("5 to 9999 mg/h for 1 h iv", "beyond any use"),
        ("5 mg iv banana", '"banana" was not understood'),
        ("5 mg iv every 6 h", '"the end" was not understood'),
        ("5 mg iv every 6 h 3", '"3" was not understood'),
        ("5 mg iv every 6 h x 0", '"x 0"'),
        ("5 mg iv every 6 h x 9999", '"x 9999"'),
        ("5 mg iv every 6 h x many", '"x many"'),
        ("5 mg iv every x 3", 'a time after "every"'),
        ("5 mg iv every 6 x 3", '"6 x" is not a time'),
        ("5 mg iv weekdays 3", "repeat needs"),
        ("5 mg iv weekdays x 3 from monda y", None),
        ("5 mg iv weekdays x 3 from xyz", "not a day"),
        ("5 mg iv weekdays x 3 from mo", "not a day"),
        ("(5 mg iv", 'closing ")"'),
        ("5 mg iv )", '")" was not understood'),
        ("5 mg iv then", "the end"),
        ("5 mg iv then 3 mg iv and 2 mg iv", '"and" was not understood'),
        ("5 mg over iv", 'a time after "over"'),
        ("5 mg over 40 iv", '"40 iv" is not a time'),
        ("5 mg over 400 d iv", "longer than"),
        ("5 mg for 40 min iv", 'takes "over"'),
        ("5 mg/h iv", 'needs "for"'),
        ("5 mg/h over 4 h iv", 'needs "for"'),
        ("5 mg/h bolus iv", 'needs "for"'),
        ("5 mg over 1 h bolus iv", "says again"),
        ("5 mg iv iv", "says again"),
        ("5 mg iv po", "says again"),
        ("5 to 9 mg iv", "only a rate can ramp"),
        ("5 mg by 1 every 2 h iv", "only a rate can ramp"),
        ("5 mg/h by 1 every 2 h for 9 h iv", '"by" needs "to"'),
        ("5 to 9 mg/h by 1 2 h for 9 h iv", 'needs "every"'),
        ("5 to 9 mg/h by 1 mg/kg/h every 2 h for 9 h iv", "is not in mg/h"),
        ("5 mg over 1 h po", "given at once"),
        ("5 mg/h for 1 h in", "given at once"),
        ("5 mg/kg max 10 mg/h iv", "must be in mg"),
        ("5 mg/kg/h max 10 mg for 1 h iv", "must be in mg/h"),
        ("5 to 9 mg/h max 7 mg/h for 2 h iv", "end the ramp there"),
        ("5 mg iv as salt", '"as salt"'),
        ("5 mg iv as", "the end"),
        ("5 furlongs", '"5 furlongs"'),
        ("5 mg iv esketamine racemic", "says again"),
    ],
)
def test_what_is_refused_names_the_part_and_shows_an_example(text, named):
    with pytest.raises(DoseTextError) as caught:
        parse(text)
    sentence = str(caught.value)
    assert named is None or named in sentence
    assert "\n" not in sentence
    assert sentence.endswith(".")


def test_a_dated_regimen():
    doses = [
        {"start": "2026-03-03T10:00", "text": "10 mg over 1 h iv"},
        {"start": "2026-03-02T09:00", "text": "0.5 mg/kg over 40 min iv every 4 h x 2"},
    ]
    found = [(p.start_h, p.amount_mg) for p in from_doses(doses).inputs()]
    assert found == [(0.0, D("0.5")), (4.0, D("0.5")), (25.0, D(10))]
    one = from_doses([{"start": date(2026, 3, 2), "text": "1 mg iv"}])
    assert one == parse("1 mg iv")
    assert from_doses([{"start": datetime(2026, 3, 2, 9), "text": "1 mg iv"}]) == one  # noqa: DTZ001
    doses += [{"start": f"2026-03-02T09:{at}", "text": "1 mg po"} for at in ("15", "20:30")]
    again = from_doses(doses)
    assert parse(again.text()) == again
    assert [p.start_h for p in again.inputs()] == pytest.approx([0, 0.25, 20.5 / 60, 4, 25])


@pytest.mark.parametrize(
    ("doses", "named"),
    [([], "no doses"), ([{"start": "soon", "text": "1 mg iv"}], '"soon"'), ([{"text": "1 mg iv"}], '"None"'),
     ([{"start": "2026-03-02"}], "empty")],
)  # fmt: skip
def test_a_dated_regimen_that_cannot_be_read(doses, named):
    with pytest.raises(ValueError, match=named):
        from_doses(doses)


numbers = st.decimals("0.01", "49", places=2).map(lambda d: f"{d.normalize():f}")
times = st.tuples(st.integers(1, 90), st.sampled_from(["s", "min", "h", "d"])).map(lambda t: f"{t[0]} {t[1]}")
tails = st.tuples(
    st.sampled_from(["", " racemic", " esketamine"]), st.sampled_from(["", " as hcl"]), st.sampled_from(["", " prn"])
).map("".join)
amounts = st.builds(
    lambda n, u, how, r, tail: f"{n} {u}{how if r in ('iv', 'im', 'sc') else ''} {r}{tail}",
    numbers,
    st.sampled_from(["mg", "mg/kg", "mcg/kg"]),
    st.one_of(st.just(""), times.map(lambda t: f" over {t}")),
    st.sampled_from(["iv", "im", "sc", "in", "sl", "po"]),
    tails,
)
flows = st.builds(
    lambda n, to, u, t, r, tail: f"{n}{to} {u} for {t} {r}{tail}",
    numbers,
    st.one_of(st.just(""), numbers.map(lambda n: f" to {n}")),
    st.sampled_from(["mg/h", "mg/kg/h", "mcg/kg/min"]),
    times,
    st.sampled_from(["iv", "sc"]),
    tails,
)
repeats = st.one_of(
    st.builds(lambda t, n: f" every {t} x {n}", times, st.integers(1, 9)),
    st.builds(
        lambda n, d: f" weekdays x {n}{d}", st.integers(1, 9), st.sampled_from(["", *(f" from {w}" for w in WEEKDAYS)])
    ),
)
regimens = st.recursive(
    st.one_of(amounts, flows),
    lambda inner: st.one_of(
        st.builds(lambda a, r: f"({a}){r}", inner, repeats),
        st.builds(lambda a, w, t, b: f"({a}) {w}{t} ({b})", inner, st.sampled_from(["then", "and"]),
                  st.one_of(st.just(""), times.map(lambda t: f" after {t}")), inner),
    ),
    max_leaves=5,
)  # fmt: skip


@settings(deadline=None)
@given(regimens, st.integers(3, 150))
def test_text_reads_back_to_the_same_regimen(text, weight):
    regimen = parse(text)
    again = parse(regimen.text())
    assert again == regimen
    assert again.text() == regimen.text()
    assert again.inputs() == regimen.inputs()
    absolute = regimen.for_weight(weight)
    assert absolute.total_mg() == sum((p.amount_mg for p in absolute.inputs()), D(0))
    by_hand = sum(float(p.amount_mg) * (weight if p.per_kg else 1) for p in regimen.inputs())
    assert float(absolute.total_mg()) == pytest.approx(by_hand, rel=1e-12)


def test_a_weighed_regimen_reads_back_to_six_decimals():
    absolute = parse("5.833 mcg/kg/min for 1 h iv").for_weight(70)
    assert absolute.text() == "24.4986 mg/h for 1 h iv"
    assert parse(absolute.text()).total_mg() == absolute.total_mg()


def test_start_of_the_clock():
    later = Regimen(parse("1 mg iv").item, D(3600))
    assert later.inputs()[0].start_h == 1.0


def test_molar():
    assert nmol_per_ml(447.4, "norketamine") == pytest.approx(2.0)
