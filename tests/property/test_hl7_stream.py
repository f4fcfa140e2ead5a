"""Whatever bytes come, in whatever pieces: frames are found, nothing is read that was not sent, nothing else raises."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import hl7
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surcease.hl7.acknowledge import ACCEPTED, Verdict, acknowledgements
from surcease.hl7.compose import CODES, Instrument, Numerics, compose
from surcease.hl7.framing import FrameError, Frames, frame
from surcease.hl7.message import Header, Hl7Error, Separators, read_header, read_message
from surcease.hl7.table import table
from surcease.hl7.vitals import read_vitals
from surcease.knowledge import load

QUICK = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
TABLE = table(load())
body = st.binary(max_size=60).filter(lambda b: b"\x0b" not in b and b"\x1c\r" not in b and not b.endswith(b"\x1c"))
noise = st.binary(max_size=12).filter(lambda b: b"\x0b" not in b)
printable = st.text(st.characters(min_codepoint=32, max_codepoint=0x24F, exclude_categories=["Cs"]), max_size=20)
signs = st.lists(st.sampled_from("|^~\\&!#$%*+:;=?@"), min_size=5, max_size=5, unique=True)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """``data`` in pieces."""
    edges = sorted({0, len(data), *(p % (len(data) + 1) for p in places)})
    return [data[a:b] for a, b in zip(edges, edges[1:], strict=False)]


@QUICK
@given(st.lists(st.tuples(noise, body), max_size=6), st.lists(st.integers(0, 10_000), max_size=12))
def test_frames_are_the_same_however_the_stream_is_cut(sent: list[tuple[bytes, bytes]], places: list[int]) -> None:
    stream = b"".join(n + frame(b) for n, b in sent)
    frames = Frames()
    found = [message for piece in cut(stream, places) for message in frames.feed(piece)]
    assert found == [b for _, b in sent]
    assert frames.broken == 0
    assert not frames.open


@QUICK
@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=6))
def test_any_bytes_leave_a_decoder_that_is_bounded_and_goes_on(data: bytes, places: list[int]) -> None:
    frames = Frames(limit=100)
    try:
        for piece in cut(data, places):
            frames.feed(piece)
    except FrameError as error:
        head = error.head
    else:
        head = b""
    assert len(head) <= 1024
    if head:
        return
    assert frames.feed(b"\x0bMSH\x1c\r")[-1:] == (b"MSH",)


@QUICK
@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_are_refused_in_a_sentence(data: bytes) -> None:
    for spoiled in (data, b"MSH|^~\\&|" + data, b"\xef\xbb\xbfMSH" + data):
        said = "."
        try:
            read_vitals(read_message(spoiled), TABLE, now=NOW, zone=UTC)
        except Hl7Error as error:
            said = str(error)
        assert said.endswith(".")
        read_header(spoiled)


@QUICK
@given(signs, st.lists(printable, min_size=3, max_size=3))
def test_what_is_escaped_is_read_back(chosen: list[str], texts: list[str]) -> None:
    """Control id, application and sentence survive any separators; python-hl7 reads the same fields."""
    separators = Separators(*chosen)
    words = [" ".join(t.split()) for t in texts]
    header = Header(separators, application=words[0], control_id=words[1] or "1", kind="ORU^R01", version="2.6")
    (answer,) = acknowledgements(header, Verdict("E", "102", words[2]), now=NOW, own_id="9")
    read = read_message(answer)
    msa, err = read.first("MSA"), read.first("ERR")
    assert msa is not None
    assert err is not None
    assert (msa.text(1), msa.text(2), err.text(8)) == ("AE", header.control_id, words[2])
    assert read.header.receiver == words[0]
    theirs = hl7.parse(answer.decode())
    assert str(theirs.segment("MSA")[1]) == "AE"


@pytest.mark.parametrize("control", ["1", "a" * 199])
def test_an_accepted_message_is_answered_without_an_error_segment(control: str) -> None:
    (answer,) = acknowledgements(Header(control_id=control), ACCEPTED, now=NOW, own_id="9")
    read = read_message(answer)
    assert [s.name for s in read.segments] == ["MSA"]


amounts = st.decimals(min_value=30, max_value=100, places=0)


@QUICK
@given(
    st.dictionaries(st.sampled_from(["heart_rate", "spo2", "etco2", "pulse"]), st.none() | amounts, min_size=1),
    st.integers(0, 600),
    st.none() | amounts,
)
def test_what_the_simulator_writes_is_what_we_read_and_so_does_python_hl7(
    values: dict[str, Decimal | None], ago: int, cuff: Decimal | None
) -> None:
    at, cuff_at = NOW - timedelta(seconds=ago), NOW - timedelta(seconds=ago + 90)
    measured = None if cuff is None else {"systolic": cuff + 40, "diastolic": cuff}
    text = compose(Numerics(at, values, measured, cuff_at), Instrument("SIM-1"), "5")
    found = read_vitals(read_message(text), TABLE, now=NOW, zone=UTC)
    wanted = {k: (v, at) for k, v in values.items() if v is not None}
    wanted |= {k: (v, cuff_at) for k, v in (measured or {}).items()}
    assert {o.parameter: (o.value, o.at) for o in found.observed} == wanted
    assert [r.reason for r in found.refused] == ["no value"] * sum(v is None for v in values.values())
    theirs = [s for s in hl7.parse(text.decode()).segments("OBX") if str(s[2]) == "NM"]
    assert [str(s[3]) for s in theirs] == [CODES[k][0] for k in (*values, *(measured or ()))]
