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


def numbered(prefix, last, first=1):
    return {f"{prefix}-{n:02d}" for n in range(first, last + 1)}


#: the clinical tables' ids; a rule split by outcome counts as its id
TABLES = (
    numbered("ELG", 11) | numbered("PRE", 9) | numbered("SET", 8) | numbered("DAY", 9) | numbered("DOS", 18)
    | numbered("RSP", 5) | numbered("LTM", 9) | numbered("HOM", 7) | numbered("MON", 8) | numbered("RSC", 9)
    | numbered("DIS", 8) | numbered("MME", 7) | numbered("DDI", 20) | numbered("EVD", 4)
    | {f"IND-{x}" for x in ["CRPS", "SCI", "MIX", "PLP", "PHN", "FM", "CAN", "ISC", "MIG", "LBP", "ART", "LT"]}
    | {f"ALM-{x}" for x in ["SBP", "DBP", "HR", "SPO2", "RR", "CO2", "SED", "AGI", "DIS", "NV", "PAIN", "SYM", "DEV"]}
    | {f"CIN-{x}" for x in ["CV1", "CV2", "CV3", "CV4", "CV5", "CV6", "PREG", "LACT", "PSY1", "PSY2", "PSY3", "PSY4", "SUI", "HEP1", "HEP2", "ICP", "IOP", "SUD1", "SUD2", "KET", "THY", "SEIZ", "HSN", "POR", "URO", "OSA", "AGE"]}
    | {"DX-CRPS", "DX-FM16"}
)  # fmt: skip
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
