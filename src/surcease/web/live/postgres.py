"""On PostgreSQL each process listens for what any process publishes."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

from django.db import connection

from surcease.web.live.hub import Message, hub
from surcease.web.live.publish import NOTIFY_CHANNEL

log = logging.getLogger(__name__)
_RETRY_S = 2.0
_listening: dict[asyncio.AbstractEventLoop, asyncio.Task[None]] = {}


def ensure_listening() -> None:
    """Start this process's listener on the running loop, once. Nothing to do on SQLite."""
    if connection.vendor != "postgresql":
        return
    loop = asyncio.get_running_loop()
    task = _listening.get(loop)
    if task is None or task.done():
        _listening[loop] = loop.create_task(_listen(_address()), name="surcease-listen")


def _address() -> dict[str, Any]:
    given = connection.settings_dict
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    return {name: given[key] for name, key in names.items() if given.get(key)}


async def _listen(address: dict[str, Any]) -> None:
    """Listen for ever; after each break every page loads its state anew, because something may have been missed."""
    import psycopg

    broken = False
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(autocommit=True, **address) as listener:
                await listener.execute(f"LISTEN {NOTIFY_CHANNEL}")
                if broken:
                    hub.resync_everyone()
                async for notice in listener.notifies():
                    hub.deliver(Message(*json.loads(notice.payload)))
        except psycopg.OperationalError:
            broken = True
            log.warning("The live connection to PostgreSQL broke; trying again.")
            await asyncio.sleep(_RETRY_S)
