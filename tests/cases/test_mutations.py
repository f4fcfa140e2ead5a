"""One change at a time on a worked case: what must fire, and the neighbouring value at which it must not."""

from __future__ import annotations

from decimal import Decimal
from importlib import util
from pathlib import Path

import pytest

_spec = util.spec_from_file_location("worked_cases", Path(__file__).with_name("test_worked_cases.py"))
worked = util.module_from_spec(_spec)
_spec.loader.exec_module(worked)

ROWS = worked.document("mutations")["rows"]


def layers(row, change):
    on = row.get("case", "CASE-A")
    return (change,) if on == "base" else (worked.document(on), change)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_a_change_fires_its_rules(row):
    findings, facts = worked.evaluated(row["stage"], *layers(row, row["change"]))
    assert {name: worked.standing(findings).get(name) for name in row["expect"]} == row["expect"]
    for name in row.get("must_not_fire", ()):
        assert not findings[name].counts, name
    for name, by in row.get("covered", {}).items():
        assert findings[name].covered_by == by
    for name, value in row.get("computed", {}).items():
        assert facts.value(name) == Decimal(value)
    for name in row.get("not_known", ()):
        assert facts.value(name) is None, "not calculable is never 0"


@pytest.mark.parametrize("row", [row for row in ROWS if "edge" in row], ids=lambda row: row["name"])
def test_the_value_beside_it_does_not(row):
    findings, _ = worked.evaluated(row["stage"], *layers(row, row["edge"]))
    for name in row.get("quiet", row["expect"]):
        assert findings[name].fired is False, (name, findings[name].missing)


def numbered(prefix, last):
    return {f"{prefix}-{n:02d}" for n in range(1, last + 1)}


def named(prefix, text):
    return {f"{prefix}-{word}" for word in text.split()}


CIN = """CV1 CV2 CV3 CV4 CV5 CV6 PREG LACT PSY1 PSY2 PSY3 PSY4 SUI HEP1 HEP2 ICP IOP SUD1 SUD2 KET THY SEIZ HSN POR URO
OSA AGE"""
NUMBERED = {"ELG": 11, "PRE": 9, "SET": 8, "DAY": 9, "DOS": 18, "RSP": 5, "LTM": 9, "HOM": 7, "MON": 8, "RSC": 9,
            "DIS": 8, "MME": 7, "DDI": 20, "EVD": 4}  # fmt: skip
#: the clinical tables' ids; a rule split by outcome counts as its id
TABLES = (
    set().union(*(numbered(*item) for item in NUMBERED.items()))
    | named("IND", "CRPS SCI MIX PLP PHN FM CAN ISC MIG LBP ART LT")
    | named("ALM", "SBP DBP HR SPO2 RR CO2 SED AGI DIS NV PAIN SYM DEV")
    | named("CIN", CIN)
    | named("DX", "CRPS FM16")
)
#: lithium is listed as having no interaction; the order against its protocol has a suite of its own
ELSEWHERE = {"DDI-15", "DOS-18"}


def test_every_rule_of_the_tables_is_fired_by_a_case_or_a_row():
    fired = {name for row in ROWS for name in {**row["expect"], **row.get("covered", {})}}
    for path in worked.CASES.glob("CASE-*.yaml"):
        for moment in worked.document(path.stem)["moments"]:
            fired |= {*(moment.get("fires") or {}), *(moment.get("also") or {}), *(moment.get("covered") or {})}
    base = worked.document("base")
    fired |= {name for stage in (*base["always"].values(), *base["shown"].values()) for name in stage}
    assert TABLES - {name.rstrip("abcdefgh") for name in fired} == ELSEWHERE


def test_every_rule_of_the_tables_exists():
    from surcease.knowledge import load

    assert TABLES - {rule.id.rstrip("abcdefgh") for rule in load().rules} == set()
