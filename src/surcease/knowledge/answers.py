"""Read answers in the type of their items. A blank stays a blank; a number out of range is refused by its item."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from surcease.knowledge.instrument import Answer, EnableWhen, Instrument, Item
from surcease.units import plain

Given = Mapping[str, Answer | None]
_NUMBER = re.compile(r"-?[0-9]{1,6}(\.[0-9]{1,3})?", re.ASCII)
_TRUTH = {"yes": True, "true": True, "y": True, "1": True, "no": False, "false": False, "n": False, "0": False}


def positional(instrument: Instrument, values: Sequence[str]) -> dict[str, object]:
    """Answers given in the order of the scored items; "" is a blank. ValueError when the count differs."""
    items = instrument.scored
    if len(values) != len(items):
        raise ValueError(
            f"{instrument.short or instrument.title} has {len(items)} scored items, {len(values)} answers were given: "
            "give one for each, in order, and leave a blank between two commas for a missing one."
        )
    return {item.link_id: value for item, value in zip(items, values, strict=True)}


def read_answers(instrument: Instrument, answers: Mapping[str, object]) -> dict[str, Answer | None]:
    """The answers by item id as they are scored; every question of the instrument is in it, None when blank."""
    given: dict[str, Answer | None] = {item.link_id: None for item in instrument.questions}
    for key, raw in answers.items():
        item = instrument.item(key)
        if not item.asks:
            raise ValueError(f"item {item.link_id}: it is a {item.type}, it takes no answer.")
        if raw is not None and raw != "":
            given[item.link_id] = read_answer(item, raw)
    return given


def read_answer(item: Item, raw: object) -> Answer:
    """One answer in the type of its item; ValueError says what is allowed."""
    if item.type == "choice":
        return _choice(item, raw)
    if item.type == "boolean":
        word = str(raw).lower() if isinstance(raw, bool | str | int | Decimal) else ""
        if word not in _TRUTH:
            raise ValueError(f"item {item.link_id}: {raw!r} is not allowed: answer yes or no.")
        return _TRUTH[word]
    if item.type in ("integer", "decimal"):
        return _number(item, raw)
    if item.type == "date":
        return _date(item, raw)
    if not isinstance(raw, str):
        raise ValueError(f"item {item.link_id}: {raw!r} is not allowed: it is a text.")
    return raw


def _choice(item: Item, raw: object) -> str:
    """The option's code, from its code or its points."""
    for option in item.options:
        if isinstance(raw, str) and raw == option.code:
            return option.code
    number = _decimal(raw)
    for option in item.options:
        if number is not None and option.points == number:
            return option.code
    allowed = ", ".join(o.code if o.points is None else plain(o.points) for o in item.options)
    raise ValueError(f"item {item.link_id}: {raw!r} is not allowed: it is one of {allowed}.")


def _decimal(raw: object) -> Decimal | None:
    if isinstance(raw, Decimal | int) and not isinstance(raw, bool):
        return Decimal(raw)
    return Decimal(raw.strip()) if isinstance(raw, str) and _NUMBER.fullmatch(raw.strip()) else None


def _number(item: Item, raw: object) -> Decimal:
    number = _decimal(raw)
    if number is None or (item.type == "integer" and number != number.to_integral_value()):
        raise ValueError(
            f"item {item.link_id}: {raw!r} is not allowed: it is a {'whole ' * (item.type == 'integer')}number."
        )
    if (item.low is not None and number < item.low) or (item.high is not None and number > item.high):
        bounds = [f"{word} {plain(b)}" for word, b in (("at least", item.low), ("at most", item.high)) if b is not None]
        raise ValueError(f"item {item.link_id}: {plain(number)} is out of range: it is {' and '.join(bounds)}.")
    return number


def _date(item: Item, raw: object) -> str:
    try:
        return date.fromisoformat(str(raw)).isoformat()
    except ValueError:
        raise ValueError(f"item {item.link_id}: {raw!r} is not a date: write 2026-01-31.") from None


def points(item: Item, answer: Answer | None) -> Decimal | None:
    """What an answer counts; None when it is blank or has no points."""
    if answer is None:
        return None
    if item.type == "boolean":
        return item.points_yes if answer else item.points_no
    if item.type == "choice":
        return next(o.points for o in item.options if o.code == answer)
    return answer if isinstance(answer, Decimal) else None


def enabled(instrument: Instrument, given: Given) -> frozenset[str]:
    """The ids of the questions that are asked, given these answers (FHIR enableWhen; a group hides what is in it)."""
    found: set[str] = set()

    def visit(items: tuple[Item, ...]) -> None:
        for item in items:
            results = [_holds(c, given) for c in item.enable_when]
            if results and not (any(results) if item.enable_any else all(results)):
                continue
            if item.asks:
                found.add(item.link_id)
            visit(item.items)

    visit(instrument.items)
    return frozenset(found)


def _holds(condition: EnableWhen, given: Given) -> bool:
    answer = given.get(condition.question)
    if condition.operator == "exists":
        return (answer is not None) == condition.answer
    if condition.operator == "!=":
        return answer != condition.answer
    if answer is None:
        return False
    if condition.operator == "=":
        return answer == condition.answer
    if isinstance(answer, Decimal) and isinstance(condition.answer, Decimal):
        return _compare(answer, condition.operator, condition.answer)
    return _compare(str(answer), condition.operator, str(condition.answer))  # ISO dates sort as text


def _compare(a: Decimal | str, operator: str, b: Decimal | str) -> bool:
    if operator in (">", ">="):
        return a > b or (operator == ">=" and a == b)  # type: ignore[operator]
    return a < b or (operator == "<=" and a == b)  # type: ignore[operator]
