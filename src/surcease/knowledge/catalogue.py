"""The instruments at hand: those shipped, and those a site has loaded the text for.

A text pack is a folder of YAML files, one per instrument and language::

    instrument: pcs
    language: en
    permission: "Licence 12-345 of Mapi Research Trust, valid to 2027-12-31"
    stem: …                                    # optional
    options: {"0": …, "1": …}                  # words of the answers, for every choice
    items: {"1": …, "2": {text: …, options: {…}}}
    parameters: {t_scores: {"4": 41.6, …}}     # optional: a table the scoring needs
    add: [{id: …, type: …, text: …}]           # only where the items themselves come from the site
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from surcease.knowledge import instrument_file, yaml
from surcease.knowledge.instrument import Instrument, Item, Option
from surcease.knowledge.library import Knowledge, load
from surcease.knowledge.yaml import KnowledgeError

KEYS = {"instrument", "language", "permission", "stem", "recall", "options", "items", "parameters", "add"}


_BUILT: dict[str, Mapping[str, Instrument]] = {}  # by the hash of the knowledge


def catalogue(knowledge: Knowledge | None = None) -> Mapping[str, Instrument]:
    """The shipped instruments by id, built once per knowledge.

    >>> catalogue()["phq-9"].short
    'PHQ-9'
    """
    knowledge = knowledge or load()
    if knowledge.hash not in _BUILT:
        raw = knowledge.instruments
        _BUILT[knowledge.hash] = {key: instrument_file.read(raw[key], name=f"instruments/{key}") for key in sorted(raw)}
    return _BUILT[knowledge.hash]


def load_pack(folder: Path | str, *, knowledge: Knowledge | None = None) -> tuple[Instrument, ...]:
    """The instruments of a site's text pack, with their words. KnowledgeError names the file and what is missing."""
    known = catalogue(knowledge)
    paths = sorted(Path(folder).glob("*.yaml"))
    if not paths:
        raise KnowledgeError(f"{folder}: no text pack here: a pack is a folder of YAML files, one per instrument.")
    return tuple(with_text(yaml.load(path), known, name=path.name) for path in paths)


def with_text(raw: Mapping[str, Any], known: Mapping[str, Instrument], *, name: str) -> Instrument:
    """One pack document laid over its instrument."""
    if not isinstance(raw, Mapping) or raw.get("instrument") not in known:
        raise KnowledgeError(f"{name}: instrument: name one of {', '.join(sorted(known))}.")
    if extra := set(raw) - KEYS:
        raise KnowledgeError(f"{name}: {min(extra)}: this key is not known: use {', '.join(sorted(KEYS))}.")
    instrument, language = known[raw["instrument"]], str(raw.get("language", "en"))
    if not str(raw.get("permission", "")).strip():
        raise KnowledgeError(f"{name}: permission: say on what licence the site uses these words.")
    if instrument.has_text and language == instrument.language:
        raise KnowledgeError(
            f"{name}: {instrument.id} is shipped with its text in {language}: its words stay as they are."
        )
    items = _added(instrument, raw, name)
    texts = dict(_texts(raw.get("items", {}), raw.get("options", {})))
    if unknown := set(texts) - {i.link_id for i in instrument.flat()}:
        raise KnowledgeError(f"{name}: items: {instrument.id} has no item {min(unknown)!r}.")
    result = replace(
        instrument, items=tuple(_worded(item, texts, raw.get("options", {})) for item in items), language=language,
        stem=str(raw.get("stem", instrument.stem)), recall=str(raw.get("recall", instrument.recall)),
        licence=replace(instrument.licence, note=str(raw["permission"])), parameters=_tables(instrument, raw),
    )  # fmt: skip
    if missing := [i.link_id for i in result.questions if not i.text or not all(o.text for o in i.options)]:
        raise KnowledgeError(f"{name}: items: words are missing for {', '.join(missing)}.")
    return result


def _added(instrument: Instrument, raw: Mapping[str, Any], name: str) -> tuple[Item, ...]:
    if not raw.get("add"):
        return instrument.items
    if not instrument.items_from_site:
        raise KnowledgeError(f"{name}: add: the items of {instrument.id} are fixed: give only their words.")
    whole = instrument_file.document(instrument)
    return instrument_file.read({**whole, "items": [*whole["items"], *raw["add"]]}, name=name).items


def _texts(items: Mapping[str, Any], options: Mapping[str, str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for key, value in items.items():
        yield str(key), value if isinstance(value, Mapping) else {"text": value, "options": options}


def _worded(item: Item, texts: Mapping[str, Mapping[str, Any]], options: Mapping[str, str]) -> Item:
    given = texts.get(item.link_id, {})
    words = {str(code): str(text) for code, text in {**options, **(given.get("options") or {})}.items()}
    return replace(
        item, text=str(given.get("text", item.text)),
        low_text=str(given.get("low_text", item.low_text)), high_text=str(given.get("high_text", item.high_text)),
        options=tuple(_option(o, words) for o in item.options),
        items=tuple(_worded(i, texts, options) for i in item.items),
    )  # fmt: skip


def _option(option: Option, words: Mapping[str, str]) -> Option:
    """Words by the option's code, or by its points."""
    by_points = "" if option.points is None else words.get(str(option.points), "")
    return replace(option, text=words.get(option.code) or by_points or option.text)


def _tables(instrument: Instrument, raw: Mapping[str, Any]) -> tuple[tuple[str, tuple[tuple[str, Decimal], ...]], ...]:
    tables = {table: dict(rows) for table, rows in instrument.parameters}
    for table, rows in raw.get("parameters", {}).items():
        tables[table] = {str(k): Decimal(v) for k, v in rows.items()}
    return tuple((table, tuple(sorted(rows.items()))) for table, rows in sorted(tables.items()))
