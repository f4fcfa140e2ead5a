"""The grammar of a facts file, and how values are shown."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from surcease.knowledge.evaluation import reading
from surcease.knowledge.fact import Fact
from surcease.knowledge.facts import FactSpec, read, shown, spec

NOW = datetime(2026, 6, 15, 9, 0, tzinfo=UTC)
SPECS = {
    s.name: s
    for s in (
        FactSpec("a", "bool"), FactSpec("n", "number", "kg"), FactSpec("c", "choice", values=("x", "y")),
        FactSpec("codes", "codes"), FactSpec("day", "date"), FactSpec("t", "text"),
    )
}  # fmt: skip


def test_plain_values_are_stated_now():
    found = read(
        {"a": True, "n": Decimal(3), "c": "x", "codes": ["p", "q"], "day": "2026-01-31", "t": Decimal(7)},
        SPECS, now=NOW, source="file",
    )  # fmt: skip
    assert found["a"] == Fact(True, "", NOW, "file")
    assert found["n"] == Fact(Decimal(3), "kg", NOW, "file")
    assert (found.value("c"), found.value("codes"), found.value("t")) == ("x", ("p", "q"), "7")
    assert found.value("day") == date(2026, 1, 31)


def test_a_value_with_unit_time_and_source():
    raw = {"n": {"value": Decimal(150), "unit": "[lb_av]", "at": "2026-06-01T08:00+02:00", "source": "scale"}}
    at = datetime(2026, 6, 1, 8, 0, tzinfo=timezone(timedelta(hours=2)))
    assert read(raw, SPECS, now=NOW)["n"] == Fact(Decimal(150), "[lb_av]", at, "scale")
    assert read({"n": {"value": 4, "at": "2026-06-01"}}, SPECS, now=NOW)["n"].at == date(2026, 6, 1)
    assert read({"n": {"value": 4, "at": None}}, SPECS, now=NOW)["n"].at is None
    assert read({"n": {"value": 4}}, SPECS, now=NOW)["n"].at == NOW


def test_null_is_unknown_however_it_is_written():
    assert dict(read({"a": None, "n": {"value": None}, "c": {}}, SPECS, now=NOW)) == {}


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"shoe": 1}, "'shoe' is not in the dictionary: `surcease rules facts`"),
        ({"a": "maybe"}, "'a' cannot be 'maybe': it is true or false"),
        ({"a": Decimal(1)}, "it is true or false"),
        ({"n": "heavy"}, "it is a number"),
        ({"n": True}, "it is a number"),
        ({"c": "z"}, "it is x, y"),
        ({"codes": "p"}, "it is a list"),
        ({"t": ["p"]}, "it is a text"),
        ({"day": "soon"}, "has the time 'soon': write 2026-01-31"),
        ({"n": {"value": 1, "at": "yesterday!"}}, "has the time 'yesterday!'"),
        ({"n": {"value": 1, "colour": "red"}}, "has the key 'colour': use value, unit, at, source"),
    ],
)
def test_what_is_wrong_is_one_sentence(raw, words):
    with pytest.raises(ValueError, match=words):
        read(raw, SPECS, now=NOW)


def test_a_unit_that_measures_something_else_is_no_value():
    fact = read({"n": {"value": 5, "unit": "mL"}}, SPECS, now=NOW)["n"]
    assert reading(SPECS["n"], fact, NOW) == (None, "is in mL, needed in kg")


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (True, "", "yes"),
        (Decimal("160.0"), "mm[Hg]", "160 mmHg"),
        (Decimal(14), "mo", "14 months"),
        (Decimal(3), "a", "3 years"),
        (3, "{score}", "3"),
        (Decimal("39.13392857142857142857142857"), "wk", "39.13 weeks"),
        (Decimal("0.0125"), "mg", "0.0125 mg"),
        (date(2026, 1, 31), "", "2026-01-31"),
        ((), "", "none"),
        (("a", "b"), "", "a, b"),
        ("angle_closure", "", "angle closure"),
    ],
)
def test_how_a_value_is_shown(value, unit, words):
    assert shown(value, unit) == words


def test_who_is_asked():
    computed = spec("n", {"type": "number", "owner": "computed", "supplier": "nurse", "label": "weight"})
    assert (computed.asked_of, computed.words) == ("nurse", "weight")
    assert spec("big_n", {"type": "number", "owner": "computed"}).asked_of == "physician"
    assert spec("big_n", {"type": "number", "owner": "lab"}).asked_of == "lab"
    assert spec("big_n", {"type": "number", "owner": "lab"}).words == "big n"
