"""The pages made from the rules: one each, bibliography, assumptions, what changed; stale pages are found."""

from importlib import util
from pathlib import Path

import pytest

from surcease.knowledge import Knowledge, load

_spec = util.spec_from_file_location("docs_rules", Path(__file__).parents[2] / "docs" / "pages" / "rules.py")
made = util.module_from_spec(_spec)
_spec.loader.exec_module(made)
K = load()
PAGES = made.pages()


def test_one_page_a_rule_and_three_more():
    assert len(PAGES) == len(K.rules) + 3
    assert all(f"[{r.id}]({r.id}.md)" in PAGES["reference/rules/index.md"] for r in K.rules)


def test_a_page_has_words_numbers_source_and_examples():
    page = PAGES["reference/rules/CIN-CV5.md"]
    assert "mean systolic of the last two or more clinic readings (`systolic_clinic_mean`) is at least 160 mmHg" in page
    assert "- `systolic_limit`: 160 by default" in page
    assert "(bibliography.md#cohen18)" in page
    assert "| at the edge | 160 over 98 |" in page
    assert "the limits are **160** and **100**" in page
    assert "{" not in page


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("PRE-01", "## When\n\nalways"),
        ("CIN-PREG", "It is about a person for whom\n\n- can become pregnant"),
        ("ELG-05", "  - not: average pain 0-10 (`nrs_average`) is of the last 30 days"),
        ("ELG-05", "PEG: 7 on 2026-05-15"),
        ("CIN-SUD1b", "STOP once the clinic has signed it; 2 persons to set it aside"),
        ("HOM-03", "In force | from 2026-01-01 to 2026-12-31"),
        ("SET-08a", "not applicable"),
        ("CIN-POR", "**assumption**"),
    ],
)
def test_what_else_a_page_shows(rule, words):
    assert words in PAGES[f"reference/rules/{rule}.md"]


def test_assumptions_are_counted_and_sources_listed():
    text = PAGES["reference/rules/assumptions.md"]
    count = sum(r.grade == "assumption" for r in K.rules)
    assert f"and {count} on an assumption that nobody has checked" in text
    assert "| [CIN-CV5](CIN-CV5.md) | systolic_limit | 160 mmHg |" in text
    assert all(f"({key})=" in PAGES["reference/rules/bibliography.md"] for key in K.sources)


def test_stale_missing_and_left_over_pages_are_found(tmp_path):
    assert len(made.stale(tmp_path)) == len(PAGES)
    made.write(tmp_path)
    assert made.stale(tmp_path) == []
    folder = tmp_path / "reference" / "rules"
    (folder / "ELG-01.md").write_text("old")
    (folder / "OLD-01.md").write_text("gone")
    assert made.stale(tmp_path) == ["reference/rules/ELG-01.md", "reference/rules/OLD-01.md"]
    made.write(tmp_path)
    assert made.stale(tmp_path) == []


def test_what_changed_clinically():
    text = K.canonical().replace('"below":18,"fact":"age_years"', '"below":16,"fact":"age_years"')
    page = made.changes(Knowledge.from_canonical(text), K, "last year")
    assert "# What changed clinically since last year" in page
    assert "- **rules/eligibility/ELG-01** changed\n  - when.below: 16 → 18" in page
    assert "## Wording only: 0\n\nNothing." in page
