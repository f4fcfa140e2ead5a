"""Screens to facts: what is settled becomes a fact, what is not stays absent."""

from datetime import UTC, datetime
from decimal import Decimal

from surcease.care.record import Answers, Origin
from surcease.care.screening import screening_facts
from surcease.knowledge import load
from surcease.knowledge.catalogue import catalogue

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def facts(instrument, items):
    sitting = Answers(instrument, "1", items, AT, origin=Origin("patient", "form/1"))
    found = screening_facts(sitting, catalogue())
    assert set(found) <= set(load().facts)
    return found


def test_suicide_risk():
    risk = facts("c-ssrs", {"1": True, "2": False, "6": False})["c_ssrs_risk"]
    assert (risk.value, risk.at, risk.source) == ("low", AT, "form/1")
    assert facts("c-ssrs", {"1": True}) == {}
    assert facts("c-ssrs", {"5": True})["c_ssrs_risk"].value == "high"
    assert set(load().facts["c_ssrs_risk"].values) == {b.label for b in catalogue()["c-ssrs"].scales[0].bands}


def test_fibromyalgia():
    sites = ("shoulder-left", "shoulder-right", "hip-left", "hip-right")
    items = dict.fromkeys(sites, True) | {"fatigue": Decimal(3), "unrefreshed": Decimal(3), "cognition": Decimal(3)}
    items |= dict.fromkeys(("headaches", "abdominal", "depression"), False)
    items |= dict.fromkeys(("three-months", "all-sites-asked"), True)
    found = facts("fm-2016", items)
    assert {n: f.value for n, f in found.items()} == {"dx_fm16": True, "fm_wpi": 4, "fm_sss": 9, "fm_regions": 4}
    assert (found["fm_wpi"].unit, found["dx_fm16"].unit) == ("{score}", "")
    assert "dx_fm16" not in facts("fm-2016", {"three-months": True})


def test_crps():
    symptoms = {f"symptom-{c}": True for c in ("sensory", "vasomotor", "sudomotor")}
    signs = {"sign-sensory": True, "sign-motor": True}
    items = symptoms | signs | {"disproportionate": True, "no-better-diagnosis": True}
    assert {n: f.value for n, f in facts("crps-budapest", items).items()} == {"dx_crps": True}
    whole = items | {"symptom-motor": False, "sign-vasomotor": False, "sign-sudomotor": False}
    assert {n: f.value for n, f in facts("crps-budapest", whole).items()} == {
        "dx_crps": True, "dx_crps_research": False,
    }  # fmt: skip


def test_other_instruments_and_misfits_give_nothing():
    assert facts("phq-9", {"1": 3}) == {}
    assert facts("c-ssrs", {"1": "maybe"}) == {}
    assert screening_facts(Answers("c-ssrs", "1", {}, AT), {}) == {}
    assert screening_facts(Answers("c-ssrs", "1", {"5": True}, AT), catalogue())["c_ssrs_risk"].source == ""
