"""One connection of a monitor or a gateway: frames in, an answer to each before the next is read."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from surcease.hl7.framing import LIMIT, FrameError, Frames, frame
from surcease.web.interop.hl7.answer import too_long
from surcease.web.interop.hl7.writer import Writer

CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how much: seconds between messages, for one message and for its answer to leave; bytes."""

    idle_s: float = 300.0
    frame_s: float = 10.0
    answer_s: float = 10.0
    limit: int = LIMIT
    noise: int = 64 * 1024  # bytes outside any frame before we hang up


async def converse(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, keeper: Writer, patience: Patience
) -> None:
    """Until the other side closes, is silent too long, or sends what is no MLLP. Half a frame leaves nothing."""
    frames = Frames(patience.limit)
    begun: float | None = None
    try:
        while frames.skipped <= patience.noise:
            left = patience.idle_s if begun is None else begun + patience.frame_s - _clock()
            data = await asyncio.wait_for(reader.read(CHUNK), max(left, 0.001))
            if not data:
                return
            for message in frames.feed(data):
                answers = await asyncio.wrap_future(keeper.submit(message))
                await _send(writer, answers, patience)
                begun = None
            begun = (begun if begun is not None else _clock()) if frames.open else None
    except FrameError as error:
        answers = await asyncio.to_thread(too_long, error.head, str(error), now=timezone.now())
        await _send(writer, answers, patience)
    except (TimeoutError, OSError):
        return


async def _send(writer: asyncio.StreamWriter, answers: Iterable[bytes], patience: Patience) -> None:
    for answer in answers:
        writer.write(frame(answer))
    await asyncio.wait_for(writer.drain(), patience.answer_s)


def _clock() -> float:
    return asyncio.get_running_loop().time()
