"""Write docs/reference/rules from the rules themselves: one page each, an index, the bibliography, the assumptions.

    python docs/pages/rules.py                 writes the pages
    python docs/pages/rules.py --check         says which are stale and ends with 1
    python docs/pages/rules.py --changes REV   prints what changed clinically since a revision or a stored release

``pages()`` gives the same as a mapping of path below docs/ → text, for the documentation's own generator.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from surcease.knowledge.cases import Case, cases_of
from surcease.knowledge.difference import Difference, differences
from surcease.knowledge.facts import FactSpec, shown, unit_words
from surcease.knowledge.library import Knowledge, load
from surcease.knowledge.rule import AGES, All, AnyOf, Condition, Not, Rule, Test, leaves
from surcease.units import plain

DOCS = Path(__file__).parents[1]
FOLDER = "reference/rules"
WORDS = {
    "above": "is above", "at_least": "is at least", "below": "is below", "at_most": "is at most", "is": "is",
    "in": "is one of", "within_days": "is of the last", "older_than_days": "is older than", "has_code": "has one of",
}  # fmt: skip
GRADES = {
    "assumption": "**assumption**: from general knowledge, no source was checked",
    "site_default": "**design default**: our own number or choice; the clinic signs its own",
}
STAGES = {
    "intake": "intake", "plan": "plan", "day": "day of treatment", "session": "session", "discharge": "discharge",
    "review": "review", "home": "home treatment",
}  # fmt: skip
KINDS = {
    "fires": "fires", "does_not_fire": "does not fire", "boundary": "at the edge", "unknown": "unknown",
    "not_applicable": "not applicable", "shown": "shown",
}  # fmt: skip


def pages(knowledge: Knowledge | None = None) -> dict[str, str]:
    """Path below docs/ → Markdown."""
    knowledge = knowledge or load()
    return {
        f"{FOLDER}/index.md": index(knowledge),
        f"{FOLDER}/bibliography.md": bibliography(knowledge),
        f"{FOLDER}/assumptions.md": assumptions(knowledge),
        **{f"{FOLDER}/{rule.id}.md": page(rule, knowledge) for rule in knowledge.rules},
    }


def page(rule: Rule, knowledge: Knowledge) -> str:
    """One rule, in words, with its cases as examples."""
    document = knowledge.documents[f"rules/{rule.topic}/{rule.id}.yaml"]
    parts = [
        f"# {rule.id} {rule.title}\n",
        _facts(rule, knowledge),
        f"**Says** {_text(document['say']['en'], rule)}\n",
        f"**Asks** {_text(document['do']['en'], rule)}\n",
        f"## When\n\n{_conditions(rule)}",
        _thresholds(rule),
        _examples(cases_of(rule), knowledge.facts),
        f"## Note\n\n{rule.note}\n" if rule.note else "",
    ]
    return "\n".join(part for part in parts if part)


def _facts(rule: Rule, knowledge: Knowledge) -> str:
    outcome = str(rule.outcome)
    if rule.signed_outcome:
        outcome += f"; {rule.signed_outcome} once the clinic has signed it"
    if rule.persons > 1:
        outcome += f"; {rule.persons} persons to set it aside"
    rows = [
        ("Outcome", outcome),
        ("Kind", rule.kind),
        ("Stage", ", ".join(STAGES[stage] for stage in rule.stages)),
        ("Source", f"[{knowledge.sources[rule.source.key]['title']}](bibliography.md#{rule.source.key})"),
        ("Grade", GRADES.get(rule.grade, rule.grade)),
        ("In force", f"from {rule.effective}" + (f" to {rule.expires}" if rule.expires else "")),
        ("Version", str(rule.version)),
        ("Covers", ", ".join(f"[{r}]({r}.md)" for r in rule.covers)),
    ]
    return "| | |\n|-|-|\n" + "\n".join(f"| {name} | {_cell(text)} |" for name, text in rows if text) + "\n"


def _text(text: str, rule: Rule) -> str:
    """The sentence with its placeholders as names."""
    for name, spec in rule.placeholders.items():
        text = text.replace(f"{{{name}}}", f"*{spec.words}*")
    for name, value in rule.thresholds.items():
        text = text.replace(f"{{{name}}}", f"**{plain(value)}**")
    return " ".join(text.split())


def _conditions(rule: Rule) -> str:
    lines = []
    if rule.applies:
        lines += ["It is about a person for whom", "", *_lines(rule.applies), "", "and it fires when", ""]
    lines += ["always"] if rule.when == All() else _lines(rule.when)
    return "\n".join(lines) + "\n"


def _lines(condition: Condition, depth: int = 0) -> list[str]:
    """A condition as a nested list."""
    pad = "  " * depth
    if isinstance(condition, Test):
        return [f"{pad}- {_test(condition)}"]
    if isinstance(condition, Not):
        if isinstance(condition.part, Test):
            return [f"{pad}- not: {_test(condition.part)}"]
        return [f"{pad}- none of this holds:", *_lines(condition.part, depth + 1)]
    if not condition.parts:
        return [f"{pad}- always"]
    head = "at least one of" if isinstance(condition, AnyOf) else "all of"
    return [f"{pad}- {head}", *(line for part in condition.parts for line in _lines(part, depth + 1))]


def _test(test: Test) -> str:
    value = test.value
    if test.word in AGES:
        said = f"{plain(value)} days"
    elif isinstance(value, tuple):
        said = ", ".join(f"`{v}`" for v in value)
    else:
        said = shown(value, test.fact.unit)
    return f"{test.fact.words} (`{test.fact.name}`) {WORDS[test.word]} {said}"


def _thresholds(rule: Rule) -> str:
    if not rule.thresholds:
        return ""
    rows = "\n".join(f"- `{name}`: {plain(value)} by default" for name, value in rule.thresholds.items())
    return f"## Numbers a clinic may sign\n\n{rows}\n"


def _examples(cases: Iterable[Case], specs: Mapping[str, FactSpec]) -> str:
    rows = "\n".join(
        f"| {KINDS[c.kind]} | {_cell(c.name)} | {_cell(_given(c, specs))} | {_cell(_result(c))} |" for c in cases
    )
    return f"## Examples\n\n| case | example | known | result |\n|-|-|-|-|\n{rows}\n"


def _given(case: Case, specs: Mapping[str, FactSpec]) -> str:
    said = [f"{specs[name].words}: {_value(raw, specs[name])}" for name, raw in case.facts.items()]
    if case.signed:
        said.append("signed by the clinic")
    said += [f"{name} signed as {plain(value)}" for name, value in (case.limits or {}).items()]
    return "; ".join(said) or "nothing"


def _value(raw: Any, spec: FactSpec) -> str:
    if isinstance(raw, Mapping):
        at = f" on {raw['at'][:10]}" if raw.get("at") else ""
        return f"{_value(raw['value'], spec) if 'unit' not in raw else shown(raw['value'], raw['unit'])}{at}"
    if raw is None:
        return "not known"
    return shown(tuple(raw) if isinstance(raw, list) else raw, spec.unit)


def _result(case: Case) -> str:
    if case.expect.get("applies") is False:
        return "not applicable"
    outcome = case.expect.get("outcome", "")
    return {True: f"fires {outcome}".strip(), False: "quiet", None: f"unknown, asks {outcome or 'for it'}"}[
        case.expect["fired"]
    ]


def index(knowledge: Knowledge) -> str:
    """Every rule by topic."""
    parts = [
        "# Rules\n",
        f"{len(knowledge.rules)} rules. How they are written and read: [rules](../../explanation/rules.md). What they "
        "stand on: [bibliography](bibliography.md), [assumptions and defaults](assumptions.md).\n",
    ]
    for topic in sorted({rule.topic for rule in knowledge.rules}):
        rows = "\n".join(
            f"| [{r.id}]({r.id}.md) | {_cell(r.title)} | {r.outcome} | {', '.join(r.stages)} | {_cell(r.grade)} |"
            for r in knowledge.rules
            if r.topic == topic
        )
        parts.append(f"## {topic.capitalize()}\n\n| id | title | outcome | stage | grade |\n|-|-|-|-|-|\n{rows}\n")
    parts.append("```{toctree}\n:hidden:\n:glob:\n\n*\n```\n")
    return "\n".join(parts)


def bibliography(knowledge: Knowledge) -> str:
    """Every source with what cites it among the rules."""
    cited: dict[str, list[str]] = {}
    for rule in knowledge.rules:
        cited.setdefault(rule.source.key, []).append(rule.id)
    parts = ["# Bibliography\n", "Every source of knowledge/sources.yaml, and the rules that cite it.\n"]
    for key, source in sorted(knowledge.sources.items()):
        read = f" Read through: {source['read']}." if source.get("read") else ""
        rules = ", ".join(f"[{r}]({r}.md)" for r in cited.get(key, [])) or "no rule"
        ref = f" {source['ref']}." if source.get("ref") else ""
        title = source["title"].rstrip(".")
        parts.append(f"({key})=\n**{key}** ({source['kind']}). {title}.{ref}{read} Cited by: {rules}.\n")
    return "\n".join(parts)


def assumptions(knowledge: Knowledge) -> str:
    """How many rules stand on an assumption or on a default of ours, and which."""
    count = Counter(rule.grade for rule in knowledge.rules)
    cited = len(knowledge.rules) - count["assumption"] - count["site_default"]
    parts = [
        "# Assumptions and defaults\n",
        f"Of {len(knowledge.rules)} rules {cited} stand on what a source says, {count['site_default']} on a default of "
        f"ours that a clinic signs, and {count['assumption']} on an assumption that nobody has checked.\n",
    ]
    for grade, title in (("assumption", "Assumptions"), ("site_default", "Design defaults")):
        rows = "\n".join(f"- [{r.id}]({r.id}.md) {r.title} ({r.outcome})" for r in knowledge.rules if r.grade == grade)
        parts.append(f"## {title}\n\n{rows or 'None.'}\n")
    numbers = "\n".join(
        f"| [{r.id}]({r.id}.md) | {name} | {f'{plain(value)} {_unit(r, name)}'.strip()} |"
        for r in knowledge.rules
        for name, value in r.thresholds.items()
    )
    parts.append(f"## Numbers a clinic may sign\n\n| rule | number | default |\n|-|-|-|\n{numbers}\n")
    return "\n".join(parts)


def _unit(rule: Rule, name: str) -> str:
    for part in (rule.when, rule.applies):
        for test in leaves(part) if part else ():
            if test.threshold == name:
                return "days" if test.word in AGES else unit_words(test.fact.unit)
    return ""


def changes(old: Knowledge, new: Knowledge, since: str) -> str:
    """What changed clinically between two releases, and apart from it what changed in wording."""
    found = differences(old, new)
    parts = [f"# What changed clinically since {since}\n", f"From `{old.hash[:12]}` to `{new.hash[:12]}`.\n"]
    for clinical, title in ((True, "Clinical"), (False, "Wording only")):
        some = [d for d in found if d.clinical is clinical]
        parts.append(f"## {title}: {len(some)}\n\n" + ("\n".join(map(_difference, some)) or "Nothing.") + "\n")
    return "\n".join(parts)


def _difference(found: Difference) -> str:
    return "\n".join([f"- **{found.where}** {found.change}", *(f"  - {line}" for line in found.lines)])


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def stale(docs: Path = DOCS) -> list[str]:
    """Which pages differ from what the rules give now, are missing, or have no rule any more."""
    wanted = {name: text.rstrip() + "\n" for name, text in pages().items()}
    held = {p.relative_to(docs).as_posix(): p.read_text(encoding="utf-8") for p in (docs / FOLDER).glob("*.md")}
    return sorted(name for name in {*wanted, *held} if wanted.get(name) != held.get(name))


def write(docs: Path = DOCS) -> None:
    """Write every page, and remove those without a rule."""
    wanted = pages()
    (docs / FOLDER).mkdir(parents=True, exist_ok=True)
    for path in (docs / FOLDER).glob("*.md"):
        if path.relative_to(docs).as_posix() not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (docs / name).write_text(text.rstrip() + "\n", encoding="utf-8")


def main(words: list[str]) -> int:
    """Write, check or compare; the exit code."""
    if words[:1] == ["--changes"] and len(words) == 2:
        from surcease.cli.rules import stored

        print(changes(stored(words[1]), load(), words[1]))
        return 0
    if words == ["--check"]:
        old = stale()
        print("\n".join(f"stale: {name}" for name in old) or "rule pages are up to date")
        return bool(old)
    write()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
