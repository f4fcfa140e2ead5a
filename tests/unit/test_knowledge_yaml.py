"""Knowledge YAML: exact numbers, refused traps, messages that name file and line."""

from decimal import Decimal

import pytest

from surcease.knowledge.yaml import KnowledgeError, load, loads


def test_numbers_are_decimal_and_dates_stay_text():
    assert loads("a: 0.1\nb: -3\nc: 2026-01-01\nd: '7'\ne: null\nf: true\ng: 010") == {
        "a": Decimal("0.1"), "b": Decimal(-3), "c": "2026-01-01", "d": "7", "e": None, "f": True, "g": "010",
    }  # fmt: skip


@pytest.mark.parametrize("word", ["no", "No", "NO", "yes", "Yes", "on", "off", "Off", "y", "N"])
def test_a_bare_truth_word_is_refused_as_a_value_and_as_a_key(word):
    with pytest.raises(KnowledgeError, match=f"a.yaml, line 1: the bare word {word!r}"):
        loads(f"smokes: {word}", name="a.yaml")
    with pytest.raises(KnowledgeError, match="bare word"):
        loads(f"{word}: 1")


def test_a_quoted_truth_word_is_text():
    assert loads("smokes: 'no'") == {"smokes": "no"}


def test_a_key_twice_is_refused():
    with pytest.raises(KnowledgeError, match="x.yaml, line 3: the key 'dose' stands twice"):
        loads("dose: 1\nroute: iv\ndose: 10", name="x.yaml")


@pytest.mark.parametrize("number", [".5", "5."])
def test_a_naked_point_is_refused(number):
    with pytest.raises(KnowledgeError, match="naked point"):
        loads(f"dose: {number}")


def test_number_keys_become_text_and_other_keys_are_refused():
    assert loads("answers: {0: never, 1: daily}") == {"answers": {"0": "never", "1": "daily"}}
    with pytest.raises(KnowledgeError, match="is not text"):
        loads("true: 1")


def test_a_merge_is_followed():
    assert loads("base: &b {a: 1}\nown: {<<: *b, c: 2}")["own"] == {"a": Decimal(1), "c": Decimal(2)}


def test_broken_yaml_and_a_forged_tag_are_refused_by_name(tmp_path):
    path = tmp_path / "broken.yaml"
    path.write_text("a: [1, 2")
    with pytest.raises(KnowledgeError, match="broken.yaml"):
        load(path)
    with pytest.raises(KnowledgeError, match="could not determine a constructor"):
        loads("a: !!python/object/apply:os.system ['true']")
    with pytest.raises(KnowledgeError, match="special characters|control characters"):
        loads("a: \x07")
