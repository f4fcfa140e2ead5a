"""What the faults left: docs/benchmarks/faults.json and the page made from it."""

from __future__ import annotations

import json
import os
from typing import Any

from bench import machine, report

WORDS = {
    "kill9": "`kill -9` of the server in mid-stream, then started again",
    "postgresql_restart": "PostgreSQL restarted without farewell (`pg_ctl -m immediate`) in mid-stream",
    "power_cut": "every write and sync of SQLite recorded, the disk rebuilt as a power cut would leave it",
    "full_disk": "no room left for the database, then room again",
    "tablet_offline": "a tablet without network for two minutes in mid-session",
    "two_nurses": "two nurses write at once",
}
COLUMNS = ("acknowledged", "lost", "doubled")


def keep(name: str, figures: dict[str, Any]) -> None:
    """Put one fault's figures among the others and make the page again."""
    path = report.FOLDER / "faults.json"
    found = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    found[name] = {"measured": report.today(), "load_average": round(os.getloadavg()[0], 1)} | figures
    found["machine"] = machine.describe()
    report.write("faults", found, page(found))


def page(found: dict[str, Any]) -> str:
    """The figures in words. *Lost* is acknowledged but not there; *doubled* is there twice."""
    rows = [
        [WORDS[name], *(found[name].get(c, "–") for c in COLUMNS), _rest(found[name])]
        for name in WORDS
        if name in found
    ]
    return (
        "# Faults\n\nMade by `make fault`. *Acknowledged*: the sender was told that it is kept. *Lost*: acknowledged "
        "but not there. *Doubled*: there twice. All of lost and doubled must be 0; the tests fail otherwise. Short "
        "versions run in `make test`.\n\n"
        + report.table(["fault", *COLUMNS, "more"], rows)
        + f"\n\nMachine: {found['machine']['processor']}, {found['machine']['cores']} cores, "
        f"{found['machine']['system']}. Where the load average is above the number of cores, other work ran beside it: "
        "times are then longer than on a quiet machine, counts are not changed by it.\n"
    )


def _rest(one: dict[str, Any]) -> str:
    shown = {k: v for k, v in one.items() if k not in COLUMNS}
    return ", ".join(f"{k.replace('_', ' ')} {v}" for k, v in shown.items())
