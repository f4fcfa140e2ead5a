"""Every case beside every rule, and that every rule has the cases it needs."""

import pytest

from surcease.knowledge import load
from surcease.knowledge.cases import cases_of, problems

CASES = [case for rule in load().rules for case in cases_of(rule)]


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.rule}: {c.name}")
def test_case(case):
    assert case.differences(load()) == []


def test_every_rule_has_its_cases():
    assert list(problems(load())) == []
