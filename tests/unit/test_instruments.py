"""The shipped instruments as data, how a document is refused, text packs."""

from dataclasses import replace
from decimal import Decimal

import pytest

from surcease.knowledge import yaml
from surcease.knowledge.catalogue import catalogue, load_pack, with_text
from surcease.knowledge.check_digits import loinc
from surcease.knowledge.instrument import Option
from surcease.knowledge.instrument_file import document, read
from surcease.knowledge.library import load
from surcease.knowledge.yaml import KnowledgeError

KNOWN = catalogue()
WITH_TEXT = {
    "peg", "nrs", "phq-9", "phq-2", "gad-7", "gad-2", "pgic", "fm-2016", "crps-budapest", "padss", "padss-4", "aldrete",
    "moaa-s", "go-no-go", "side-effects", "discharge", "wellbeing", "ort-oud", "work", "worth-it",
}  # fmt: skip
SITE_TEXT = {
    "bpi", "pcs", "dn4", "c-ssrs", "ort", "dast-10", "cadss", "cadss-6", "kset-r", "promis-pain-interference-4a",
    "promis-pain-interference-8a", "promis-physical-function-4a", "promis-sleep-disturbance-4a", "eq-5d-5l", "who-5",
    "audit-c", "isi", "midas", "hit-6", "moca", "bpic-ss", "stop-bang", "comm", "soapp-r", "hads", "paindetect",
}  # fmt: skip


def test_which_ship_with_their_text_and_which_wait_for_the_site():
    assert {i.id for i in KNOWN.values() if i.has_text} == WITH_TEXT
    assert {i.id for i in KNOWN.values() if not i.has_text} == SITE_TEXT


@pytest.mark.parametrize("instrument", KNOWN.values(), ids=list(KNOWN))
def test_a_shipped_instrument_is_whole(instrument):
    assert instrument.minutes > 0
    assert instrument.recall
    assert instrument.short
    assert instrument.licence.kind in ("free", "own_words", "conditional", "site_text")
    assert instrument.id in SITE_TEXT or instrument.licence.kind in ("free", "own_words")
    assert all(item.shown for item in instrument.questions)
    sources = load().sources
    cited = [
        instrument,
        *(b for s in instrument.scales for b in s.bands),
        *(c for s in instrument.scales for c in s.changes),
    ]
    for part in cited:
        assert part.grade in ("found", "secondary", "assumption", "site_default")
        if part.grade in ("found", "secondary"):
            assert part.source in sources, (instrument.id, part)
            assert sources[part.source]["kind"] != "site"
    for scale in instrument.scales:
        for band in scale.bands:
            assert scale.low <= band.at_least <= scale.high
            if band.grade in ("assumption", "site_default"):
                assert band.source == ""  # an assumption cites nothing
    codes = [instrument.code, *(i.code for i in instrument.flat()), *(s.code for s in instrument.scales)]
    assert all(loinc(c) for c in codes if c)


@pytest.mark.parametrize("instrument", KNOWN.values(), ids=list(KNOWN))
def test_a_document_gives_the_same_instrument_back(instrument):
    assert read(document(instrument)) == instrument


def test_a_stored_release_gives_the_same_instruments_back():
    knowledge = load()
    again = type(knowledge).from_canonical(knowledge.canonical())
    assert catalogue(again) == dict(KNOWN)


def test_an_option_without_words_shows_its_points_or_code():
    assert Option("a", points=Decimal(3)).shown == "3"
    assert Option("steady").shown == "steady"
    assert Option("a", "Never", Decimal(0)).shown == "Never"


PLAIN = {
    "id": "x", "title": "X", "version": 1, "licence": {"kind": "own_words"},
    "items": [{"id": "a", "type": "integer", "range": [Decimal(0), Decimal(10)], "text": "How?"}],
    "scales": [{"id": "t", "method": "sum", "range": [Decimal(0), Decimal(10)]}],
}  # fmt: skip


SUM = {"id": "t", "method": "sum", "range": [0, 1]}


def test_the_plain_document_reads():
    assert read(PLAIN).scales[0].items == ("a",)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"title": None}, None),
        ({"licence": {"kind": "stolen"}}, "licence: kind must be one of free"),
        ({"colour": "red"}, "colour: this key is not known"),
        ({"function": "magic"}, "function: 'magic' is not one of"),
        ({"items": [{"id": "a", "type": "slider"}]}, "items.a: needs an id and a type"),
        ({"items": [{"id": "a", "type": "choice"}]}, "items.a: a choice needs options"),
        ({"items": [{"id": "a", "type": "choice", "options": "often"}]}, "'often' is not under answers"),
        ({"items": [{"id": "a", "type": "choice", "options": 3}]}, "needs a list of answers"),
        ({"items": [{"id": "a", "type": "boolean", "options": [0, 1]}]}, "only a choice has them"),
        ({"items": [{"id": "a", "type": "boolean", "colour": "red"}]}, "items.a: the key 'colour' is not known"),
        ({"items": [{"id": "a", "type": "boolean"}, {"id": "a", "type": "boolean"}]}, "the id 'a' stands twice"),
        (
            {"items": [{"id": "a", "type": "choice", "options": [{"code": "x"}, {"code": "x"}]}]},
            "two answers have the same code",
        ),
        ({"items": [{"id": "a", "type": "choice", "options": [{"code": "x"}]}]}, "has an answer without points"),
        ({"items": [{"id": "a", "type": "text"}]}, "is a text: it has no points"),
        (
            {"items": [{"id": "a", "type": "boolean", "enable_when": [{"question": "b", "answer": True}]}]},
            "asks for 'b', which is no item",
        ),
        (
            {"items": [{"id": "a", "type": "boolean", "enable_when": [{"question": "a", "operator": "~"}]}]},
            "operator must be one of",
        ),
        ({"scales": [{"id": "t", "method": "median", "range": [0, 1]}]}, "needs a range and a method"),
        ({"scales": [{"id": "t", "method": "sum", "range": [0, 1], "items": ["b"]}]}, "'b' is not a scored item"),
        (
            {"scales": [SUM | {"bands": [{"from": 5, "label": "b"}, {"from": 1, "label": "a"}]}]},
            "ascending order",
        ),
        (
            {"scales": [SUM | {"bands": [{"from": 0, "label": "a", "grade": "found"}]}]},
            "a grade of found needs its source",
        ),
        ({"triggers": [{"item": "z", "at_least": 1, "then": "t", "say": "s"}]}, "'z' is no item"),
    ],
)  # fmt: skip
def test_a_bad_document_is_refused_by_its_key(change, words):
    raw = {k: v for k, v in {**PLAIN, **change}.items() if v is not None}
    with pytest.raises(KnowledgeError, match=words):
        read(raw, name="x.yaml")


def test_a_missing_key_is_named():
    with pytest.raises(KnowledgeError, match=r"x\.yaml: licence: is missing"):
        read({k: v for k, v in PLAIN.items() if k != "licence"}, name="x.yaml")


def pack(tmp_path, text):
    (tmp_path / "p.yaml").write_text(text, encoding="utf-8")
    return load_pack(tmp_path)


ISI = """
instrument: isi
language: en
permission: "Licence 1 of the holder"
options: {"0": none, "1": mild, "2": moderate, "3": severe, "4": very severe}
items: {"1": one, "2": two, "3": three, "4": four, "5": five, "6": six, "7": {text: seven, options: {"4": worst}}}
"""


def test_a_pack_gives_a_site_its_text(tmp_path):
    (isi,) = pack(tmp_path, ISI)
    assert isi.has_text
    assert isi.licence.note == "Licence 1 of the holder"
    assert isi.item("7").options[4].text == "worst"
    assert isi.item("6").options[4].text == "very severe"
    assert isi.scales == KNOWN["isi"].scales


def test_a_pack_may_bring_a_translation_of_a_shipped_instrument(tmp_path):
    text = ISI.replace("isi", "peg").replace("en\n", "es\n", 1)
    text = (
        text[: text.index("options")] + "items: {pain: uno, enjoyment: dos, activity: {text: tres, low_text: nada}}\n"
    )
    (peg,) = pack(tmp_path, text)
    assert (peg.language, peg.item("pain").text, peg.item("activity").low_text) == ("es", "uno", "nada")


def test_a_pack_brings_items_where_they_come_from_the_site(tmp_path):
    text = """
instrument: kset-r
permission: "Supplement of the paper"
items: {form: Which form}
add: [{id: s1, type: choice, text: First, options: [{code: a, text: Never, points: 0}]}]
"""
    (kset,) = pack(tmp_path, text)
    assert [i.link_id for i in kset.questions] == ["form", "s1"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("instrument: isi", "instrument: none", "instrument: name one of"),
        ('permission: "Licence 1 of the holder"', "permission: ''", "say on what licence"),
        ('"6": six,', "", "words are missing for 6"),
        ('"6": six,', '"6": six, "8": eight,', "has no item '8'"),
        ('"3": severe,', "", "words are missing for 1, 2"),
        ("language: en", "language: en\ncolour: red", "colour: this key is not known"),
        ("language: en", "language: en\nadd: [{id: x, type: boolean, text: X}]", "the items of isi are fixed"),
        ("instrument: isi", "instrument: phq-9", "phq-9 is shipped with its text in en"),
    ],
)
def test_a_bad_pack_is_refused(tmp_path, old, new, words):
    with pytest.raises(KnowledgeError, match=words):
        pack(tmp_path, ISI.replace(old, new))


def test_an_empty_folder_is_no_pack(tmp_path):
    with pytest.raises(KnowledgeError, match="no text pack here"):
        load_pack(tmp_path)


def test_points_may_name_an_option_whose_code_is_foreign():
    """AUDIT-C carries LOINC answer codes; a pack may give words by points."""
    raw = yaml.loads(ISI.replace("isi", "audit-c"), name="p")
    raw["items"] = {"1": "one", "2": "two", "3": "three"}
    assert with_text(raw, KNOWN, name="p").item("2").options[2].text == "moderate"


def test_knowing_an_instrument_does_not_change_it():
    peg = KNOWN["peg"]
    assert peg.with_items(peg.items) == peg
    assert replace(peg, version=2) != peg
