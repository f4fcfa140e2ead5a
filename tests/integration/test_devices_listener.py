"""The door for monitors on real sockets: answers after the commit, bad messages, bad clients, many at once."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import hl7
import pytest
from hl7.client import MLLPClient
from tests.monitored import Monitored, monitored, oru
from tests.web_fixtures import World

from surcease.hl7.framing import END, RETURN, START, frame
from surcease.web.devices import tally
from surcease.web.devices.models import Counted, Sample
from surcease.web.interop.hl7 import answer
from surcease.web.interop.hl7.conversation import Patience
from surcease.web.interop.hl7.listener import Listener, networks, refuse_open_door

# A thread of its own writes: what it sees must be committed, so nothing here runs inside one test transaction.
pytestmark = pytest.mark.django_db(transaction=True)
HR = "147842^MDC_ECG_HEART_RATE^MDC|{}|264864^MDC_DIM_BEAT_PER_MIN^MDC"


@contextmanager
def listening(**patience: float) -> Iterator[Listener]:
    """A listener on a free port of this machine."""
    answer.forget()
    listener = Listener(port=0, patience=Patience(**patience))  # type: ignore[arg-type]
    listener.open()
    try:
        yield listener
    finally:
        listener.stop()


@pytest.fixture
def one(world: World) -> Monitored:
    """A monitor on somebody."""
    return monitored(world)


@contextmanager
def connected(listener: Listener) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", listener.port), timeout=10) as line:
        yield line


def reply(line: socket.socket) -> str:
    """The next answer, unframed; "" when the other side hangs up."""
    found = b""
    while not found.endswith(END + RETURN):
        more = line.recv(1)
        if not more:
            return ""
        found += more
    assert found.startswith(START)
    return found[1:-2].decode()


def msa(text: str) -> list[str]:
    """Fields of MSA."""
    return next(s for s in text.split("\r") if s.startswith("MSA")).split("|")


def test_a_message_is_answered_after_it_was_kept(one: Monitored) -> None:
    with listening() as listener, connected(listener) as line:
        line.sendall(frame(oru(one.now, HR.format(72), control="c-17")))
        said = reply(line)
    assert msa(said)[:3] == ["MSA", "AA", "c-17"]
    assert [(s.parameter, str(s.value)) for s in Sample.objects.all()] == [("heart_rate", "72")]


def test_another_implementation_of_the_protocol_understands_us(one: Monitored) -> None:
    """python-hl7's client frames, and its reader takes our answer apart."""
    with listening() as listener, MLLPClient("127.0.0.1", listener.port) as client:
        raw = client.send_message(oru(one.now, HR.format(71), control="77"))
    said = hl7.parse(raw[1:-2].decode())
    assert (str(said.segment("MSA")[1]), str(said.segment("MSA")[2])) == ("AA", "77")
    assert str(said.segment("MSH")[9]) == "ACK^R01^ACK"
    assert Sample.objects.count() == 1


MODES = {  # MSH-15|MSH-16 -> answers to a good message, to a bad one
    "|": (["AA"], ["AE"]), "NE|AL": (["AA"], ["AE"]), "AL|NE": (["CA"], ["CE"]), "ER|NE": ([], ["CE"]),
    "SU|NE": (["CA"], []), "NE|NE": ([], []), "AL|AL": (["CA", "AA"], ["CE", "AE"]),
}  # fmt: skip


def test_the_sender_says_which_answers_it_wants(one: Monitored) -> None:
    """HL7 v2.5.1 chapter 2.9, table 0155. A message that always wants its answer marks the end of the others'."""
    probe = frame(oru(one.now, HR.format(73), control="last"))
    with listening() as listener, connected(listener) as line:
        for head, wanted in MODES.items():
            for more, letters in zip(("", "PID|||Z\r"), wanted, strict=True):
                line.sendall(frame(oru(one.now, HR.format(72), head=head, more=more)) + probe)
                found = list(iter(lambda: msa(reply(line))[1:3], ["AA", "last"]))
                assert [letter for letter, _ in found] == letters, (head, more)


BAD: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda m: b"", "AE"),
    "no MSH": (lambda m: m[m.index(b"PID") :], "AE"),
    "same separators": (lambda m: m.replace(rb"|^~\&|", b"|^^^^|", 1), "AE"),
    "letters as separators": (lambda m: b"MSHaABCDa" + m[9:], "AE"),
    "two people": (lambda m: m + b"PID|||OTHER\r", "AE"),
    "two messages in a frame": (lambda m: m + m, "AE"),
    "no control id": (lambda m: m.replace(b"|c1|P|", b"||P|"), "AE"),
    "no OBX": (lambda m: m[: m.index(b"OBX")], "AE"),
    "not a segment": (lambda m: m + b"hello\r", "AE"),
    "another kind": (lambda m: m.replace(b"ORU^R01", b"ADT^A01"), "AR"),
    "unknown processing": (lambda m: m.replace(b"|c1|P|", b"|c1|Q|"), "AR"),
    "version 3": (lambda m: m.replace(b"|P|2.6|", b"|P|3.0|"), "AR"),
    "wrong characters": (lambda m: m.replace(b"NORTH", b"N\xff\xfeRTH"), "AE"),
    "unknown charset": (lambda m: m.replace(b"UNICODE UTF-8", b"KLINGON"), "AE"),
    "NUL": (lambda m: m.replace(b"NORTH", b"N\0RTH"), "AE"),
    "another person": (lambda m: m.replace(b"PID|||", b"PID|||MRN-2002"), "AE"),
    "unknown monitor": (lambda m: m.replace(b"MON-1", b"MON-9"), "AR"),
    "only nonsense": (lambda m: m.replace(b"|72|", b"|seventy|"), "AE"),
    "unit of something else": (lambda m: m.replace(b"264864^MDC_DIM_BEAT_PER_MIN^MDC", b"mm[Hg]"), "AE"),
    "no unit": (lambda m: m.replace(b"264864^MDC_DIM_BEAT_PER_MIN^MDC", b""), "AE"),
    "code and name differ": (lambda m: m.replace(b"MDC_ECG_HEART_RATE", b"MDC_PULS_OXIM_SAT_O2"), "AE"),
    "not possible": (lambda m: m.replace(b"|72|", b"|720|"), "AE"),
    "no such moment": (lambda m: m.replace(m[m.index(b"SCT|||") + 6 : m.index(b"\rOBX")], b"yesterday"), "AE"),
}  # fmt: skip


def test_bad_messages_are_answered_counted_and_leave_nothing(one: Monitored) -> None:
    good = oru(one.now, HR.format(72), control="c1")
    with listening() as listener, connected(listener) as line:
        for name, (spoil, letters) in BAD.items():
            bad = spoil(good)
            assert bad != good, name
            began = time.monotonic()
            line.sendall(frame(bad))
            fields = msa(reply(line))
            assert fields[1] == letters, (name, fields)
            assert time.monotonic() - began < 2, name
        assert not Sample.objects.exists()
        line.sendall(frame(good))
        assert msa(reply(line))[1] == "AA"
    assert sum(Counted.objects.values_list("count", flat=True)) >= len(BAD) - 1


def test_what_stands_for_no_value_is_accepted_counted_and_no_number(one: Monitored) -> None:
    words = ["-100", "-999", "0", "-0", "0.0", "", '""']
    with listening() as listener, connected(listener) as line:
        for word in words:
            line.sendall(frame(oru(one.now, HR.format(word))))
            assert msa(reply(line))[1] == "AA"
    tally.write_down()
    assert not Sample.objects.exists()
    assert [(c.reason, c.code, c.count) for c in Counted.objects.all()] == [("no value", "147842", len(words))]


def test_frames_may_come_in_any_pieces_and_noise_between_is_skipped(one: Monitored) -> None:
    message = frame(oru(one.now, HR.format(72)))
    with listening() as listener, connected(listener) as line:
        line.sendall(b"noise\r\n")
        for n in range(0, len(message), 7):
            line.sendall(message[n : n + 7])
        assert msa(reply(line))[1] == "AA"
        line.sendall(message[:40] + message)  # gave up on the first and began anew
        assert msa(reply(line))[1] == "AA"


def test_a_message_without_end_is_answered_and_hung_up_on(one: Monitored) -> None:
    head = oru(one.now, HR.format(72), control="big")
    with listening(limit=20_000) as listener, connected(listener) as line:
        line.sendall(START + head + b"OBX|" + b"9" * 60_000)
        assert msa(reply(line))[:3] == ["MSA", "AE", "big"]
        assert reply(line) == ""
        with connected(listener) as another:
            another.sendall(frame(head))
            assert msa(reply(another))[1] == "AA"


def test_half_a_message_and_then_nothing_is_hung_up_on_and_disturbs_nobody(one: Monitored) -> None:
    message = oru(one.now, HR.format(72))
    with listening(frame_s=0.6, idle_s=0.6) as listener, connected(listener) as half, connected(listener) as slow:
        half.sendall(START + message[:50])
        began = time.monotonic()
        with connected(listener) as good:
            good.sendall(frame(message))
            assert msa(reply(good))[1] == "AA"
        assert time.monotonic() - began < 2
        slow.sendall(START)
        for n in range(8):  # drips: each byte in time, the message not
            time.sleep(0.15)
            try:
                slow.sendall(message[n : n + 1])
            except OSError:
                break
        assert reply(slow) == ""
        assert reply(half) == ""
    assert Sample.objects.count() == 1


def test_noise_without_end_is_hung_up_on(one: Monitored) -> None:
    with listening(noise=1000) as listener, connected(listener) as line:
        line.sendall(b"GET / HTTP/1.1\r\n" * 200)
        with suppress(ConnectionResetError):
            assert reply(line) == ""


def test_twenty_senders_at_once_all_hear_the_truth(one: Monitored) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def send(number: int) -> list[str]:
        with connected(listener) as line:
            for n in range(10):
                at = datetime.fromtimestamp(one.now.timestamp() - 600 + number * 10 + n, UTC)
                line.sendall(frame(oru(at, HR.format(60 + n), control=f"{number}-{n}")))
                fields = msa(reply(line))
                assert fields[2] == f"{number}-{n}"
                found.append(fields[1])
        return found

    found: list[str] = []
    with listening() as listener, ThreadPoolExecutor(20) as pool:
        list(pool.map(send, range(20)))
    assert found == ["AA"] * 200
    assert Sample.objects.count() == 200


def test_what_cannot_be_kept_is_not_acknowledged(one: Monitored, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError
    from django.db.models import QuerySet

    def full(*_given: object, **_named: object) -> None:
        raise OperationalError("database or disk is full")

    with listening() as listener, connected(listener) as line:
        with monkeypatch.context() as patched:
            patched.setattr(QuerySet, "bulk_create", full)
            line.sendall(frame(oru(one.now, HR.format(72))))
            said = reply(line)
            assert msa(said)[1] == "AR"
            assert "disk" not in said
        line.sendall(frame(oru(one.now, HR.format(72))))
        assert msa(reply(line))[1] == "AA"
    assert Sample.objects.count() == 1


def test_other_machines_must_be_named() -> None:
    with pytest.raises(ValueError, match="--allow"):
        refuse_open_door("0.0.0.0", ())
    refuse_open_door("0.0.0.0", networks(["10.1.2.0/24"]))
    refuse_open_door("localhost", ())
    with pytest.raises(ValueError, match="address or a network"):
        networks(["monitors"])


def test_a_taken_port_is_said(one: Monitored) -> None:
    with listening() as listener:
        second = Listener(port=listener.port)
        with pytest.raises(ValueError, match="cannot be used for HL7"):
            second.open()
