"""An instrument built from rows that somebody filled in: no code, no file. What is wrong is refused by its row.

>>> rows = (Row("How often did pain wake you?", "choice", answers="never = 0\\nsometimes = 1\\noften = 2"),
...         Row("What else?", "text", counts=False, when_question="1", when_operator="!=", when_answer="never"))
>>> made = build("Sleep and pain", rows, method="sum", bands="0 = undisturbed\\n2 = disturbed")
>>> made.id, made.scales[0].high, made.item("2").enable_when[0].answer
('sleep-and-pain', Decimal('2'), '0')
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from surcease.knowledge.instrument import OPERATORS, TYPES, Answer, Band, EnableWhen, Instrument, Item, Licence, Option
from surcease.knowledge.instrument_file import check
from surcease.knowledge.questionnaire import add_scale, slug
from surcease.knowledge.yaml import KnowledgeError
from surcease.units import plain, read_number

ORDERED = (">", "<", ">=", "<=")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the builder. ``inside`` puts it under the heading (group) above; ``when_question`` is the number of
    an earlier row; ``answers`` has one a line, ``words`` or ``words = points``. Empty text is not given."""

    text: str
    type: str
    answers: str = ""
    low: Decimal | None = None
    high: Decimal | None = None
    low_text: str = ""
    high_text: str = ""
    unit: str = ""
    help: str = ""
    counts: bool = True
    inside: bool = False
    when_question: str = ""
    when_operator: str = "="
    when_answer: str = ""


def build(
    title: str, rows: Sequence[Row], *, key: str = "", version: int = 1, method: str = "none",
    allowed_missing: int = 0, bands: str = "", stem: str = "", permission: str = "", language: str = "en",
) -> Instrument:  # fmt: skip
    """The instrument of the rows, with a sum or mean over those that count. KnowledgeError names the row."""
    if not title.strip() or not rows:
        raise KnowledgeError("An instrument needs a title and at least one question.")
    items = tuple(_items(rows))
    made = Instrument(
        id=key or slug(title), title=title.strip(), version=version, items=_nested(items, rows), stem=stem.strip(),
        licence=Licence("site_text", note=permission.strip()), language=language, grade="site_default",
    )  # fmt: skip
    check(made, title)
    if not made.questions:
        raise KnowledgeError("An instrument needs at least one question that takes an answer.")
    counted = tuple(i.link_id for i, row in zip(items, rows, strict=True) if row.counts and i.asks)
    return scored(made, method, counted, allowed_missing=allowed_missing, bands=bands)


def scored(
    made: Instrument, method: str, items: Sequence[str], *, allowed_missing: int = 0, bands: str = ""
) -> Instrument:
    """``made`` with a sum or mean over ``items``, the site's bands and missing-item rule; "none" leaves it as it is."""
    if method == "none":
        if bands.strip():
            raise KnowledgeError("bands: there is no score to give a meaning to: choose sum or mean.")
        return made
    countable = [i for i in items if made.item(i).type in ("choice", "boolean", "integer", "decimal")]
    if method not in ("sum", "mean") or not countable:
        raise KnowledgeError("score: choose sum or mean, and at least one question that can be counted.")
    try:
        result = add_scale(made, method, tuple(countable))
    except ValueError as error:
        raise KnowledgeError(f"score: question {error}") from None
    if not 0 <= allowed_missing < len(countable):
        raise KnowledgeError(f"score: between 0 and {len(countable) - 1} answers may be missing.")
    first = replace(result.scales[0], allowed_missing=allowed_missing, bands=tuple(_bands(bands)))
    return replace(result, scales=(first, *result.scales[1:]))


def _items(rows: Sequence[Row]) -> Iterator[Item]:
    known: dict[str, Item] = {}
    for n, row in enumerate(rows, 1):
        where = f"row {n}"
        if row.type not in TYPES or not row.text.strip():
            raise KnowledgeError(f"{where}: needs its words and a type of {', '.join(TYPES)}.")
        options = tuple(_options(row.answers, where)) if row.type == "choice" else ()
        if row.type != "choice" and row.answers.strip():
            raise KnowledgeError(f"{where}: answers belong to a choice: it is a {row.type}.")
        if row.low is not None and row.high is not None and row.low >= row.high:
            raise KnowledgeError(f"{where}: the lowest number must be below the highest.")
        item = Item(
            str(n), row.type, row.text.strip(), options=options, low=row.low, high=row.high, help=row.help.strip(),
            low_text=row.low_text.strip(), high_text=row.high_text.strip(), unit=row.unit.strip(),
            enable_when=_when(row, known, where),
        )  # fmt: skip
        known[item.link_id] = item
        yield item


def _options(text: str, where: str) -> Iterator[Option]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) < 2:
        raise KnowledgeError(f"{where}: a choice needs at least two answers, one a line.")
    codes: set[str] = set()
    for n, line in enumerate(lines, 1):
        words, equals, points = line.rpartition("=")
        number = _number(points, f"{where}: answer {n}") if equals else None
        code = plain(number) if number is not None and plain(number) not in codes else f"answer-{n}"
        codes.add(code)
        yield Option(code, words.strip() if equals else line, number)


def _when(row: Row, known: dict[str, Item], where: str) -> tuple[EnableWhen, ...]:
    if not row.when_question:
        return ()
    asked = known.get(row.when_question)
    if asked is None or not asked.asks:
        raise KnowledgeError(f"{where}: it can only hang on an earlier question: there is none {row.when_question!r}.")
    if row.when_operator not in OPERATORS or (row.when_operator in ORDERED and asked.type in ("boolean", "choice")):
        raise KnowledgeError(f"{where}: question {asked.link_id} is a {asked.type}: compare it with = or !=.")
    if row.when_operator == "exists":
        return (EnableWhen(asked.link_id, "exists", True),)
    return (EnableWhen(asked.link_id, row.when_operator, _answer(asked, row.when_answer.strip(), where)),)


def _answer(asked: Item, typed: str, where: str) -> Answer:
    if asked.type == "boolean" and typed.lower() in ("yes", "no"):
        return typed.lower() == "yes"
    if asked.type in ("integer", "decimal"):
        return _number(typed, where)
    if asked.type == "choice":
        found = next((o.code for o in asked.options if typed in (o.text, o.code)), None)
        if found is not None:
            return found
    elif typed and asked.type != "boolean":
        return typed
    allowed = ", ".join(o.text for o in asked.options) or "yes, no"
    raise KnowledgeError(f"{where}: {typed!r} is no answer of question {asked.link_id}: it has {allowed}.")


def _bands(text: str) -> Iterator[Band]:
    edges: list[Decimal] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        edge, equals, label = line.partition("=")
        if not equals or not label.strip():
            raise KnowledgeError(
                f"bands: {line!r}: write the score from which it holds, then its words: 10 = moderate."
            )
        edges.append(_number(edge, "bands"))
        if edges != sorted(set(edges)):
            raise KnowledgeError("bands: they stand in ascending order, each edge once.")
        yield Band(edges[-1], label.strip(), "site_default")


def _number(text: str, where: str) -> Decimal:
    try:
        return read_number(text.strip())
    except ValueError as error:
        raise KnowledgeError(f"{where}: {error}") from None


def _nested(items: Sequence[Item], rows: Sequence[Row]) -> tuple[Item, ...]:
    """Rows marked inside go under the last heading."""
    found: list[Item] = []
    for n, (item, row) in enumerate(zip(items, rows, strict=True), 1):
        if row.inside:
            if not found or found[-1].type != "group" or item.type == "group":
                raise KnowledgeError(f"row {n}: there is no heading above it to stand under.")
            found[-1] = replace(found[-1], items=(*found[-1].items, item))
        else:
            found.append(item)
    return tuple(found)
