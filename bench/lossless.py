"""`make bench-lossless`: diary entries (SURCEASE_ENTRIES: 500, 10000, 100000) through cut networks and killed servers.

The run itself, and what counts as lost, doubled or overridden, is tests/browser/lossless.py.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

from bench.machine import describe
from bench.report import table, today, write

TEST = "tests/browser/test_diary_lossless.py"
MARKS = {"500": "browser and not long and not fault", "10000": "long", "100000": "fault"}


def main() -> None:
    """Run the test of that size, then write docs/benchmarks/diary-lossless.json and its page from its figures."""
    entries = os.environ.get("SURCEASE_ENTRIES", "10000")
    with tempfile.TemporaryDirectory() as folder:
        figures = Path(folder) / "figures.json"
        command = [sys.executable, "-m", "pytest", "-m", MARKS[entries], TEST]
        done = subprocess.run(command, env=os.environ | {"SURCEASE_LOSSLESS_FIGURES": str(figures)}, check=False)
        found = json.loads(figures.read_text(encoding="utf-8"))
    shown = SimpleNamespace(**found)
    write("diary-lossless", {**found, "measured": today(), "machine": describe()}, page(shown))
    sys.exit(done.returncode)


def page(found: SimpleNamespace) -> str:
    """The figures in words."""
    rows = [(name, count) for name, count in sorted(found.faults.items(), key=lambda one: -one[1])]
    return f"""# Losslessness of the diary

Measured {today()} with `make bench-lossless` in {found.seconds:.0f} s. Two phones with two tabs each, one of them with
a clock 40 minutes ahead, wrote {found.entries} entries through the page's own outbox, while a proxy hurt the requests
(table), the server was killed {found.restarts} times and tabs were closed. {found.conflicts} entries came with another
text under a known id; some were put by two tabs at once, some lie in the double hour of the autumn. A phone without
room refused {found.refused_honestly} entries and said so.

| entries | lost | doubled | overridden | wrong time |
|-|-|-|-|-|
| {found.entries} | {found.lost} | {found.doubled} | {found.overridden} | {found.wrong_time} |

{table(("what became of a request", "times"), rows)}

*Lost*: a text of which the page said that it is kept, and that is not in the database. *Doubled*: a text that is there
more than once. *Overridden*: one of two texts under the same id that is not there. *Wrong time*: an entry whose time is
off by more than a minute, or whose offset is not the one of its hour.
"""


if __name__ == "__main__":
    main()
