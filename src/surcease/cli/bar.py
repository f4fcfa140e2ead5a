"""A progress bar on standard error, seen only at a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress


@contextmanager
def bar(words: str) -> Iterator[Callable[[float], None]]:
    """Gives a function that is told the share done, 0 to 1."""
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(words, total=1.0)
        yield lambda done: progress.update(task, completed=done)
