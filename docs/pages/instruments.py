"""Write docs/reference/instruments from the instruments themselves: one page each, and an index.

    python docs/pages/instruments.py           writes the pages
    python docs/pages/instruments.py --check   says which are stale and ends with 1

``pages()`` gives the same as a mapping of path below docs/ → text, for the documentation's own generator.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from surcease.knowledge.catalogue import catalogue
from surcease.knowledge.instrument import Band, Change, Instrument, Item, Scale
from surcease.knowledge.library import Knowledge, load
from surcease.units import plain

DOCS = Path(__file__).parents[1]
FOLDER = "reference/instruments"
GRADES = {
    "found": "read in the source",
    "secondary": "read through a secondary page",
    "assumption": "assumption",
    "site_default": "design default, the site may set its own",
}
LICENCES = {
    "free": "Free to use; shipped with its text.",
    "own_words": "Shipped in our own words.",
    "conditional": "Terms to be met by the site, which then loads the text. Scoring is shipped.",
    "site_text": "Needs a licence; the site loads the text. Scoring is shipped.",
}
BY = {"patient": "The person answers.", "clinician": "A clinician fills it in.", "nurse": "The nurse fills it in."}


_HOW = {"sum": "The sum of", "mean": "The mean of", "minimum": "The lowest of"}


def pages(knowledge: Knowledge | None = None) -> dict[str, str]:
    """Path below docs/ → Markdown."""
    knowledge = knowledge or load()
    known = catalogue(knowledge)
    found = {f"{FOLDER}/{i.id}.md": page(i, knowledge.sources) for i in known.values()}
    return {f"{FOLDER}/index.md": _index(known), **found}


def page(instrument: Instrument, sources: Mapping[str, Mapping[str, str]]) -> str:
    """One instrument."""
    parts = [
        f"# {instrument.title}\n",
        _facts(instrument),
        f"## Questions\n\n{instrument.stem}\n" if instrument.stem else "## Questions\n",
        "\n".join(_items(instrument.items)) + "\n",
        *(_scale(scale, instrument) for scale in instrument.scales if scale.method != "none" or scale.bands),
        _triggers(instrument),
        f"## Notes\n\n{instrument.note}\n" if instrument.note else "",
        _cited(instrument, sources),
    ]
    return "\n".join(part for part in parts if part)


def _facts(instrument: Instrument) -> str:
    holder = f" Holder: {instrument.licence.holder.rstrip('.')}." if instrument.licence.holder else ""
    note = f" {instrument.licence.note}" if instrument.licence.note else ""
    rows = [
        ("Id", f"`{instrument.id}`, version {instrument.version}"),
        ("Who", BY[instrument.by]),
        ("About", instrument.recall),
        ("Takes", f"about {plain(instrument.minutes)} min (design default)"),
        ("LOINC", instrument.code or "none verified"),
        ("Licence", LICENCES[instrument.licence.kind] + holder + note),
    ]
    return "| | |\n|-|-|\n" + "\n".join(f"| {name} | {_cell(text)} |" for name, text in rows) + "\n"


def _items(items: tuple[Item, ...], depth: int = 0) -> Iterator[str]:
    for item in items:
        code = f" ({item.code})" if item.code else ""
        shown = item.text or f"*{item.label}*"
        aside = "" if item.scored or not item.asks else " Not counted."
        yield f"{'  ' * depth}- `{item.link_id}` {shown}{code}{_allowed(item)}{aside}"
        yield from _items(item.items, depth + 1)


def _allowed(item: Item) -> str:
    if item.options:
        answers = (
            f"{o.text} ({plain(o.points)})" if o.text and o.points is not None else o.shown for o in item.options
        )
        return f": {'; '.join(answers)}."
    if item.low is not None and item.high is not None:
        unit = f" {item.unit}" if item.unit else ""
        ends = f", {item.low_text} to {item.high_text}" if item.low_text else ""
        return f": {plain(item.low)} to {plain(item.high)}{unit}{ends}."
    if item.type == "boolean":
        counts = "" if (item.points_yes, item.points_no) == (1, 0) else f" (yes {item.points_yes}, no {item.points_no})"
        return f": yes or no{counts}."
    return ""


def _scale(scale: Scale, instrument: Instrument) -> str:
    if scale.method == "none":
        how = f"Scored by the function `{instrument.function}`."
    else:
        times = "" if scale.multiply == 1 else f", times {plain(scale.multiply)}"
        how = f"{_HOW[scale.method]} {len(scale.items)} items{times}, {plain(scale.low)} to {plain(scale.high)}."
    better = {"lower": "Lower is better.", "higher": "Higher is better.", "neither": ""}[scale.better]
    allowed = "1 missing item is" if scale.allowed_missing == 1 else f"Up to {scale.allowed_missing} missing items are"
    missing = f"{allowed} prorated and flagged; more leave no score." if scale.allowed_missing else "All are needed."
    code = f"LOINC {scale.code}." if scale.code else ""
    text = " ".join(part for part in (f"## {scale.title}\n\n{how}", better, missing, code) if part) + "\n"
    if scale.bands:
        text += "\n| from | means | grade | source |\n|-|-|-|-|\n" + "\n".join(map(_band, scale.bands)) + "\n"
    if scale.changes:
        text += (
            "\n| change that matters | | grade | source |\n|-|-|-|-|\n" + "\n".join(map(_change, scale.changes)) + "\n"
        )
    return text


def _band(band: Band) -> str:
    return f"| {plain(band.at_least)} | {_cell(band.label)} | {GRADES[band.grade]} | {band.source} |"


def _change(change: Change) -> str:
    size = f"{plain(change.points)} points" if change.points is not None else f"{plain(change.percent or 0)} %"
    return f"| {size} | {_cell(change.label)} | {GRADES[change.grade]} | {change.source} |"


def _triggers(instrument: Instrument) -> str:
    if not instrument.triggers:
        return ""
    rows = (f"- `{t.item}` at {plain(t.at_least)} or more → `{t.then}`: {t.say}" for t in instrument.triggers)
    return "## Whatever the score\n\n" + "\n".join(rows) + "\n"


def _cited(instrument: Instrument, sources: Mapping[str, Mapping[str, str]]) -> str:
    keys = dict.fromkeys(k for k in (instrument.source, *_used(instrument.scales)) if sources.get(k, {}).get("ref"))
    rows = (f"- `{key}` {sources[key]['title']} {sources[key]['ref']}" for key in keys)
    return "## Sources\n\n" + "\n".join(rows) + "\n" if keys else ""


def _used(scales: Iterable[Scale]) -> Iterator[str]:
    for scale in scales:
        yield from (band.source for band in scale.bands)
        yield from (change.source for change in scale.changes)


def _index(known: Mapping[str, Instrument]) -> str:
    rows = [
        f"| [{i.short or i.title}]({i.id}.md) | {_cell(i.title)} | {len(i.scored)} | {plain(i.minutes)} | "
        f"{'shipped' if i.has_text else 'loaded by the site'} |"
        for i in sorted(known.values(), key=lambda i: (i.short or i.title).lower())
    ]
    assumed = sum(b.grade == "assumption" for i in known.values() for s in i.scales for b in s.bands)
    bands = sum(len(s.bands) for i in known.values() for s in i.scales)
    toc = "\n".join(i for i in sorted(known))
    return (
        "# Instruments\n\nQuestionnaires, scales and checklists as data. A blank is never 0.\n"
        f"Of {bands} bands, {assumed} are assumptions and say so.\n\n"
        "| instrument | | items | min | text |\n|-|-|-|-|-|\n"
        + "\n".join(rows)
        + f"\n\n```{{toctree}}\n:hidden:\n\n{toc}\n```\n"
    )


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def stale(root: Path = DOCS) -> list[str]:
    """The pages that do not say what the instruments say, and those of instruments that are gone."""
    wanted = pages()
    differing = [p for p, text in wanted.items() if not (root / p).is_file() or (root / p).read_text("utf-8") != text]
    gone = [p.relative_to(root).as_posix() for p in (root / FOLDER).glob("*.md")]
    return differing + [p for p in gone if p not in wanted]


def write(root: Path = DOCS) -> None:
    """Write every page and remove those of instruments that are gone."""
    for path in stale(root):
        (root / path).unlink(missing_ok=True)
    for path, text in pages().items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        if old := stale():
            sys.exit(f"Stale: {', '.join(old)}. Run python docs/pages/instruments.py.")
    else:
        write()
