"""Background work that someone asked for: queued tasks are run by the ticker, in this process."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils.crypto import get_random_string

from surcease.web import tick


def register_jobs() -> None:
    """The queue is looked at every second, by every process."""
    tick.register("tasks.run", every_s=1, work=run_queued_tasks, everywhere=True)


def run_queued_tasks(now: datetime) -> int:
    """Run what is queued and due; how many were waiting. Looks before it locks: an empty queue costs one read."""
    if not settings.TASKS["default"]["BACKEND"].startswith("django_tasks_db."):
        return 0
    from django_tasks_db.management.commands.db_worker import Worker
    from django_tasks_db.models import DBTaskResult

    waiting = DBTaskResult.objects.ready().count()
    if waiting:
        Worker(
            queue_names=["*"], excluded_queue_names=[], interval=0, batch=True, backend_name="default",
            startup_delay=False, max_tasks=20, worker_id=get_random_string(32),
        ).run()  # fmt: skip
    return waiting
