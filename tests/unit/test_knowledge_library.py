"""Knowledge as one value: its hash, its canonical text and back, its cache, and what changed between two."""

import os
import shutil
from decimal import Decimal

import pytest

import surcease.knowledge
from surcease.knowledge import Knowledge, KnowledgeError, evaluate, load
from surcease.knowledge import cache as kept
from surcease.knowledge.codes import has_any
from surcease.knowledge.difference import differences
from surcease.knowledge.library import ROOT, canonical, from_files, is_knowledge


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SURCEASE_CACHE", str(tmp_path / "cache"))


RULE = """
id: ELG-01
version: 1
effective: 2026-01-01
kind: rule
stage: intake
title: {en: Adult}
when: {fact: age_years, below: 18}
outcome: STOP
say: {en: one}
do: {en: two}
source: slbl
grade: label
"""
FILES = {
    "sources.yaml": b"slbl: {title: A label, ref: r, kind: label}\n",
    "facts.yaml": b"age_years: {type: number, unit: a, owner: computed}\n",
    "facts/more.yaml": b"# nothing yet\n",
    "rules/eligibility/ELG-01.yaml": RULE.encode(),
    "codes/table.csv": b"a,b\n1,2\n",
}


def changed(name, old, new, files=None):
    files = files or FILES
    return from_files({**files, name: files[name].replace(old, new)})


def test_a_release_comes_back_the_same():
    knowledge = load()
    again = Knowledge.from_canonical(knowledge.canonical())
    assert again.hash == knowledge.hash
    assert again.rules == knowledge.rules
    assert dict(again.facts) == dict(knowledge.facts)
    with pytest.raises(ValueError, match="not a stored knowledge release"):
        Knowledge.from_canonical('{"a": 1}')


def test_the_hash_follows_content_not_layout():
    one = from_files(FILES)
    assert changed("facts.yaml", b"age_years: {", b"# a comment\nage_years:   {").hash == one.hash
    assert changed("rules/eligibility/ELG-01.yaml", b"below: 18", b"below: 18.0").hash == one.hash
    assert changed("rules/eligibility/ELG-01.yaml", b"below: 18", b"below: 17").hash != one.hash
    assert changed("codes/table.csv", b"1,2", b"1,3").hash != one.hash


def test_canonical_text():
    assert canonical({"b": Decimal("0E+3"), "a": ["é", None, Decimal("1E+2")]}) == '{"a":["é",null,100],"b":0}'


def test_the_cache_saves_the_parse_and_survives_damage(tmp_path):
    first = from_files(FILES)
    (entry,) = kept.folder().iterdir()
    assert from_files(FILES).hash == first.hash
    entry.write_text("damaged")
    assert from_files(FILES).hash == first.hash
    entry.write_bytes(b"\xff\xfe")
    assert kept.get(entry.name) is None
    for i in range(7):
        kept.put(f"k{i}", "text")
    assert len(list(kept.folder().iterdir())) <= 4
    shutil.rmtree(kept.folder())
    kept.folder().write_text("a file where the folder should be")
    kept.put("k", "text")  # cannot be written, and that is no error
    assert kept.get("k") is None
    os.environ.pop("SURCEASE_CACHE")
    assert kept.folder().name == "knowledge"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("facts/more.yaml", b"age_years: {type: number, owner: lab}", "more.yaml: age_years: this fact is already"),
        ("facts/more.yaml", b"x: {type: odd, owner: lab}", "facts/more.yaml: x: type must be one of"),
        ("sources.yaml", b"slbl: {title: A label, kind: rumour}", "sources.yaml: slbl: needs a title and a kind"),
        ("sources.yaml", b"other: {title: A label, kind: label}", "'slbl' is not a key of sources.yaml"),
        ("rules/dose/ELG-01.yaml", RULE.encode(), "ELG-01: two files have this id"),
        (
            "rules/eligibility/ELG-01.yaml",
            RULE.encode() + b"covers: [ELG-99]",
            "covers: 'ELG-99' is not the id of a rule",
        ),
        ("rules/eligibility/ELG-01.yaml", RULE.encode() + b"note: no", "bare word 'no'"),
    ],
)
def test_what_does_not_fit_together_is_refused(name, text, words):
    with pytest.raises(KnowledgeError, match=words):
        _ = from_files({**FILES, name: text}).rules


def test_views():
    knowledge = load()
    assert knowledge.rule("ELG-01").id == "ELG-01"
    with pytest.raises(KeyError, match="no rule 'X-1'"):
        knowledge.rule("X-1")
    assert "P01" in knowledge.protocols
    assert knowledge.instruments
    assert knowledge.models
    with pytest.raises(KnowledgeError, match="no model 'nobody_1999'"):
        knowledge.model("nobody_1999")


def test_the_package_s_front_door():
    assert surcease.knowledge.load is load
    assert surcease.knowledge.evaluate is evaluate
    assert surcease.knowledge.model("kamp_2020").id == "kamp_2020"
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = surcease.knowledge.nothing


def test_what_is_knowledge():
    assert is_knowledge("rules/dose/DOS-01.yaml")
    assert not is_knowledge("rules/dose/DOS-01.cases.yaml")
    assert not is_knowledge("schema/rule.yaml")
    assert not is_knowledge("library.py")
    assert len(load(ROOT).rules) > 200


def test_differences_tell_clinical_from_wording():
    one = from_files(FILES)
    clinical = differences(one, changed("rules/eligibility/ELG-01.yaml", b"below: 18", b"below: 17"))
    assert [(d.where, d.change, d.clinical, d.lines) for d in clinical] == [
        ("rules/eligibility/ELG-01", "changed", True, ("when.below: 18 → 17",))
    ]
    words = differences(one, changed("rules/eligibility/ELG-01.yaml", b"{en: one}", b"{en: three}"))
    assert [(d.clinical, d.lines) for d in words] == [(False, ("say.en: one → three",))]
    assert differences(one, one) == ()


def test_differences_of_entries_documents_lists_and_tables():
    one = from_files(FILES)
    more = changed("facts.yaml", b"owner: computed}", b"owner: computed, valid_days: 9}\nb: {type: bool, owner: lab}")
    assert [(d.where, d.change, d.lines) for d in differences(one, more)] == [
        ("fact age_years", "changed", ("valid_days: nothing → 9",)),
        ("fact b", "added", ()),
    ]
    assert differences(more, one)[1].change == "removed"
    table = differences(one, changed("codes/table.csv", b"1,2", b"1,3"))
    assert [(d.where, d.lines) for d in table] == [("codes/table.csv", ("text: changed",))]
    listed = {**FILES, "rules/eligibility/ELG-01.yaml": RULE.replace("stage: intake", "stage: [intake, plan]").encode()}
    before = from_files(listed)
    after = changed("rules/eligibility/ELG-01.yaml", b"[intake, plan]", b"[intake, day]", listed)
    assert differences(before, after)[0].lines == ("stage[1]: plan → day",)
    assert differences(one, before)[0].lines == ('stage: intake → ["intake","plan"]',)
    assert differences(before, before) == ()


def test_source_changes_are_named():
    one = from_files(FILES)
    (found,) = differences(one, changed("sources.yaml", b"ref: r", b"ref: s"))
    assert (found.where, found.lines) == ("source slbl", ("ref: r → s",))


def test_codes_match_by_system_prefix_and_dot():
    # ICD-10-CM in eCQM value sets is written without its dot
    assert has_any(("http://hl7.org/fhir/sid/icd-10-cm|G9050",), ("icd10|G90.50",))
    assert has_any(("http://hl7.org/fhir/sid/icd-10-cm|G90.511",), ("icd10|G90.5",))
    assert not has_any(("icd10|G90.4",), ("icd10|G90.5",))
    assert not has_any(("snomed|G90.5",), ("icd10|G90.5",))
    assert has_any(("http://snomed.info/sct|128200000",), ("snomed|128200000",))
    assert not has_any(("snomed|1282000001",), ("snomed|128200000",))
    assert has_any(("loinc|44249-1",), ("loinc|44249*",))
    assert not has_any((), ("icd10|G90.5",))
