"""Which cases a rule must have beside it, and what is said when one is missing or wrong."""

import pytest

from surcease.knowledge.cases import cases_of, kinds_needed, problems
from surcease.knowledge.library import from_files
from surcease.knowledge.yaml import KnowledgeError

HEAD = """id: {id}
version: 1
effective: 2026-01-01
kind: {kind}
stage: intake
title: {{en: Adult}}
outcome: REVIEW
say: {{en: one}}
do: {{en: two}}
source: src
grade: x
"""
BASE = {
    "sources.yaml": "src: {title: A source, kind: trial}",
    "facts.yaml": "size: {type: number, owner: lab}\nbad: {type: bool, owner: lab}",
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SURCEASE_CACHE", str(tmp_path / "cache"))
    (tmp_path / "rules" / "t").mkdir(parents=True)

    def write(rule_id, extra, cases=None, kind="rule"):
        files = {**BASE, f"rules/t/{rule_id}.yaml": HEAD.format(id=rule_id, kind=kind) + extra}
        if cases is not None:
            (tmp_path / "rules" / "t" / f"{rule_id}.cases.yaml").write_text(cases)
        return from_files({k: v.encode() for k, v in files.items()}), tmp_path

    return write


NUMBER = "when: {fact: size, above: 3}"
GOOD = """
- {name: high, kind: fires, facts: {size: 9}, expect: {fired: true, outcome: REVIEW, missing: []}}
- {name: low, kind: does_not_fire, facts: {size: 1}, expect: {fired: false, applies: true}}
- {name: just above, kind: boundary, facts: {size: 3.1}, expect: {fired: true}}
- {name: at the edge, kind: boundary, facts: {size: 3}, expect: {fired: false}}
- {name: nothing, kind: unknown, expect: {fired: null, missing: [size]}}
"""


def test_good_cases_have_no_problem_and_run(folder):
    knowledge, root = folder("TST-1", NUMBER, GOOD)
    assert list(problems(knowledge, root)) == []
    cases = cases_of(knowledge.rule("TST-1"), root)
    assert [case.differences(knowledge) for case in cases] == [[]] * 5


def test_a_wrong_expectation_is_told(folder):
    knowledge, root = folder("TST-1", NUMBER, "- {name: a, kind: fires, facts: {size: 1}, expect: {fired: true}}")
    (case,) = cases_of(knowledge.rule("TST-1"), root)
    assert case.differences(knowledge) == ["fired: expected True, got False"]


@pytest.mark.parametrize(
    ("extra", "cases", "words"),
    [
        (NUMBER, None, "the kind boundary, does_not_fire, fires, unknown has no case"),
        (
            NUMBER,
            GOOD.replace("facts: {size: 3.1}, expect: {fired: true}", "facts: {size: 3}, expect: {fired: false}"),
            "both sides",
        ),
        (NUMBER, "a: 1", "cases are one list"),
        (NUMBER, "- {name: a, kind: maybe, expect: {fired: true}}", "needs a name and a kind"),
        (NUMBER, "- [1]", "needs a name and a kind"),
        (NUMBER, "- {name: a, kind: fires, colour: red, expect: {fired: true}}", "the key 'colour' is not known"),
        (NUMBER, "- {name: a, kind: fires, expect: {fired: true, colour: red}}", "the key 'colour' is not known"),
        (NUMBER, "- {name: a, kind: fires, expect: {outcome: REVIEW}}", "expect needs fired"),
    ],
)
def test_what_is_wrong_with_cases_is_named(folder, extra, cases, words):
    knowledge, root = folder("TST-1", extra, cases)
    assert any(words in problem for problem in problems(knowledge, root)), list(problems(knowledge, root))


def test_cases_without_a_rule_are_named(folder):
    knowledge, root = folder("TST-1", NUMBER, GOOD)
    (root / "rules" / "t" / "TST-9.cases.yaml").write_text("[]")
    assert list(problems(knowledge, root)) == ["rules/t/TST-9.cases.yaml: there is no rule 'TST-9' beside these cases."]


def test_which_kinds_are_needed(folder):
    plain, _ = folder("TST-1", "when: {fact: bad, is: true}")
    assert kinds_needed(plain.rule("TST-1")) == {"fires", "does_not_fire", "unknown"}
    aged, _ = folder("TST-1", "when: {fact: bad, within_days: 3}\napplies: {fact: bad, is: true}")
    assert kinds_needed(aged.rule("TST-1")) == {"fires", "does_not_fire", "unknown", "boundary", "not_applicable"}
    shown, _ = folder("TST-1", "", kind="statement")
    assert kinds_needed(shown.rule("TST-1")) == {"shown"}


def test_cases_with_the_clinic_s_signature_and_another_day(folder):
    cases = """
- {name: signed, kind: fires, signed: true, facts: {size: 9}, expect: {fired: true, outcome: DEFER}}
- {name: other number, kind: fires, limits: {most: 1}, facts: {size: 2}, expect: {fired: true}}
- {name: before its day, kind: does_not_fire, now: "2025-01-01T00:00+00:00", facts: {size: 9}, expect: {fired: false}}
"""
    more = "when: {fact: size, above: 3}\nthreshold: most\nsite_configurable: true\nsigned_outcome: DEFER"
    knowledge, root = folder("TST-1", more, cases)
    assert [case.differences(knowledge) for case in cases_of(knowledge.rule("TST-1"), root)] == [[], [], []]
    with pytest.raises(KnowledgeError):
        folder("TST-2", "when: {fact: gone, is: true}")[0].rule("TST-2")
