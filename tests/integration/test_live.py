"""Live pages: messages after the commit only, what was missed, slow viewers, rights taken away, both databases."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from tests.web_fixtures import World

from surcease.web.live import stream as streams
from surcease.web.live.channels import _kinds, channel_kind
from surcease.web.live.hub import RESYNC, WAITING, Hub, Viewer, hub, message
from surcease.web.live.publish import publish


def events_of(text: str) -> tuple[str, dict[str, Any]]:
    """Kind and data of one event's text."""
    fields = dict(line.split(": ", 1) for line in text.strip().split("\n") if ": " in line)
    return fields["event"], json.loads(fields["data"])


async def read(source: AsyncIterator[str], wanted: int, *, beats: bool = False) -> list[tuple[str, dict[str, Any]]]:
    """The next events, beats left out."""
    found: list[tuple[str, dict[str, Any]]] = []
    while len(found) < wanted:
        event = events_of(await asyncio.wait_for(anext(source), 10))
        if beats or event[0] != "beat":
            found.append(event)
    return found


def test_a_message_is_an_event_of_one_or_many_lines() -> None:
    assert message("c", "k", {"n": 1}).as_event().endswith('event: k\ndata: {"n": 1}\n\n')


def test_ids_differ() -> None:
    assert len({message("c", "k", {}).id for _n in range(1_000)}) == 1_000


def test_what_was_missed_is_sent_and_what_is_forgotten_is_said() -> None:
    async def scenario() -> None:
        own = Hub()
        sent = [message("a" if n % 2 else "b", "k", {"n": n}) for n in range(6)]
        for item in sent:
            own.deliver(item)
        viewer = Viewer(["a"])
        assert own.enter(viewer, sent[1].id) == [sent[3], sent[5]]
        assert own.enter(viewer) == []
        assert [item.kind for item in own.enter(viewer, "unknown")] == [RESYNC]

    asyncio.run(scenario())


def test_a_slow_viewer_loses_the_old_not_the_new_and_slows_nobody() -> None:
    async def scenario() -> None:
        own, slow, quick = Hub(), Viewer(["a"]), Viewer(["a"])
        own.enter(slow)
        own.enter(quick)
        got = 0
        for n in range(WAITING * 3):
            own.deliver(message("a", "k", {"n": n}))
            if n % 50 == 0:
                await asyncio.sleep(0)
                got += len(await quick.take(0.1))
        await asyncio.sleep(0)
        got += len(await quick.take(0.1))
        late = await slow.take(0.1)
        assert got == WAITING * 3
        assert len(late) <= WAITING + 1
        assert late[0].kind == RESYNC
        assert json.loads(late[-1].data)["n"] == WAITING * 3 - 1

    asyncio.run(scenario())


def test_delivery_from_many_threads_reaches_the_viewer() -> None:
    async def scenario() -> None:
        own, viewer = Hub(), Viewer(["a"])
        own.enter(viewer)
        threads = [threading.Thread(target=own.deliver, args=(message("a", "k", {"n": n}),)) for n in range(40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        await asyncio.sleep(0.05)
        assert sorted(json.loads(item.data)["n"] for item in await viewer.take(1)) == list(range(40))
        own.leave(viewer)
        assert own.watching == 0

    asyncio.run(scenario())


@pytest.mark.django_db(transaction=True)
def test_nothing_is_heard_of_what_was_rolled_back() -> None:
    async def scenario() -> list[tuple[str, dict[str, Any]]]:
        source = streams.events(frozenset(["board:1"]), "", lambda: True)
        await read(source, 1, beats=True)
        await listening()
        await asyncio.to_thread(write, rollback=True)
        await asyncio.to_thread(write, rollback=False)
        found = await read(source, 1)
        await source.aclose()
        return found

    def write(*, rollback: bool) -> None:
        with transaction.atomic():
            publish("board:1", "changed", {"rolled_back": rollback})
            transaction.set_rollback(rollback)
        connection.close()

    assert asyncio.run(scenario()) == [("changed", {"rolled_back": False})]
    assert hub.watching == 0


async def listening() -> None:
    """On PostgreSQL: until the listener has said LISTEN."""
    if connection.vendor == "postgresql":
        await asyncio.sleep(0.5)


@pytest.mark.django_db(transaction=True)
def test_a_message_that_is_too_long_asks_for_the_page_instead() -> None:
    async def scenario() -> list[tuple[str, dict[str, Any]]]:
        source = streams.events(frozenset(["board:1"]), "", lambda: True)
        await read(source, 1, beats=True)
        await listening()
        await asyncio.to_thread(write)
        found = await read(source, 1)
        await source.aclose()
        return found

    def write() -> None:
        with transaction.atomic():
            publish("board:1", "changed", {"text": "x" * 9_000})
        connection.close()

    kind, _data = asyncio.run(scenario())[0]
    assert kind == (RESYNC if connection.vendor == "postgresql" else "changed")


@pytest.mark.django_db(transaction=True)
def test_a_stream_beats_and_ends_when_the_right_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "BEAT_S", 0.05)
    monkeypatch.setattr(streams, "ASK_AGAIN_S", 0.2)
    answers = iter([True, False])

    async def scenario() -> list[tuple[str, dict[str, Any]]]:
        source = streams.events(frozenset(["board:1"]), "", lambda: next(answers))
        return [events_of(text) async for text in source]

    found = asyncio.run(scenario())
    assert found[-1][0] == "over"
    assert [kind for kind, _data in found].count("beat") >= 4
    assert hub.watching == 0


@pytest.mark.django_db
def test_the_live_route_asks_the_channel_and_the_user(world: World, client_as: Callable[[str], Client]) -> None:
    channel_kind("test", lambda _request, key: key == "open")
    try:
        address = reverse("live:listen", kwargs={"kind": "test", "key": "open"})
        response = client_as("nurse").get(address)
        assert response["Content-Type"] == "text/event-stream"
        assert response["X-Accel-Buffering"] == "no"
        assert response["Cache-Control"] == "no-store"
        assert client_as("nurse").get(address.replace("open", "shut")).status_code == 404
        assert client_as("nurse").get(address.replace("test", "other")).status_code == 404
        assert client_as("patient").get(address).status_code == 403
    finally:
        del _kinds["test"]


@pytest.mark.django_db
def test_a_stream_asks_whether_the_user_may_still_sign_in(world: World) -> None:
    client = Client()
    client.force_login(world.users.nurse)
    request = client.get("/worklist/").wsgi_request
    ask = streams._asking(request, None)
    assert ask()
    world.users.nurse.is_active = False
    world.users.nurse.save()
    assert not ask()
