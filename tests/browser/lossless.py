"""Diary entries through a real browser's own outbox, a cutting proxy and a server that is killed: what arrives?

Two phones, two tabs each, one person. The second phone's clock is forty minutes ahead. Entries are put by the page's
own ``surceaseOutbox`` while requests are refused, halved, doubled, reordered, while answers are lost, the server is
killed, tabs are closed and storage is nearly full. Some entries are put twice by two tabs, some ids get a second text,
some lie in the double hour of the autumn's change of clocks. At the end every text that the page was told is kept must
be on the server exactly once, and of two texts under one id both.
"""

from __future__ import annotations

import json
import random
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.browser.cutting import Cutting
from tests.browser.served import Served, sign_in

AHEAD_MIN = 40
# A clock that is ahead, for every new Date() and Date.now() of the page.
WRONG_CLOCK = """(() => { const Real = Date, ahead = %d * 60000;
  globalThis.Date = class extends Real { constructor(...a) { if (a.length) super(...a); else super(Real.now() + ahead); } static now() { return Real.now() + ahead; } };
})()"""  # noqa: E501
# Put a batch by the page's own outbox and send meanwhile; which texts did it say are kept?
PUT = """async (batch) => {
  const box = window.surceaseOutbox, kept = [];
  for (const { id, at, body } of batch) {
    try { await box.put(body, { ...(id && { id }), ...(at && { at: new Date(at) }) }); } catch { continue; } // not kept
    kept.push(body.note);
    if (Math.random() < 0.2) box.flush();
  }
  return kept;
}"""
# Send without waiting for it; how many are not sent yet?
SEND = "() => { surceaseOutbox.flush(); return surceaseOutbox.count(); }"
# Half past two twice: summer time at 00:30 UTC, winter time at 01:30 UTC (Europe/Berlin, 25 October 2026).
DOUBLE_HOUR = ("2026-10-25T00:30:00.000Z", "2026-10-25T01:30:00.000Z")


@dataclass
class Figures:
    """What came out."""

    entries: int
    lost: int = 0
    doubled: int = 0
    overridden: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    restarts: int = 0
    refused_honestly: int = 0
    conflicts: int = 0
    wrong_time: int = 0
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """The figures for docs/benchmarks."""
        return asdict(self)


@dataclass
class Run:
    """One run: ``entries`` texts accepted by the pages, then counted on the server."""

    served: Served
    chromium: Any
    entries: int
    seed: int
    batch: int = 25

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.proxy = Cutting(self.served.port, self.seed)
        self.said: dict[str, set[str]] = {}  # id -> the notes the page said are kept
        self.when: dict[str, tuple[float, float]] = {}  # note of the wrong clock's phone -> between when it was put
        self.figures = Figures(self.entries)
        self.put = 0

    def __call__(self) -> Figures:
        """Do it all."""
        began = time.monotonic()
        phones = [self._phone(), self._phone(ahead=True)]
        tabs = [self._tab(phone) for phone in phones for _ in range(2)]
        self.proxy.hurts = True
        kills = {int(self.entries * part) for part in self._parts()}
        while self.put < self.entries:
            tab = self.rng.randrange(len(tabs))
            if self.rng.random() < 0.02 and self.served_is_up():
                tabs[tab].close()
                tabs[tab] = self._tab(phones[tab // 2])
            self._batch(tabs[tab], tab)
            tabs[0].evaluate(SEND)
            tabs[2].evaluate(SEND)
            if self.rng.random() < 0.3:
                self._same_by_both(tabs[:2])
            if any(k <= self.put for k in kills):
                kills = {k for k in kills if k > self.put}
                self._kill_and_start(tabs)
        self._full_phone()
        self._drain([tabs[0], tabs[2]])
        time.sleep(5)  # what was sent again late comes now
        self._count()
        for phone in phones:
            phone.close()
        self.proxy.stop()
        self.figures.faults = dict(self.proxy.counted)
        self.figures.seconds = round(time.monotonic() - began, 1)
        return self.figures

    def _parts(self) -> Iterator[float]:
        """When the server is killed: once in five hundred entries at least, ten times at most."""
        times = min(10, max(1, self.entries // 1000))
        yield from ((n + 0.5) / times for n in range(times))

    def _phone(self, *, ahead: bool = False) -> Any:
        context = self.chromium.new_context(
            base_url=self.proxy.url, viewport={"width": 390, "height": 800}, timezone_id="Europe/Berlin", locale="en-GB"
        )
        context.set_default_timeout(90_000)
        page = context.new_page()
        sign_in(page, "patient@demo.example")
        page.close()
        if ahead:
            context.add_init_script(WRONG_CLOCK % AHEAD_MIN)
        return context

    def _tab(self, phone: Any) -> Any:
        page = phone.new_page()
        page.goto("/diary/")
        page.wait_for_function("() => window.surceaseOutbox")
        return page

    def served_is_up(self) -> bool:
        """Whether the server runs now."""
        return self.served.process is not None and self.served.process.poll() is None

    def _batch(self, page: Any, tab: int) -> None:
        """Some entries: fresh ones, the same one by another tab, another text under a known id, the double hour."""
        made = [self._one() for _ in range(self.batch)]
        before = time.time()
        kept = Counter(page.evaluate(PUT, made))
        after = time.time()
        for one in made:
            note = one["body"]["note"]
            if not kept[note]:
                self.figures.refused_honestly += 1
                continue
            self.said.setdefault(one["id"], set()).add(note)
            if tab >= 2 and not one["at"]:
                self.when[note] = (before, after)
        self.put += sum(kept.values())
        self.figures.entries = self.put

    def _same_by_both(self, tabs: list[Any]) -> None:
        """One entry that both tabs of a phone put, at once: the very same text under the same id."""
        one = self._one()
        one["at"] = one["at"] or datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        for page in tabs:
            if page.evaluate(PUT, [one]):
                self.said.setdefault(one["id"], set()).add(one["body"]["note"])
        self.put += 1

    def _one(self) -> dict[str, Any]:
        rng, n = self.rng, self.put + len(self.said) + self.rng.randrange(10**9)
        dice = rng.random()
        one: dict[str, Any] = {"id": self._uuid(), "at": None, "body": {"kind": "now", "pain": str(rng.randrange(11))}}
        one["body"]["note"] = f"text {n} {one['id'][:8]}"
        if dice < 0.04 and self.said:  # another text under an id that is known
            one["id"] = rng.choice(list(self.said))
            self.figures.conflicts += 1
        elif dice < 0.10:
            one["at"] = DOUBLE_HOUR[rng.randrange(2)]
        elif dice < 0.5:
            one["body"] |= {"kind": "average", "sleep": str(rng.randrange(11)), "medicines": ["señal €", "„ß“"]}
        return one

    def _uuid(self) -> str:
        bits = self.rng.getrandbits(128)
        text = f"{bits:032x}"
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-8{text[17:20]}-{text[20:]}"

    def _full_phone(self) -> None:
        """A phone without room: it must refuse, and say so at a tap; with room again it keeps what is written anew."""
        phone = self._phone()
        page = phone.new_page()
        tool = phone.new_cdp_session(page)
        # before the page's first write: the browser remembers for half a minute how much room there was
        tool.send("Storage.overrideQuotaForOrigin", {"origin": self.proxy.url, "quotaSize": 1})
        page.goto("/diary/")
        page.wait_for_function("() => window.surceaseOutbox")
        self._batch(page, 0)
        page.locator("#pain label").nth(5).click()
        page.get_by_text("Not saved: this phone has no room").wait_for()
        tool.send("Storage.overrideQuotaForOrigin", {"origin": self.proxy.url})
        self._batch(page, 0)
        self._drain([page])
        phone.close()

    def _kill_and_start(self, tabs: list[Any]) -> None:
        """Killed while requests are under way; the pages go on writing."""
        for page in tabs:
            page.evaluate("() => { window.surceaseOutbox.flush(); }")
        self.served.kill()
        self._batch(self.rng.choice(tabs[:2]), 0)
        self.served.start()
        self.figures.restarts += 1

    def _drain(self, tabs: list[Any]) -> None:
        """Everything goes out, through the same faults. What a phone still holds is not lost, but then nothing is
        proved: that raises."""
        until = time.monotonic() + 300 + self.entries * 0.4
        while left := [page.evaluate(SEND) for page in tabs]:
            if not any(left):
                return
            if time.monotonic() > until:
                raise AssertionError(f"The phones still hold {left} entries.")
            time.sleep(0.5)

    def _count(self) -> None:
        """Every text the pages said is kept, looked for in the database's own file."""
        rows, others = stored(self.served.home)
        held: dict[str, Counter[str]] = {}
        for entry_id, content in [*((i, r["content"]) for i, r in rows.items()), *others]:
            held.setdefault(entry_id, Counter())[json.loads(content)["note"]] += 1
        for entry_id, notes in self.said.items():
            have = held.get(entry_id, Counter())
            missing = notes - set(have)
            if len(notes) > 1 or entry_id in rows and missing:
                self.figures.overridden += len(missing)
            else:
                self.figures.lost += len(missing)
        everywhere = Counter(note for have in held.values() for note, n in have.items() for _ in range(n))
        mine = {note for notes in self.said.values() for note in notes}
        self.figures.doubled = sum(n - 1 for note, n in everywhere.items() if note in mine)
        self.figures.wrong_time = sum(self._wrong(row) for row in rows.values())

    def _wrong(self, row: dict[str, Any]) -> bool:
        """Whether an entry's time is not what it was: the clock's error unseen, or the double hour folded."""
        inner = json.loads(row["content"])
        at = datetime.fromisoformat(row["at"]).replace(tzinfo=UTC)
        if inner["at"] in DOUBLE_HOUR:
            offset = 120 if inner["at"] == DOUBLE_HOUR[0] else 60
            return row["utc_offset_min"] != offset or row["local_date"] != "2026-10-25"
        if inner["note"] in self.when:
            first, last = self.when[inner["note"]]
            near = timedelta(seconds=60)
            begin, end = (datetime.fromtimestamp(t, UTC) for t in (first, last))
            return not (begin - near <= at <= end + near) or abs(row["clock_error_s"] + AHEAD_MIN * 60) > 60
        return False


def stored(home: Path) -> tuple[dict[str, dict[str, Any]], list[tuple[str, str]]]:
    """The entries by id and the other texts, read from the file itself."""
    names = ("content", "at", "utc_offset_min", "local_date", "clock_error_s")
    with closing(sqlite3.connect(f"file:{home / 'db.sqlite3'}?mode=ro", uri=True)) as db:
        rows = db.execute(f"select entry_id, {', '.join(names)} from diary_entryrow where content like '%\"v\":1%'")
        found = {dashed(row[0]): dict(zip(names, row[1:], strict=True)) for row in rows}
        others = [(dashed(i), text) for i, text in db.execute("select entry_id, content from diary_otherentry")]
    return {i: r for i, r in found.items() if "note" in r["content"]}, others


def dashed(bare: str) -> str:
    """A UUID as JSON writes it."""
    return f"{bare[:8]}-{bare[8:12]}-{bare[12:16]}-{bare[16:20]}-{bare[20:]}"
