"""Saying that something happened: heard only once the transaction it happened in is committed."""

from __future__ import annotations

import json
from typing import Any

from django.db import connection, transaction

from surcease.web.live.hub import RESYNC, hub, message

NOTIFY_CHANNEL = "surcease_live"
_MOST = 7_900  # PostgreSQL carries less than 8,000 bytes


def publish(channel: str, kind: str, data: dict[str, Any]) -> None:
    """Tell everyone who watches ``channel``. Small: ids and numbers; a page fetches its fragment itself.

    ``kind`` is the event's name in the browser; it has no spaces or line ends.
    """
    item = message(channel, kind, data)
    if connection.vendor != "postgresql":
        transaction.on_commit(lambda: hub.deliver(item))
        return
    text = json.dumps([item.id, item.channel, item.kind, item.data])
    if len(text.encode()) > _MOST:
        text = json.dumps([item.id, item.channel, RESYNC, "{}"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [NOTIFY_CHANNEL, text])
