"""`surcease monitor-sim`: a bedside monitor that is not there, over MLLP: a virtual patient or a recorded stream."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from surcease.cli.mllp import Line, LineError
from surcease.cli.say import one_sentence

if TYPE_CHECKING:
    from surcease.hl7.compose import Instrument, Numerics
    from surcease.hl7.virtual_patient import Episode

_EPISODE = re.compile(r"([a-z_0-9]+)=(lost|[0-9]{1,3})@([0-9]+(?:\.[0-9]+)?)\+([0-9]+(?:\.[0-9]+)?)")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("monitor-sim")(monitor_sim)


def monitor_sim(
    host: Annotated[str, typer.Option(help="Where the listener is.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Its port.", min=1, max=65535)] = 2575,
    every: Annotated[float, typer.Option(help="Seconds between messages, 1 to 60.")] = 5.0,
    minutes: Annotated[float, typer.Option(help="How long.", min=0.01)] = 60.0,
    dose: Annotated[str, typer.Option(help='What the person gets; "" for nothing.')] = "0.5 mg/kg over 40 min iv",
    weight: Annotated[float, typer.Option(help="Body weight in kg.")] = 70.0,
    device: Annotated[str, typer.Option(help="The name the monitor sends.")] = "SIM-1",
    bed: Annotated[str, typer.Option(help="The bed it names, e.g. NORTH^^CHAIR 1.")] = "",
    person: Annotated[str, typer.Option(help="An identifier typed into it; none by default.")] = "",
    seed: Annotated[int, typer.Option(help="The same seed gives the same person.")] = 1,
    episode: Annotated[list[str] | None, typer.Option(help="What happens: spo2=86@10+2 (minute, length).")] = None,
    recorded: Annotated[Path | None, typer.Option(help="A table of recorded numerics (CSV) to play instead.")] = None,
) -> None:  # fmt: skip
    """Send what a monitor would show, one message every few seconds, and say how it was answered."""
    with one_sentence(ValueError, OSError, LineError):
        if not 1 <= every <= 60:
            raise ValueError(f"{every:g} s between messages is not what a monitor does: give 1 to 60.")
        from surcease.hl7.compose import Instrument

        start = datetime.now(UTC)
        episodes = tuple(_episode(text) for text in episode or ())
        rows = _recorded(recorded, start, every) if recorded else _virtual(
            dose, weight, seed, episodes, start=start, every=every, minutes=minutes
        )  # fmt: skip
        end = start + timedelta(minutes=minutes)
        _play(rows, Instrument(device, bed, person), host, port, end=end)


def _virtual(
    dose: str, weight: float, seed: int, episodes: tuple[Episode, ...], *, start: datetime, every: float, minutes: float
) -> Iterable[Numerics]:
    from surcease.hl7.virtual_patient import Person, stream
    from surcease.knowledge import load

    who = Person(dose=dose, weight_kg=weight, seed=seed, episodes=episodes)
    return stream(who, load(), start=start, every_s=every, minutes=minutes)


def _recorded(file: Path, start: datetime, every: float) -> Iterable[Numerics]:
    from surcease.hl7.recorded import recorded

    return recorded(file.read_text("utf-8").splitlines(), start=start, every_s=every)


def _episode(text: str) -> Episode:
    from surcease.hl7.virtual_patient import RESTING, Episode

    found = _EPISODE.fullmatch(text)
    if found is None or found[1] not in RESTING:
        raise ValueError(f"{text!r} is no episode: write spo2=86@10+2 or etco2=lost@15+3 ({', '.join(RESTING)}).")
    return Episode(found[1], float(found[3]), float(found[4]), None if found[2] == "lost" else float(found[2]))


def _play(rows: Iterable[Numerics], instrument: Instrument, host: str, port: int, *, end: datetime) -> None:
    from surcease.hl7.compose import compose

    sent, refused, said = 0, 0, ""
    with Line(host, port) as line:
        for number, row in enumerate(rows, start=1):
            if row.at >= end:
                break
            time.sleep(max(0.0, (row.at - datetime.now(UTC)).total_seconds()))
            letters, words = line.ask(compose(row, instrument, f"{instrument.name}-{number}"))
            sent += 1
            if letters[1:] != "A":
                refused += 1
                if words != said:
                    typer.echo(f"{row.at:%H:%M:%S} {letters}: {words}")
                said = words
    typer.echo(f"Sent {sent} messages: {sent - refused} accepted, {refused} refused.")
