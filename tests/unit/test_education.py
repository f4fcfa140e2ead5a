"""Pages for patients: nothing without its source, no remembered number, both languages, and easy to read."""

from __future__ import annotations

import re
from datetime import date

import pytest
from tests.reading_grade import grade, syllables

from surcease.knowledge import load
from surcease.knowledge.education import Page, pages
from surcease.knowledge.library import Knowledge
from surcease.knowledge.yaml import KnowledgeError

PAGES = pages()
HIGHEST = 8.0  # issue: reading grade at most 8 (Flesch–Kincaid, English)
# Counted by dictionary (Merriam-Webster's division of each word).
SYLLABLES = {
    "the": 1, "pain": 1, "treatment": 2, "ketamine": 3, "medicine": 3, "doctor": 2, "liver": 2, "bladder": 2,
    "hours": 1, "times": 1, "table": 2, "walked": 1, "needed": 2, "started": 2, "media": 3, "being": 2, "evidence": 3,
    "pressure": 2, "careful": 2, "approved": 2, "signals": 2, "injury": 3, "nerves": 1, "diaries": 3, "surgery": 3,
    "minutes": 2, "likely": 2, "changes": 2, "serious": 3, "studies": 2, "question": 2, "create": 2, "video": 3,
    "going": 2, "influence": 3, "use": 1, "used": 1, "eye": 1, "three-fold": 2,
}  # fmt: skip


@pytest.mark.parametrize(("word", "count"), SYLLABLES.items())
def test_syllables_are_counted_as_the_dictionary_divides_them(word: str, count: int) -> None:
    assert syllables(word) == count


def test_the_grade_of_texts_with_published_grades() -> None:
    """Wikipedia, "Flesch–Kincaid readability tests": the platypus sentence has 13 words and 24 syllables, grade 11.3;
    "The cat sat on the mat." has 6 words of one syllable (ease 116), which is grade −1.45 by the formula."""
    platypus = "The Australian platypus is seemingly a hybrid of a mammal and reptilian creature."
    assert sum(syllables(word) for word in platypus.strip(".").split()) == 24
    assert grade(platypus) == pytest.approx(11.3, abs=0.05)
    assert grade("The cat sat on the mat.") == pytest.approx(0.39 * 6 + 11.8 - 15.59)


def test_long_words_and_long_sentences_raise_the_grade() -> None:
    plain = "We watch you. Then you go home."
    assert grade(plain) < 3
    assert grade("Postprocedural observation facilitates identification of haemodynamic complications.") > 18
    assert grade("We watch you and then you go home and then you rest and then you sleep well.") > grade(plain)
    with pytest.raises(ValueError, match="no words"):
        grade("…")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.id)
def test_a_page_reads_at_grade_eight_or_below(page: Page) -> None:
    sentences = [text["en"] if re.search(r"[.!?]$", text["en"]) else text["en"] + "." for text in page.texts()]
    assert grade(" ".join(sentences)) <= HIGHEST
    for part in page.parts:
        said = " ".join(text["en"] for text in (*part.say, *part.points))
        assert grade(said) <= HIGHEST + 1, part.heading["en"]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.id)
def test_every_part_names_facts_and_sources_that_exist(page: Page) -> None:
    knowledge = load()
    known = {rule.id for rule in knowledge.rules} | set(knowledge.protocols)
    for part in page.parts:
        assert part.sources
        assert part.facts
        assert set(part.facts.values()) <= {"F", "F2", "D"}
        missing = [f for f in part.facts if not any(i == f or re.fullmatch(rf"{f}[a-z]", i) for i in known)]
        assert not missing, missing
    assert page.dated <= date(2026, 11, 25)


NUMBER = re.compile(r"\d+(?:\.\d+)?")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.id)
def test_both_languages_say_the_same_numbers(page: Page) -> None:
    for text in page.texts():
        assert sorted(NUMBER.findall(text["en"])) == sorted(NUMBER.findall(text["es"])), text["en"]


def test_the_numbers_are_those_of_the_knowledge() -> None:
    """The page's figures against the statement each stands on, as the rules print them."""
    said = {p.id: " ".join(t["en"] for t in p.texts()) for p in PAGES}
    rules = {r.id: " ".join(str(r.say).split()) for r in load().rules}
    assert "67 trials with 2309 people" in said["evidence"]
    assert "67 randomised trials (2309 people" in rules["EVD-01"]
    assert "between 20 and 46" in said["evidence"]
    assert "20.3% and 46.4%" in rules["EVD-03"]
    assert "about 27 have bladder trouble" in said["effects"]
    assert "27 of 100" in rules["LTM-05"]
    assert "About 90 minutes later" in said["effects"]
    assert "within about 90 minutes" in rules["MON-07"]
    assert "for at least 24 hours" in said["steps"]
    assert "at least 24 hours" in rules["DIS-07a"]


def planted(**changes: object) -> Knowledge:
    part = {"heading": {"en": "A", "es": "A"}, "say": [{"en": "B.", "es": "B."}], "facts": {"EVD-01": "F2"},
            "sources": ["coch25"]}  # fmt: skip
    raw = {"id": "x", "order": "1", "dated": "2026-11-25", "title": {"en": "T", "es": "T"},
           "lead": {"en": "L", "es": "L"}, "parts": [part]}  # fmt: skip
    for key, value in changes.items():
        (part if key in part else raw)[key] = value
    return Knowledge({"sources.yaml": load().documents["sources.yaml"], "education/x.yaml": raw})


def test_a_planted_page_is_read() -> None:
    assert pages(planted())[0].parts[0].sources == ("coch25",)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"facts": {"SET-03": "M"}}, "only remembered"),
        ({"sources": ["grandmother"]}, "not in sources.yaml"),
        ({"title": {"en": "Only English"}}, "needs en and es"),
        ({"say": [{"en": "B.", "es": " "}]}, "needs en and es"),
        ({"picture": "unicorn"}, "is not one of"),
    ],
)
def test_what_may_not_be_told_is_refused(changes: dict, says: str) -> None:
    with pytest.raises(KnowledgeError, match=says):
        pages(planted(**changes))
