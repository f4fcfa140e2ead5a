"""Foreign JSON is read strictly: one sentence when it is wrong, and nothing else happens."""

import gzip
from decimal import Decimal

import pytest

from surcease.fhir import FhirError, read_bundle, strict
from surcease.fhir.strict import parse, read_source, source_of, values


def _refusal(text: str) -> str:
    with pytest.raises(FhirError) as caught:
        parse(text, "x.json")
    return str(caught.value)


def test_decimals_stay_exact():
    assert parse('{"value": 72.50}', "x.json")["value"].as_tuple() == Decimal("72.50").as_tuple()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"a": 1, "a": 2}', "'a' twice"),
        ('{"a": NaN}', "NaN"),
        ('{"a": -Infinity}', "-Infinity"),
        ('{"a": 1', "line 1, column 8"),
        ("", "line 1"),
        ('{"a": 1e400}', "no measurement needs"),
        ('{"a": 1e-400}', "no measurement needs"),
        ('{"a": ' + "9" * 5000 + "}", "no measurement needs"),
        ("[" * 5000 + "]" * 5000, "nests deeper"),
        ("[" * 61 + "]" * 61, "nests deeper"),
        ('{"a": "\\u0000"}', "not text"),
        ('{"a": "\\ud800"}', "not text"),
        ('{"\\u0000": 1}', "not text"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(text, says):
    sentence = _refusal(text)
    assert says in sentence
    assert sentence.startswith("x.json")
    assert sentence.endswith("nothing was imported.")
    assert "\n" not in sentence


def test_ordinary_nesting_and_text_pass():
    assert parse("[" * 60 + "]" * 60, "x.json")
    assert parse('{"a": "ü ñ 痛 😀"}', "x.json")["a"] == "ü ñ 痛 😀"


def test_a_gzip_file_is_unpacked_by_its_content_not_its_name(tmp_path):
    path = tmp_path / "x.json"
    path.write_bytes(gzip.compress(b'{"resourceType": "Patient"}') + gzip.compress(b"\n"))
    assert read_source(path).text.strip() == '{"resourceType": "Patient"}'


def test_a_small_file_that_unpacks_to_gigabytes_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(strict, "MAX_BYTES", 100_000)
    path = tmp_path / "bomb.json.gz"
    path.write_bytes(gzip.compress(b" " * 5_000_000))
    assert path.stat().st_size < 100_000
    with pytest.raises(FhirError, match=r"bomb.json.gz is larger than"):
        read_source(path)


def test_an_oversize_plain_file_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(strict, "MAX_FILE", 10)
    path = tmp_path / "big.json"
    path.write_bytes(b" " * 11)
    with pytest.raises(FhirError, match=r"big.json is larger than"):
        read_source(path)


@pytest.mark.parametrize("cut", [5, 20, -1])
def test_a_cut_gzip_file_is_refused(tmp_path, cut):
    path = tmp_path / "x.json.gz"
    path.write_bytes(gzip.compress(b'{"resourceType": "Patient", "id": "a"}')[:cut])
    with pytest.raises(FhirError, match="damaged gzip"):
        read_source(path)


@pytest.mark.parametrize("content", [b"", b"  \n", b"\xff\xfe{}", b"\x00\x01", b"hello", b"[]", b"3", b"null", b"{}"])
def test_a_file_that_is_not_fhir_is_refused(tmp_path, content):
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(FhirError):
        read_bundle(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(FhirError, match="No such file"):
        read_bundle(tmp_path / "nowhere.json")
    with pytest.raises(FhirError, match="folder"):
        read_bundle(tmp_path)


def test_a_byte_order_mark_is_no_obstacle(tmp_path):
    path = tmp_path / "x.json"
    path.write_bytes('\ufeff{"resourceType": "Patient", "id": "a"}'.encode())
    assert read_bundle(path)[0].record.person.id == "a"


def test_ndjson_is_one_value_per_line_and_a_line_separator_inside_text_is_text():
    lines = '{"resourceType":"Patient","id":"a"}\n\n{"resourceType":"Patient","id":"b\u2028c"}\n'
    assert [v["id"] for v in values(source_of(lines.encode(), "Patient.000"))] == ["a", "b\u2028c"]
