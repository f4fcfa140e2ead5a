"""Server time of every page in a clinic of 10,000 people with 3 million diary entries: ``make bench-pages``.

The clinic is the demo clinic, copied (bench/grow.py) until it is large enough, in a folder of its own that is removed
afterwards. Every page that can be read is asked for in turn, for people drawn at random, through the whole middleware
and the database; the time is the server's own, without a network. Pages and fragments carry their budgets.
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bench import report
from bench.machine import describe, versions

PEOPLE, ENTRIES, VISITS = 10_000, 3_000_000, 120
BUDGET_MS = 150.0
# Parts with a budget of their own: papers that are set in type, whole records as files, the simulation of a plan.
OWN_BUDGET_MS = {
    "plan:forecast": 2000.0, "fhir:everything": 1000.0, "interop:export": 1000.0, "interop:own_export": 1000.0,
    "diary:mine_fhir": 1000.0, "diary:mine_csv": 1000.0,
}  # fmt: skip
PAPER_BUDGET_MS = 1000.0


def main() -> None:
    """Measure and write docs/benchmarks/pages.json with its page."""
    kept = os.environ.get("BENCH_HOME")  # a folder that is kept for the next run: filling takes most of the time
    home = Path(kept or tempfile.mkdtemp(prefix="surcease-pages-"))
    people, entries, visits = (
        int(os.environ.get(f"BENCH_{name}", default))
        for name, default in (("PEOPLE", PEOPLE), ("ENTRIES", ENTRIES), ("VISITS", VISITS))
    )
    try:
        figures = measure(home, people, entries, visits)
    finally:
        if not kept:
            shutil.rmtree(home, ignore_errors=True)
    report.write("pages", figures, page(figures))
    print(page(figures))


def measure(home: Path, people: int, entries: int, visits: int) -> dict[str, Any]:
    """Fill the home, ask for the pages, return the figures."""
    from surcease.web import start
    from surcease.web.home import Home

    start.set_up(Home.at(home))
    start.prepare()
    have, total = _filled(people, entries)
    return {
        "day": report.today(), "machine": describe(), "versions": versions("django"), "database": "SQLite",
        "people": have, "diary_entries": total, "visits_per_page": visits,
        "pages": dict(sorted(_ask(visits, random.Random(20261125)))),
    }  # fmt: skip


def _filled(people: int, entries: int) -> tuple[int, int]:
    """A clinic of at least this size; one that is filled already is taken as it is."""
    from django.apps import apps

    from bench.grow import grow, longer_diaries
    from surcease.web.clinic.installation import installation
    from surcease.web.demo import fill

    if installation() is None:
        began = time.perf_counter()
        seeds = fill()
        grow(max(1, -(-people // seeds)), told=lambda k: print(f"\rcopy {k}", end="", flush=True))
        longer_diaries(entries, told=lambda n: print(f"\r{n:,} entries", end="", flush=True))
        _settle()
        print(f"\rfilled in {time.perf_counter() - began:.0f} s")
    patients, diary = apps.get_model("patients", "Patient"), apps.get_model("diary", "EntryRow")
    return patients._base_manager.count(), diary._base_manager.count()


def _settle() -> None:
    """What a night does for a database of this size: statistics for its planner."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _ask(visits: int, chance: random.Random) -> Iterator[tuple[str, dict[str, Any]]]:
    from django.test import Client
    from django.urls import NoReverseMatch, reverse

    from bench.addresses import routes
    from surcease.web.accounts import matrix
    from surcease.web.accounts.models import User

    for route, _parts in sorted(set(routes())):
        act = matrix.act_of(route)
        if act is None or route.startswith(("account_", "mfa_", "live:")):
            continue
        role = next((r for r in matrix.ROLES[:6] if r in act.who), None)
        user = User.objects.filter(role=role, is_active=True).first() if role else None
        client = Client(SERVER_NAME="localhost")
        if user is not None:
            client.force_login(user)
        times: list[float] = []
        size = 0
        for n in range(visits + 3):
            try:
                address = reverse(route, kwargs=_parts_of(route, chance))
            except (NoReverseMatch, LookupError):
                break
            began = time.perf_counter()
            answer = client.get(address)
            spent = (time.perf_counter() - began) * 1e3
            if answer.status_code == 200 and n >= 3:
                times.append(spent)
                size = max(size, len(answer.content))
            elif n >= 6 and not times:
                break  # a form's target or a redirect: no page
        if times:
            yield route, _figure(route, str(role), sorted(times), size)


def _figure(route: str, role: str, times: list[float], size: int) -> dict[str, Any]:
    budget = OWN_BUDGET_MS.get(route, PAPER_BUDGET_MS if route.endswith("_pdf") else BUDGET_MS)
    p99 = times[min(len(times) - 1, int(0.99 * len(times)))]
    return {
        "role": role, "asked": len(times), "p50_ms": round(times[len(times) // 2], 1), "p99_ms": round(p99, 1),
        "budget_ms": budget, "within": p99 <= budget, "largest_kb": round(size / 1000, 1),
    }  # fmt: skip


def _parts_of(route: str, chance: random.Random) -> dict[str, Any]:
    """Arguments of a route, drawn from the clinic. LookupError when it has nothing of the kind."""
    from django.urls import get_resolver

    return {name: _draw(name, chance) for name in _names(get_resolver(), route)}


_KNOWN: dict[str, list[Any]] = {}
_TEXTS = {"section": "pain", "instrument_id": "peg", "kind": "Condition", "service": "ketamine-order"}
_MODELS = {
    "patient_id": "patients.Patient", "session_id": "treatment.TreatmentSession", "visit_id": "plan.Visit",
    "event_id": "treatment.SessionEvent", "todo_id": "worklist.Todo", "document_id": "papers.Document",
    "user_id": "accounts.User", "site_id": "clinic.Site", "batch_id": "interop.ImportBatch",
    "resource_id": "patients.Patient", "call_id": "treatment.PatientCall",
}  # fmt: skip


def _draw(name: str, chance: random.Random) -> Any:
    if name in _TEXTS:
        return _TEXTS[name]
    if name not in _KNOWN:
        from django.apps import apps

        if name not in _MODELS:
            raise LookupError(name)
        _KNOWN[name] = list(apps.get_model(_MODELS[name]).objects.values_list("pk", flat=True)[:200_000])
    if not _KNOWN[name]:
        raise LookupError(name)
    return chance.choice(_KNOWN[name])


def _names(resolver: Any, route: str) -> list[str]:
    """The names of a route's parts."""
    *spaces, last = route.split(":")
    for space in spaces:
        resolver = resolver.namespace_dict[space][1]
    options = resolver.reverse_dict.getlist(last)
    return list(options[0][0][0][1]) if options else []


def page(figures: Mapping[str, Any]) -> str:
    """The figures as a page."""
    rows = [
        (route, f["role"], f"{f['p50_ms']} ms", f"{f['p99_ms']} ms", f"{f['budget_ms']:.0f} ms",
         "yes" if f["within"] else "**no**", f"{f['largest_kb']} kB")
        for route, f in figures["pages"].items()
    ]  # fmt: skip
    machine = figures["machine"]
    over = [route for route, f in figures["pages"].items() if not f["within"]]
    return "\n\n".join(
        (
            "# Pages",
            f"Measured {figures['day']} on {machine['cores']} cores ({machine['processor']}), {figures['database']}, "
            f"{figures['people']:,} people, {figures['diary_entries']:,} diary entries, "
            f"{figures['visits_per_page']} visits a page for people drawn at random. The time is the server's own: "
            "middleware, database, template. Papers, exports and the simulation of a plan load after the page and have "
            "a budget of their own.",
            f"Over their budget: {', '.join(over) or 'none'}.",
            report.table(["page", "as", "p50", "p99", "budget", "within", "largest"], rows),
        )
    )


if __name__ == "__main__":
    main()
