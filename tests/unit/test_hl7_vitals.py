"""Observations of monitors: a code, a unit that fits, a time that has come; everything else refused by its reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from surcease.hl7.instant import read_instant, write_instant
from surcease.hl7.message import Hl7Error, read_header, read_message
from surcease.hl7.table import SiteCode, table
from surcease.hl7.vitals import REASONS, Vitals, read_vitals
from surcease.knowledge import load

NOW = datetime(2026, 11, 25, 9, 0, 5, tzinfo=UTC)
STAMP = "20261125090000+0000"
TABLE = table(load())
SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "03-vitals" / "hl7v2"
HEAD = rf"MSH|^~\&|MON|NORTH|SUR||{STAMP}||ORU^R01^ORU_R01|7|P|2.6" + "\rPID|||MRN-1~X-2\rPV1||O|W^1^A\r"


def say(*rows: str, taken: str = STAMP, head: str = HEAD, own: tuple[SiteCode, ...] = ()) -> Vitals:
    """The vitals of a message with these OBX rows."""
    text = head + f"OBR|1|||M|||{taken}\r" + "\r".join(rows) + "\r"
    return read_vitals(read_message(text.encode()), TABLE.of_site(own), now=NOW, zone=UTC)


def row(code: str, value: str, unit: str, *, kind: str = "NM", state: str = "R", at: str = "") -> str:
    """One OBX."""
    return f"OBX|1|{kind}|{code}|1|{value}|{unit}|||||{state}|||{at}"


def only(vitals: Vitals) -> tuple[str, str]:
    """The one value of a message: parameter and amount."""
    assert vitals.refused == ()
    (one,) = vitals.observed
    return one.parameter, str(one.value)


# Codes: IEEE 11073-10101 as partition x 65536 + term code; e.g. MDC_PULS_OXIM_SAT_O2 is 2::19384.
@pytest.mark.parametrize(
    ("partition", "term", "parameter"),
    [(2, 16770, "heart_rate"), (2, 18458, "pulse"), (2, 19384, "spo2"), (2, 19229, "systolic"), (2, 19230, "diastolic"),
     (2, 18949, "systolic"), (2, 18950, "diastolic"), (2, 20490, "resp_rate"), (2, 20522, "co2_resp_rate"),
     (2, 20636, "etco2"), (2, 19272, "temperature")],
)  # fmt: skip
def test_codes_of_ieee_11073(partition: int, term: int, parameter: str) -> None:
    found = TABLE.by("MDC", str(partition * 65536 + term))
    assert found is not None
    assert found.id == parameter


@pytest.mark.parametrize(
    ("term", "unit"), [(2720, "/min"), (2784, "/min"), (544, "%"), (3872, "mm[Hg]"), (3843, "kPa"), (6048, "Cel")]
)
def test_units_of_ieee_11073(term: int, unit: str) -> None:
    assert TABLE.unit(str(4 * 65536 + term)) == unit


@pytest.mark.parametrize(
    ("code", "value", "unit", "wanted"),
    [
        ("147842^MDC_ECG_HEART_RATE^MDC", "72", "264864^MDC_DIM_BEAT_PER_MIN^MDC", ("heart_rate", "72")),
        ("8867-4^Heart rate^LN", "72", "/min^/min^UCUM", ("heart_rate", "72")),
        ("150456^MDC_PULS_OXIM_SAT_O2^MDC^59408-5^SpO2^LN", "97.5", "%", ("spo2", "97.5")),
        ("150301", "118", "mmHg", ("systolic", "118")),
        ("151708^MDC_CONC_AWAY_CO2_ET^MDC", "5.1", "kPa", ("etco2", "38.3")),  # 1 kPa = 7.50062 mmHg (SI, 2019)
        ("150344^MDC_TEMP^MDC", "+36.6", "Cel", ("temperature", "36.6")),
    ],
)
def test_a_value_is_taken_in_its_parameters_unit(code: str, value: str, unit: str, wanted: tuple[str, str]) -> None:
    assert only(say(row(code, value, unit))) == wanted


HR, SPO2 = "147842^MDC_ECG_HEART_RATE^MDC", "150456^MDC_PULS_OXIM_SAT_O2^MDC"
FAULTS = {
    "no value": [row(SPO2, v, "%") for v in ("-100", "-999", "0", "", '""', "-100.0")]
    + [row(SPO2, "97", "%", state=s) for s in "XNIO"],
    "state": [row(SPO2, "97", "%", state=s) for s in "DW"],
    "unknown code": [row("99999^X^MDC", "97", "%"), row("150456^SpO2^99ACME", "97", "%"), row("", "97", "%")],
    "name": [
        row("150021^SpO2^MDC", "97", "%"),  # seen in the field: the cuff's code under the oximeter's name
        row(f"{SPO2}^8480-6^systolic^LN", "97", "%"),
        row("150456^MDC_ECG_HEART_RATE^MDC", "97", "%"),
    ],
    "no unit": [row(SPO2, "97", "")],
    "unit": [row(SPO2, "97", u) for u in ("mm[Hg]", "/min", "furlong", "%^mmHg", "262688^MDC_DIM_MMHG^MDC")]
    + [row("150344^MDC_TEMP^MDC", "98.6", "[degF]"), row(HR, "72", "%"), row(SPO2, "0.97", "1")],
    "type": [row(SPO2, "97", "%", kind=k) for k in ("ST", "SN", "RP", "CWE", "")],
    "not a number": [
        row(SPO2, v, "%") for v in ("97~25", "97^98", "ninety", "1e2", "NaN", "Infinity", "９７", "97,5", "0x61", "--")
    ],
    "impossible": [row(SPO2, "101", "%"), row(SPO2, "-5", "%"), row(HR, "9", "/min"), row(HR, "301", "bpm")],
    "future": [row(SPO2, "97", "%", at="20261125090106+0000")],
}


@pytest.mark.parametrize(("reason", "rows"), FAULTS.items(), ids=list(FAULTS))
def test_what_is_no_value_is_refused_by_its_reason(reason: str, rows: list[str]) -> None:
    for one in rows:
        found = say(one)
        assert (found.observed, [r.reason for r in found.refused]) == ((), [reason]), one
    assert reason in REASONS


def test_a_row_without_any_time_is_refused() -> None:
    head = HEAD.replace(STAMP, "")
    assert [r.reason for r in say(row(SPO2, "97", "%"), taken="", head=head).refused] == ["no time"]
    assert [r.reason for r in say(row(SPO2, "97", "%"), taken="20261125").refused] == ["no time"], "a day is no moment"


def test_each_value_has_its_own_time_then_its_groups_then_the_messages() -> None:
    own = say(row(SPO2, "97", "%", at="20261125085900+0000"), row(HR, "72", "/min"))
    assert [(o.parameter, o.at) for o in own.observed] == [
        ("spo2", NOW - timedelta(seconds=65)),
        ("heart_rate", NOW - timedelta(seconds=5)),
    ]
    (late,) = say(row(HR, "72", "/min"), taken="").observed
    assert late.at == NOW - timedelta(seconds=5)


def test_a_time_without_offset_is_the_sites_own() -> None:
    assert read_instant("20260701120000", ZoneInfo("Europe/Berlin")) == datetime(2026, 7, 1, 10, tzinfo=UTC)
    assert read_instant("20260701120000.25-0330", UTC) == datetime(2026, 7, 1, 15, 30, 0, 250_000, tzinfo=UTC)
    for wrong in ("", "2026", "20260701", "20261301120000", "20260701250000", "20260701120000+2500", "yesterday"):
        assert read_instant(wrong, UTC) is None


def test_an_instant_reads_back() -> None:
    at = datetime(2026, 2, 28, 23, 59, 59, 987_000, tzinfo=UTC)
    assert read_instant(write_instant(at), UTC) == at


def test_the_monitor_is_named_by_its_id_then_its_bed_then_its_sender() -> None:
    plain = row(HR, "72", "/min")
    assert say(plain + "||||MON7^^0011^EUI-64").device == "MON7"
    assert (say(plain).device, say(plain).bed, say(plain).person) == ("W^1^A", "W^1^A", ("MRN-1", "X-2"))
    assert say(plain, head=HEAD.replace("W^1^A", "")).device == "MON|NORTH"


def test_a_sites_own_code_comes_first_and_still_needs_its_unit() -> None:
    own = (SiteCode("99ACME", "SAT", "spo2"), SiteCode("MDC", "147842", "pulse"))
    assert only(say(row("SAT^Saturation^99ACME", "96", "%"), own=own)) == ("spo2", "96")
    assert only(say(row("147842^^MDC", "72", "/min"), own=own)) == ("pulse", "72")
    assert [r.reason for r in say(row("SAT^Saturation^99ACME", "96", ""), own=own).refused] == ["no unit"]
    with pytest.raises(ValueError, match="not measured here"):
        TABLE.of_site([SiteCode("", "x", "mood")])


@pytest.mark.parametrize(
    ("rows", "useless"),
    [([row(SPO2, "", "%")], False), ([row(SPO2, "97", "")], True), ([row(SPO2, "97", ""), row(HR, "72", "bpm")], False),
     ([row(SPO2, "", "%"), row(HR, "72", "")], True)],
)  # fmt: skip
def test_a_message_is_useless_when_something_is_wrong_and_nothing_can_be_taken(rows: list[str], useless: bool) -> None:
    assert say(*rows).useless is useless


def test_escapes_and_odd_separators_are_read() -> None:
    odd = (HEAD + f"OBR|1|||M|||{STAMP}\r" + row(r"150456^a\T\b\F\c\X41\^MDC", "97", "%") + "\r").replace("^", "!")
    found = read_message(odd.replace("|", "$").replace("~", "*").encode())
    assert found.header.separators.component == "!"
    assert found.first("OBX").component(3, 2) == r"a&b$c\X41\ ".strip()  # type: ignore[union-attr]
    assert [o.parameter for o in read_vitals(found, TABLE, now=NOW, zone=UTC).observed] == ["spo2"]


def test_latin_1_is_read_where_it_is_named() -> None:
    text = HEAD.replace("|2.6\r", "|2.6||||||8859/1\r") + f"OBR|1|||M|||{STAMP}\rNTE|1||Käthe\r"
    found = read_message(text.encode("latin-1")).first("NTE")
    assert found is not None
    assert found.text(3) == "Käthe"
    with pytest.raises(Hl7Error, match="UTF-8"):
        read_message(text.replace("8859/1", "UNICODE UTF-8").encode("latin-1"))


def test_a_broken_message_still_has_a_header_for_its_answer() -> None:
    assert read_header(HEAD.encode() + b"\xff\xfe").control_id == "7"
    assert read_header(b"\x00\x01").control_id == ""


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared test data is not beside the repository")
def test_messages_of_laboratories_hold_nothing_for_a_chart() -> None:
    """Public examples: a link coded as heart rate, results of a laboratory, byte-order marks."""
    reasons: dict[str, set[str]] = {}
    for name in ("ORU-R01-01.hl7", "LAB-ORU-1.hl7", "LAB-ORU-2.hl7"):
        try:
            found = read_vitals(read_message((SHARED / name).read_bytes()), TABLE, now=NOW, zone=UTC)
        except Hl7Error as error:
            reasons[name] = {str(error)}
            continue
        assert found.observed == ()
        reasons[name] = {r.reason for r in found.refused}
    assert "type" in reasons["ORU-R01-01.hl7"], "the link"
    assert reasons["LAB-ORU-1.hl7"] == {"no value", "unknown code"}
    for name in ("ADT-A01-01.hl7", "ADT-A08-01.hl7", "ORM-O01-01.hl7", "RDE-O11-01.hl7"):
        with pytest.raises(Hl7Error) as caught:
            read_vitals(read_message((SHARED / name).read_bytes()), TABLE, now=NOW, zone=UTC)
        assert (caught.value.code, caught.value.reject) == ("200", True)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared test data is not beside the repository")
def test_our_table_agrees_with_one_compiled_from_real_traffic() -> None:
    import csv

    with (SHARED / "ieee11073_mdc_codes_seen.csv").open() as lines:
        rows = [r for r in csv.DictReader(lines) if r["unit"]]
    for line in rows:
        ours = TABLE.by("MDC", line["code"])
        assert ours is not None, line
        named = TABLE.named(line["mnemonic"])
        assert named is not None
        assert named.field == ours.field
        assert (TABLE.unit(line["unit_code"]), ours.unit) == (line["unit"], line["unit"])
        loinc = TABLE.by("LN", line["loinc"])
        assert loinc is not None
        assert loinc.field == ours.field
    assert len(rows) == 12
    assert Decimal(0) in TABLE.no_value
