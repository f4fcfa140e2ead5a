"""Periodic work: each app registers its jobs; one process runs each job once in each slot of time."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import close_old_connections, connections
from django.utils import timezone

log = logging.getLogger(__name__)
Work = Callable[[datetime], object]


@dataclass(frozen=True, slots=True)
class Job:
    """``work(now)`` is called every ``every_s`` seconds; ``everywhere`` lets each process run it."""

    name: str
    every_s: float
    work: Work
    everywhere: bool = False


_jobs: dict[str, Job] = {}


def register(name: str, *, every_s: float, work: Work, everywhere: bool = False) -> None:
    """Add a job (from AppConfig.ready). A second one of the same name replaces the first."""
    _jobs[name] = Job(name, every_s, work, everywhere)


class Ticker(threading.Thread):
    """Calls what is due, once a second, until stopped. One failing job stops no other."""

    def __init__(self) -> None:
        super().__init__(name="surcease-tick", daemon=True)
        self._over = threading.Event()
        self._next: dict[str, float] = {}

    def run(self) -> None:
        """The loop."""
        while not self._over.wait(1.0):
            self.once(time.monotonic())
        connections.close_all()

    def stop(self) -> None:
        """Finish the round at hand; wait at most five seconds for it."""
        self._over.set()
        if self.is_alive():
            self.join(5)

    def once(self, clock: float) -> None:
        """One round at ``clock`` (monotonic seconds)."""
        close_old_connections()
        for job in list(_jobs.values()):
            if clock < self._next.get(job.name, 0.0) or self._over.is_set():
                continue
            self._next[job.name] = clock + job.every_s
            run_job(job, timezone.now())


def run_job(job: Job, now: datetime) -> bool:
    """Run a job if its slot is still free; whether it ran. What it raises is logged, not passed on."""
    try:
        if not job.everywhere and not _take_slot(job, now):
            return False
        job.work(now)
    except Exception:
        log.exception("The periodic job %s failed.", job.name)
        return False
    return True


def _take_slot(job: Job, now: datetime) -> bool:
    from surcease.web.clinic.models import JobRun

    slot = int(now.timestamp() // job.every_s)
    if JobRun.objects.filter(name=job.name, slot__gte=slot).exists():
        return False
    JobRun.objects.get_or_create(name=job.name)
    return JobRun.objects.filter(name=job.name, slot__lt=slot).update(slot=slot) == 1
