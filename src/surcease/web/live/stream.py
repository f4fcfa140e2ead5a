"""One open page's event stream."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Callable, Iterable

from asgiref.sync import sync_to_async
from django.contrib.sessions.backends.base import SessionBase
from django.db import connections
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone

from surcease.web.accounts.models import User
from surcease.web.live.hub import Viewer, hub
from surcease.web.live.postgres import ensure_listening

BEAT_S = 2.0  # a page that hears nothing for 5 s says that the server is lost
ASK_AGAIN_S = 15.0
Allowed = Callable[[], bool]


def stream(request: HttpRequest, channels: Iterable[str], *, allowed: Allowed | None = None) -> StreamingHttpResponse:
    """The response of a live view. The view has already asked whether this user may watch these channels.

    ``allowed`` (sync, may query) is asked again every 15 s, beside whether the user may still sign in; when it says
    no, the stream says ``over`` and ends. Never hold a transaction open around this.
    """
    ask = _asking(request, allowed)
    last_id = request.headers.get("Last-Event-ID", "")
    response = StreamingHttpResponse(events(frozenset(channels), last_id, ask), content_type="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


async def events(channels: frozenset[str], last_id: str, allowed: Allowed) -> AsyncIterator[str]:
    """Events as text: what was missed, what comes, a beat at least every two seconds."""
    ensure_listening()
    await sync_to_async(_give_back)()
    viewer = Viewer(channels)
    asked = time.monotonic()
    try:
        missed = hub.enter(viewer, last_id)
        yield "retry: 1000\n" + _beat()
        for item in missed:
            yield item.as_event()
        while True:
            taken = await viewer.take(BEAT_S)
            for item in taken:
                yield item.as_event()
            if not taken:
                yield _beat()
            if time.monotonic() - asked > ASK_AGAIN_S:
                asked = time.monotonic()
                if not await sync_to_async(_answer)(allowed):
                    yield "event: over\ndata: {}\n\n"
                    return
    finally:
        hub.leave(viewer)


def _answer(allowed: Allowed) -> bool:
    try:
        return allowed()
    finally:
        _give_back()


def _give_back() -> None:
    """A stream lives for hours, and its request's database connection with it: PostgreSQL's pool has a dozen, so
    between its questions a stream holds none, or the thirteenth page on the ward would wait for ever."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()


def _beat() -> str:
    return f"event: beat\ndata: {json.dumps({'at': timezone.now().isoformat()})}\n\n"


def _asking(request: HttpRequest, allowed: Allowed | None) -> Allowed:
    user_id, session = getattr(request.user, "pk", None), request.session

    def ask() -> bool:
        alive = user_id is not None and User.objects.filter(pk=user_id, is_active=True).exists() and _stands(session)
        return alive and (allowed is None or allowed())

    return ask


def _stands(session: SessionBase) -> bool:
    return session.session_key is not None and session.exists(session.session_key)
