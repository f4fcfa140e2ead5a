"""`make bench-lossless`: 10⁴ diary entries (or as many as SURCEASE_ENTRIES says) through cut networks and killed servers.

The run itself, and what counts as lost, doubled or overridden, is tests/browser/lossless.py.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from bench.machine import describe
from bench.report import table, today, write
from tests.browser.lossless import Figures, Run
from tests.browser.served import small_clinic

ENTRIES = 10_000


def main() -> None:
    """Run, then write docs/benchmarks/diary-lossless.json and its page."""
    from playwright.sync_api import sync_playwright

    entries = int(os.environ.get("SURCEASE_ENTRIES", ENTRIES))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        served = small_clinic(Path(folder) / "home")
        served.start()
        try:
            found = Run(served, browser, entries, seed=entries + 1)()
        finally:
            served.stop()
    write("diary-lossless", {**found.as_json(), "measured": today(), "machine": describe()}, page(found))
    print(found)


def page(found: Figures) -> str:
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
