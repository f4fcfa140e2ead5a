"""`make bench-review`: the review page and its forecast for a person with two years of three diary entries a day.

The person is a responder of the demo clinic with the diary lengthened. The time is the server's own: the whole
request through every middleware and the database, without a network. The forecast fragment is asked for with a new
entry before each time, so that none is read back from the store, and once more for the same inputs.
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from bench import report
from bench.machine import describe

DAYS, A_DAY, ROUNDS = 730, 3, 15
BUDGET_MS = 300.0
Pair = tuple[float, float]


def main() -> None:
    """Measure and write docs/benchmarks/review.json with its page."""
    home = Path(tempfile.mkdtemp(prefix="surcease-review-"))
    try:
        figures = measure(home)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    report.write("review", figures, page(figures))
    print(page(figures))


def measure(home: Path) -> dict[str, Any]:
    """Fill a clinic, lengthen one diary, ask for the page and the fragment."""
    from surcease.web import start
    from surcease.web.home import Home

    start.set_up(Home.at(home))
    start.prepare()
    from django.test import Client

    from surcease.web.accounts.models import User
    from surcease.web.demo import fill
    from surcease.web.diary.models import EntryRow
    from surcease.web.review.models import ReviewDecision

    fill()
    person = ReviewDecision.objects.filter(action="continue").order_by("at")[0].patient
    chance = Random(20261125)
    lengthen(person, chance)
    client = Client(HTTP_HOST="localhost")
    client.force_login(User.objects.get(email="physician@demo.example"))
    whole = [_ms(client, f"/review/person/{person.pk}/") for _ in range(ROUNDS)]
    fresh = []
    for n in range(ROUNDS):
        _entry(person, n, 5, chance).save(force_insert=True)
        fresh.append(_ms(client, f"/review/person/{person.pk}/outlook/"))
    again = [_ms(client, f"/review/person/{person.pk}/outlook/") for _ in range(ROUNDS)]
    return {
        "measured": report.today(), "machine": describe(), "entries": EntryRow.objects.filter(patient=person).count(),
        "budget_ms": BUDGET_MS, "review_page_ms": _of(whole), "forecast_fragment_ms": _of(fresh),
        "forecast_kept_ms": _of(again),
    }  # fmt: skip


def lengthen(person: Any, chance: Random) -> None:
    """Two years of three entries a day: two of now, one average in the evening."""
    from surcease.web.diary.models import EntryRow

    rows = [_entry(person, day, hour, chance) for day in range(1, DAYS + 1) for hour in (9, 14, 21)]
    EntryRow.objects.bulk_create(rows, batch_size=500)


def _entry(person: Any, days_ago: int, hour: int, chance: Random) -> Any:
    from django.utils import timezone

    from surcease.web.diary.models import EntryRow

    at = (timezone.now() - timedelta(days=days_ago)).replace(hour=hour, minute=chance.randrange(60))
    evening = hour in (5, 21)  # five in the morning: the one that makes the inputs new
    values = {"mood": {"kind": "number", "value": str(chance.randrange(2, 9))}} if evening else {}
    return EntryRow(
        entry_id=UUID(int=chance.getrandbits(128), version=4), patient=person, local_date=at.date(), at=at,
        kind="average" if evening else "now", utc_offset_min=0, received_at=at, pain=chance.randrange(3, 9),
        values=values, sent_hash="", content="",
    )  # fmt: skip


def _ms(client: Any, path: str) -> Pair:
    """Processor time of all threads, and time on the clock."""
    before, at = time.process_time(), time.perf_counter()
    answer = client.get(path)
    took = 1000 * (time.process_time() - before), 1000 * (time.perf_counter() - at)
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answered {answer.status_code}")
    return took


def _of(times: list[Pair]) -> dict[str, float]:
    """Median and worst processor time of all but the first, which fills what a process keeps; the clock's median."""
    warm, clock = [busy for busy, _ in times[1:]], [at for _, at in times[1:]]
    return {
        "median": round(statistics.median(warm), 1), "worst": round(max(warm), 1), "first": round(times[0][0], 1),
        "clock_median": round(statistics.median(clock), 1),
    }  # fmt: skip


def page(figures: dict[str, Any]) -> str:
    """The figures in words."""
    names = {
        "review_page_ms": "review page", "forecast_fragment_ms": "forecast, new inputs",
        "forecast_kept_ms": "forecast, as it was shown",
    }  # fmt: skip
    rows = [
        (words, *(f"{figures[key][k]:.0f} ms" for k in ("median", "worst", "first", "clock_median")))
        for key, words in names.items()
    ]
    return f"""# Review page

Measured {figures["measured"]} with `make bench-review` on {figures["machine"]["processor"]}, SQLite: one person with
{figures["entries"]:,} diary entries (two years, three a day) and ten sessions. The budget of each row is
{figures["budget_ms"]:.0f} ms. Times are of the processor, all threads; on the clock they are longer by what else
the machine was doing. The first request of a process fills its caches and is given apart.

{report.table(("what", "median", "worst of 14", "first", "median on the clock"), rows)}
"""


if __name__ == "__main__":
    main()
