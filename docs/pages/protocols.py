"""Write docs/reference/protocols from the protocols themselves: one page each, and an index.

    python docs/pages/protocols.py           writes the pages
    python docs/pages/protocols.py --check   says which are stale and ends with 1

``pages()`` gives the same as a mapping of path below docs/ → text, for the documentation's own generator.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from surcease.care.course import course_text
from surcease.care.dose import ComputedDose, compute
from surcease.care.dose_words import say_rate, show_order
from surcease.care.weight import Body
from surcease.knowledge.library import Knowledge, load
from surcease.knowledge.protocol import Protocol, ProtocolDose, excluded_in
from surcease.units import Quantity, plain

DOCS = Path(__file__).parents[1]
FOLDER = "reference/protocols"
EXAMPLE_KG = Decimal(70)
MARKS = {"assumption": "assumption", "site_default": "design default, the site may set its own"}
PURPOSES = {
    "treatment": "Treatment.",
    "test": "Test dose, to see an answer; not a course.",
    "reference": "Reference only: it can never be chosen in a plan.",
    "icu": "Intensive care only: it can never be chosen in a clinic.",
}
CAPS = {
    "rate_mg_per_kg_h": "rate", "rate_mg_per_h": "rate", "session_mg": "a session", "session_mg_per_kg": "a session",
    "day_mg": "a day", "day_mg_per_kg": "a day", "course_mg": "the course",
    "sprays_per_episode": "sprays an episode", "sprays_per_day": "sprays a day", "sprays_per_week": "sprays a week",
}  # fmt: skip


def pages(knowledge: Knowledge | None = None) -> dict[str, str]:
    """Path below docs/ → Markdown."""
    knowledge = knowledge or load()
    known = knowledge.schemes
    found = {f"{FOLDER}/{p.id}.md": page(p, knowledge.sources) for p in known.values()}
    return {f"{FOLDER}/index.md": _index(known, knowledge), **found}


def page(protocol: Protocol, sources: Mapping[str, Mapping[str, str]]) -> str:
    """One protocol."""
    parts = [
        f"# {protocol.id} {protocol.title}\n",
        f"{PURPOSES[protocol.purpose]}\n",
        _facts(protocol),
        _scheme(protocol),
        _caps(protocol),
        _example(compute(protocol, Body(EXAMPLE_KG))),
        f"## What is known\n\n{protocol.evidence['says']} Grade {protocol.evidence['grade']}, certainty "
        f"{protocol.evidence['certainty']} (`{protocol.evidence['rule']}`).\n",
        f"## Afterwards\n\n{protocol.booster}{_mark(protocol, 'booster')}\n",
        f"## Notes\n\n{protocol.note}\n" if protocol.note else "",
        "## Sources\n\n" + "\n".join(_source(key, sources) for key in protocol.source) + "\n",
    ]
    return "\n".join(part for part in parts if part)


def _facts(protocol: Protocol) -> str:
    sessions = protocol.sessions
    count = "not fixed" if sessions.count is None else str(sessions.count)
    rows = [
        ("Version", f"{protocol.version}, from {protocol.effective}"),
        ("For", ", ".join(f"`{c}`" for c in protocol.conditions)),
        ("Product", f"{protocol.made_of.title}: {protocol.made_of.form_words}"),
        ("Way", ", ".join(protocol.route)),
        ("Setting", protocol.setting),
        ("Weight", "none: a fixed dose" if protocol.weight_basis == "fixed" else "dosing weight (rule DOS-08)"),
        ("Sessions", f"{count}, {sessions.rhythm.replace('_', ' ')}"),
        ("At least apart", f"{sessions.min_interval or 'not stated'}{_mark(protocol, 'sessions.min_interval')}"),
        ("Beforehand", "; ".join(map(_premedication, protocol.premedication)) or "nothing stated"),
        ("Observed", f"{protocol.observation} after the end{_mark(protocol, 'observation')}"),
        ("Held or lowered by", ", ".join(f"`{rule}`" for rule in protocol.hold) + _mark(protocol, "hold")),
    ]
    return "| | |\n|-|-|\n" + "\n".join(f"| {name} | {_cell(text)} |" for name, text in rows) + "\n"


def _premedication(given: object) -> str:
    drug, dose, route, times = (getattr(given, name) for name in ("drug", "dose", "route", "times"))
    return f"{drug} {dose} {route}" + (f", {times} times" if times > 1 else "")


def _scheme(protocol: Protocol) -> str:
    lines = [f"- Start: {_dose(protocol.start)}{_mark(protocol, 'start')}"]
    lines += [
        f"- From session {d.from_session}: {_dose(d)}{_mark(protocol, f'steps.{d.from_session}')}"
        for d in protocol.steps
    ]
    if rise := protocol.increment:
        lines.append(f"- Then {rise.add} more, no sooner than every {rise.every}{_mark(protocol, 'increment')}")
    if protocol.stay:
        lines.append(f"- Runs for {protocol.stay}{_mark(protocol, 'stay')}")
    if protocol.wean:
        lines.append(f"- Weaned over {protocol.wean[0]} to {protocol.wean[1]}{_mark(protocol, 'wean')}")
    if protocol.target_effect:
        lines.append(f"- Aim: {protocol.target_effect}")
    lines += [f"- Also described: {_dose(d)}" for d in protocol.alternatives]
    return "## Scheme\n\n" + "\n".join(lines) + "\n"


def _dose(dose: ProtocolDose) -> str:
    run = f" over {dose.over}" if dose.over else f" for {dose.lasts}" if dose.lasts else ""
    span = f" ({dose.shortest} to {dose.longest})" if dose.shortest and dose.shortest != dose.longest else ""
    takes = f", {dose.takes} times a day" if dose.takes > 1 else ""
    return f"{dose.amount}{' a day in ' + str(dose.takes) + ' takes' if dose.daily_total else run + span + takes}"


def _caps(protocol: Protocol) -> str:
    rows = []
    for name, cap in protocol.caps.items():
        amount = plain(cap.value) if cap.unit == "1" else str(cap)
        rows.append(f"- {amount} {CAPS[name]}{_mark(protocol, f'caps.{name}')}")
    text = "\n".join(rows) or "None stated; the general limits hold."
    return f"## Caps\n\nA cap per kg holds on dosing weight and on actual weight.\n\n{text}\n"


def _example(dose: ComputedDose) -> str:
    """The scheme at 70 kg, as the program computes it."""
    lines = [f"`{course_text(dose)}`"]
    lines += [f"- {cap.name} cap: {cap.says}" for cap in dose.caps]
    if (rate := dose.highest.rate) is not None:
        lines.append(
            f"- highest level of the table: {say_rate(Quantity(rate.value, 'mg/h'), weight_kg=dose.weight.kg)}"
        )
    if dose.session_mg is not None:
        lines.append(f"- at most {show_order(dose.session_mg)} a session or day")
    return f"## At {plain(EXAMPLE_KG)} kg\n\n" + lines[0] + "\n\n" + "\n".join(lines[1:]) + "\n"


def _mark(protocol: Protocol, name: str) -> str:
    """How a field is supported, where it is not the protocol's own source."""
    grade = protocol.grade_of(name)
    return f" *({MARKS[grade]})*" if grade in MARKS else ""


def _source(key: str, sources: Mapping[str, Mapping[str, str]]) -> str:
    entry = sources[key]
    read = f" Read through: {entry['read']}." if "read" in entry else ""
    return f"- `{key}` {entry['title']}. {entry['ref']}.{read}"


def _index(known: Mapping[str, Protocol], knowledge: Knowledge) -> str:
    rows = [
        f"| [{p.id}]({p.id}.md) | {_cell(p.title)} | {', '.join(p.route)} | {p.setting} | {p.evidence['grade']} | "
        f"{sum(grade == 'assumption' for grade in p.grades.values())} |"
        for p in known.values()
    ]
    left_out = "\n".join(f"- {e['id']} {e['title']}: {e['why']} {e['source']}" for e in excluded_in(knowledge))
    assumed = sum(grade == "assumption" for p in known.values() for grade in p.grades.values())
    return (
        "# Protocols\n\nDosing schemes as data, each with its source. The program computes them for a person, exactly, "
        "and never rounds past a cap.\n"
        f"{assumed} fields are assumptions and say so.\n\n"
        "| protocol | | way | setting | grade | assumptions |\n|-|-|-|-|-|-|\n"
        + "\n".join(rows)
        + f"\n\n## Left out on purpose\n\n{left_out}\n"
        + "\n```{toctree}\n:hidden:\n\n" + "\n".join(known) + "\n```\n"
    )  # fmt: skip


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def stale(root: Path = DOCS) -> list[str]:
    """The pages that do not say what the protocols say, and those of protocols that are gone."""
    wanted = pages()
    differing = [p for p, text in wanted.items() if not (root / p).is_file() or (root / p).read_text("utf-8") != text]
    there = [p.relative_to(root).as_posix() for p in (root / FOLDER).glob("*.md")]
    return differing + [p for p in there if p not in wanted]


def write(root: Path = DOCS) -> None:
    """Write every page and remove those of protocols that are gone."""
    for path in stale(root):
        (root / path).unlink(missing_ok=True)
    for path, text in pages().items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        if old := stale():
            sys.exit(f"Stale: {', '.join(old)}. Run python docs/pages/protocols.py.")
    else:
        write()
