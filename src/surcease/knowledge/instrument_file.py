"""From an instrument's document to an :class:`Instrument` and back. Whatever is wrong is refused by file and key.

The document's grammar, beside the field names of the types:

- ``answers``: named option sets, ``{often: [{code, points, text}, …]}`` or just ``{degree: [0, 1, 2]}``;
  an item's ``options`` names one, or lists its own.
- an item with ``numbers: [1, 13]`` stands for thirteen items that differ only in their number.
- a scale's ``items`` is a list of ids or ``all`` (every scored item); ``range: [low, high]``;
  ``grade`` and ``source`` of a scale hold for its bands and changes unless they say otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any, NoReturn

from surcease.knowledge.branching import FUNCTIONS
from surcease.knowledge.instrument import (
    LICENCES,
    METHODS,
    OPERATORS,
    TYPES,
    Band,
    Change,
    EnableWhen,
    Instrument,
    Item,
    Licence,
    Option,
    Scale,
    Trigger,
)
from surcease.knowledge.yaml import KnowledgeError

REQUIRED = ("id", "title", "version", "licence", "items")
NO_SOURCE = ("assumption", "site_default")


def read(raw: Mapping[str, Any], *, name: str = "instrument") -> Instrument:
    """Build an instrument; KnowledgeError names the file, the key and what is allowed."""
    for key in REQUIRED:
        if not isinstance(raw, Mapping) or key not in raw:
            _refuse(name, key, "is missing: every instrument needs it.")
    known = {f.name for f in fields(Instrument) if f.init} | {"answers"}
    if extra := set(raw) - known:
        _refuse(name, min(extra), f"this key is not known: use {', '.join(sorted(known))}.")
    sets = {key: _options(options, name, f"answers.{key}") for key, options in raw.get("answers", {}).items()}
    items = _items(raw["items"], sets, name)
    scored = [i.link_id for i in _flat(items) if i.scored and i.type not in ("group", "display")]
    simple = ("id", "title", "short", "by", "recall", "stem", "function", "code", "language", "source", "grade", "note")
    result = Instrument(
        **{key: str(raw[key]) for key in simple if key in raw},
        version=int(raw["version"]), items=items, licence=_licence(raw["licence"], name),
        minutes=Decimal(raw.get("minutes", 1)), per_site=bool(raw.get("per_site", False)),
        items_from_site=bool(raw.get("items_from_site", False)),
        scales=tuple(_scale(s, scored, f"{name}: scales.{s.get('id', '?')}") for s in raw.get("scales", ())),
        triggers=tuple(Trigger(**{**t, "item": str(t["item"])}) for t in raw.get("triggers", ())),
        parameters=tuple(
            (table, tuple(sorted((str(k), Decimal(v)) for k, v in rows.items())))
            for table, rows in sorted(raw.get("parameters", {}).items())
        ),
    )  # fmt: skip
    check(result, name)
    return result


def document(instrument: Instrument) -> dict[str, Any]:
    """The document that :func:`read` turns into the same instrument: what a clinic's own one is stored as."""
    whole = {f.name: getattr(instrument, f.name) for f in fields(instrument) if f.init}
    whole |= {
        "licence": _plain(instrument.licence),
        "items": [_item_document(item) for item in instrument.items],
        "scales": [_scale_document(scale) for scale in instrument.scales],
        "triggers": [_plain(trigger) for trigger in instrument.triggers],
        "parameters": {table: dict(rows) for table, rows in instrument.parameters},
    }
    return whole


def _refuse(name: str, key: str, problem: str) -> NoReturn:
    raise KnowledgeError(f"{name}: {key}: {problem}")


def _flat(items: Iterable[Item]) -> Iterable[Item]:
    for item in items:
        yield item
        yield from _flat(item.items)


def _options(raw: Any, name: str, where: str) -> tuple[Option, ...]:
    if not isinstance(raw, list | tuple) or not raw:
        _refuse(name, where, "needs a list of answers.")
    found = tuple(
        Option(**{**o, "code": str(o.get("code", o.get("points")))})
        if isinstance(o, Mapping) else Option(f"{o}", points=Decimal(o))
        for o in raw
    )  # fmt: skip
    if len({o.code for o in found}) < len(found):
        _refuse(name, where, "two answers have the same code: give each its own.")
    return found


def _items(raw: Any, sets: Mapping[str, tuple[Option, ...]], name: str) -> tuple[Item, ...]:
    found: list[Item] = []
    for entry in raw:
        if "numbers" in entry:
            first, last = entry["numbers"]
            rest = {k: v for k, v in entry.items() if k != "numbers"}
            found += [
                _item({**rest, "id": str(n), "label": f"Item {n}"}, sets, name)
                for n in range(int(first), int(last) + 1)
            ]
        else:
            found.append(_item(entry, sets, name))
    return tuple(found)


def _item(raw: Mapping[str, Any], sets: Mapping[str, tuple[Option, ...]], name: str) -> Item:
    link_id = str(raw.get("id", raw.get("link_id", "")))
    where = f"items.{link_id or '?'}"
    values = {k: v for k, v in raw.items() if k not in ("id", "range")}
    if extra := set(values) - {f.name for f in fields(Item)}:
        _refuse(name, where, f"the key {min(extra)!r} is not known.")
    if not link_id or values.get("type") not in TYPES:
        _refuse(name, where, f"needs an id and a type of {', '.join(TYPES)}.")
    if "range" in raw:
        values["low"], values["high"] = raw["range"]
    options = values.get("options") or ()
    if isinstance(options, str):
        if options not in sets:
            _refuse(name, where, f"the option set {options!r} is not under answers.")
        options = sets[options]
    else:
        options = options and _options(options, name, where)
    if (values["type"] == "choice") != bool(options):
        _refuse(name, where, "a choice needs options, and only a choice has them.")
    values |= {"link_id": link_id, "options": options}
    values["enable_when"] = tuple(_enable(c, name, where) for c in values.get("enable_when", ()))
    values["items"] = _items(values.get("items", ()), sets, name)
    return Item(**values)


def _enable(raw: Mapping[str, Any], name: str, where: str) -> EnableWhen:
    if raw.get("operator", "=") not in OPERATORS:
        _refuse(name, where, f"enable_when: operator must be one of {', '.join(OPERATORS)}.")
    return EnableWhen(str(raw["question"]), raw.get("operator", "="), raw["answer"])


def _licence(raw: Mapping[str, Any], name: str) -> Licence:
    if raw.get("kind") not in LICENCES:
        _refuse(name, "licence", f"kind must be one of {', '.join(LICENCES)}.")
    return Licence(**raw)


def _graded(raw: Mapping[str, Any], scale: Mapping[str, Any], where: str) -> dict[str, str]:
    grade = raw.get("grade", scale.get("grade", "assumption"))
    source = raw.get("source", scale.get("source", ""))
    source = "" if grade in NO_SOURCE else source
    if grade not in NO_SOURCE and not source:
        raise KnowledgeError(f"{where}: a grade of {grade} needs its source; without one the grade is assumption.")
    return {"grade": grade, "source": source}


def _scale(raw: Mapping[str, Any], scored: list[str], where: str) -> Scale:
    if raw.get("method") not in METHODS or "range" not in raw:
        raise KnowledgeError(f"{where}: needs a range and a method of {', '.join(METHODS)}.")
    items = scored if raw.get("items", "all") == "all" else [str(i) for i in raw["items"]]
    if unknown := set(items) - set(scored):
        raise KnowledgeError(f"{where}: the item {min(unknown)!r} is not a scored item.")
    low, high = raw["range"]
    bands = tuple(Band(b["from"], b["label"], **_graded(b, raw, where)) for b in raw.get("bands", ()))
    if [b.at_least for b in bands] != sorted({b.at_least for b in bands}):
        raise KnowledgeError(f"{where}: bands stand in ascending order, each edge once.")
    changes = tuple(
        Change(c.get("points"), c.get("percent"), c.get("label", ""), **_graded(c, raw, where))
        for c in raw.get("changes", ())
    )
    plain = ("better", "code", "multiply", "cap")
    return Scale(
        **{k: raw[k] for k in plain if k in raw},
        id=str(raw["id"]), title=raw.get("title", "Total"), method=raw["method"], items=tuple(items),
        low=low, high=high, allowed_missing=int(raw.get("allowed_missing", 0)), bands=bands, changes=changes,
    )  # fmt: skip


def check(instrument: Instrument, name: str) -> None:
    """What the parts of an instrument must agree on with each other; KnowledgeError names the part."""
    if instrument.function and instrument.function not in FUNCTIONS:
        _refuse(name, "function", f"{instrument.function!r} is not one of {', '.join(sorted(FUNCTIONS))}.")
    ids = [i.link_id for i in instrument.flat()]
    if twice := {i for i in ids if ids.count(i) > 1}:
        _refuse(name, "items", f"the id {min(twice)!r} stands twice.")
    for item in instrument.flat():
        for condition in item.enable_when:
            if condition.question not in ids:
                _refuse(
                    name, f"items.{item.link_id}", f"enable_when asks for {condition.question!r}, which is no item."
                )
    for trigger in instrument.triggers:
        if trigger.item not in ids:
            _refuse(name, "triggers", f"{trigger.item!r} is no item.")
    for scale in instrument.scales:
        for key in scale.items:
            item = instrument.item(key)
            if item.type not in ("choice", "boolean", "integer", "decimal"):
                _refuse(name, f"scales.{scale.id}", f"the item {key!r} is a {item.type}: it has no points.")
            if any(option.points is None for option in item.options):
                _refuse(name, f"scales.{scale.id}", f"the item {key!r} has an answer without points.")


def _plain(value: Any) -> dict[str, Any]:
    return {f.name: getattr(value, f.name) for f in fields(value)}


def _item_document(item: Item) -> dict[str, Any]:
    return _plain(item) | {
        "options": [_plain(o) for o in item.options],
        "enable_when": [_plain(e) for e in item.enable_when],
        "items": [_item_document(i) for i in item.items],
    }


def _scale_document(scale: Scale) -> dict[str, Any]:
    whole = _plain(scale) | {
        "range": [scale.low, scale.high],
        "items": list(scale.items),
        "bands": [{"from": b.at_least, "label": b.label, "grade": b.grade, "source": b.source} for b in scale.bands],
        "changes": [_plain(c) for c in scale.changes],
    }
    return {k: v for k, v in whole.items() if k not in ("low", "high")}
