"""Decisions on real R4 records: no crash at any stage, every unknown named, nothing passed on what is not known."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from surcease.care.eligibility import assess
from surcease.care.facts import derive
from surcease.fhir import read_bundle, read_files
from surcease.knowledge import load
from surcease.knowledge.finding import Outcome
from surcease.knowledge.rule import STAGES

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "04-fhir"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the public FHIR samples are not beside the checkout")
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)  # the rules are in force from January 2026
FILES = [*sorted(DATA.glob("synthea-r4/*.gz")), *sorted(DATA.glob("inferno-uscore/*.gz"))]
FILES += sorted(DATA.glob("pain-management-summary/*.json"))
BRENDA = FILES[-1] if FILES else None


def decide(record, stage="intake"):
    knowledge = load()
    return assess(derive(record, now=NOW, knowledge=knowledge), knowledge, now=NOW, stage=stage)


def _everything_unknown_is_named(result):
    named = {m.name: m for m in result.missing}
    for finding in result.findings:
        if finding.counts and finding.fired is None:
            assert finding.missing
            assert set(finding.missing) <= set(named)
        if finding.outcome is Outcome.STOP and finding.applies:
            assert finding.fired is not None  # an unknown STOP asks to defer
    assert all(m.because and m.label and m.owner for m in named.values())
    assert result.outcome in (Outcome.STOP, Outcome.DEFER)  # a referral alone never settles everything


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name.split("_")[0] + p.name[-18:-8])
def test_every_stage_decides_on_a_real_record(path):
    for read in read_bundle(path):
        for stage in STAGES:
            decide(read.record, stage)
        _everything_unknown_is_named(decide(read.record))


def test_the_us_core_examples_decide():
    for read in read_files(sorted(DATA.glob("us-core-examples/*.json"))):
        _everything_unknown_is_named(decide(read.record))


def test_the_bulk_export_decides():
    for read in read_files(sorted(DATA.glob("bulk-10-patients/*.ndjson.gz"))):
        _everything_unknown_is_named(decide(read.record))


def test_brenda_jackson():
    (read,) = read_bundle(BRENDA)
    result = decide(read.record)
    facts, fired = result.facts, {f.id for f in result.findings if f.fired}
    assert (facts.value("peg_score"), facts.value("phq9_score"), facts.value("age_years")) == (5, 8, 65)
    assert "mme_per_day" not in facts  # 22 opioid orders without a dose: not computable, and not 0
    assert "mme_at_least_per_day" not in facts
    assert facts.value("opioid_count") == 1
    assert {"opioid", "benzodiazepine"} <= set(facts.value("med_classes"))
    assert {"DDI-01", "MME-04"} <= fired
    assert fired & {"MME-05", "MME-08"}  # benzodiazepine with an opioid
    assert "indication" not in facts  # fibromyalgia and low back pain: a question for the physician
    assert "phq9_item9" not in facts  # only the total came
    assert "indication" in {m.name for m in result.missing}


def test_a_child_is_stopped():
    reads = {r.record.person.id: r for r in read_files(sorted(DATA.glob("us-core-examples/patient-*.json")))}
    result = decide(reads["child-example"].record)
    assert result.outcome is Outcome.STOP
    assert "ELG-01" in {f.id for f in result.stops}
