"""Outgoing mail: files in the outbox without a server, a real SMTP server when the clinic has one."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from email import message_from_bytes
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.conf import settings
from django.core.mail import EmailMessage

from surcease.web.mail import Backend


class Box:
    """What the server received."""

    def __init__(self) -> None:
        self.letters: list[Any] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.letters.append(envelope)
        return "250 kept"


@pytest.fixture
def smtp(monkeypatch: pytest.MonkeyPatch) -> Iterator[Box]:
    box = Box()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    monkeypatch.setenv("SURCEASE_SMTP", f"smtp://127.0.0.1:{port}")
    yield box
    controller.stop()


def letter() -> EmailMessage:
    return EmailMessage("Your minute", "It is time.", "clinic@test.example", ["mara@test.example"])


def test_with_a_server_it_is_handed_over(smtp: Box) -> None:
    assert Backend().send_messages([letter(), letter()]) == 2
    assert [e.rcpt_tos for e in smtp.letters] == [["mara@test.example"]] * 2
    assert message_from_bytes(smtp.letters[0].content)["Subject"] == "Your minute"


def test_without_one_it_lies_in_the_outbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SURCEASE_SMTP", raising=False)
    before = set((settings.HOME / "outbox").iterdir())
    assert Backend().send_messages([letter()]) == 1
    (made,) = set((settings.HOME / "outbox").iterdir()) - before
    assert "It is time." in made.read_text()


def test_a_server_that_is_gone_is_an_error_not_a_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SURCEASE_SMTP", "smtp://127.0.0.1:1")
    with pytest.raises(OSError):
        Backend().send_messages([letter()])
