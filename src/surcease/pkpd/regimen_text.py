"""Regimen text, read and written: the grammar that commands, protocols and files share.

::

    regimen = item { "then" ["after" T] item }          each begins when the one before has ended (T later)
            | item { "and" ["after" T] item }           each begins T after the first began
    item    = ( dose | "(" regimen ")" ) { "every" T "x" N | "daily" "x" N | "weekdays" "x" N ["from" DAY] }
    dose    = AMOUNT [ "over" T | "bolus" ] | RATE "for" T
            | RATE1 "to" RATE2 "for" T [ "by" STEP "every" T ]
              … with, in any order: a route (iv im sc in sl po), "racemic" or "esketamine", "as hcl" or
              "as base", "max" AMOUNT or RATE, "prn"
    AMOUNT  = NUMBER (mg | g | mcg | mg/kg | mcg/kg)
    RATE    = NUMBER (mg/h | mg/kg/h | mcg/kg/min | …)
    T       = NUMBER (s | min | h | d | wk)
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal

from surcease.pkpd.dose import ROUTES, WEEKDAYS, Dose, Item, Repeat, Sequence, Together, Weekdays
from surcease.pkpd.substance import RACEMIC, SUBSTANCE_WORDS
from surcease.units import Quantity, say_unit

EXAMPLE = "0.5 mg/kg over 40 min iv"
EXAMPLE_RATE = "22.2 mg/h for 100 h iv esketamine"

# A number (with whatever sign, comma or exponent, to be refused by name), a mark, or a word.
_TOKEN = re.compile(r"\s*([-+−–]?[.,]*\d[\d.,]*(?:e[-+]?\d+)?|[()×]|x(?=\d)|[^\s\d()×][^\s()×]*)")
_NUMBER = re.compile(r"\d{1,6}(\.\d{1,6})?", re.ASCII)
_TIMES = {
    "s": "s", "sec": "s", "min": "min", "mins": "min", "minute": "min", "minutes": "min", "m": "min", "h": "h",
    "hr": "h", "hrs": "h", "hour": "h", "hours": "h", "d": "d", "day": "d", "days": "d", "wk": "wk", "week": "wk",
    "weeks": "wk",
}  # fmt: skip
_MASS = {"mg": "mg", "g": "g", "mcg": "ug", "ug": "ug", "µg": "ug", "μg": "ug"}
_UNITS = {m + kg + t: _MASS[m] + kg + t.replace("hr", "h").replace("day", "d")
          for m in _MASS for kg in ("", "/kg") for t in ("", "/h", "/hr", "/min", "/d", "/day")}  # fmt: skip
# The most that any use of ketamine has seen, with room; above it a slip of the pen is likelier than an order.
_MOST = {"mg": 5000, "mg/kg": 50, "mg/h": 2000, "mg/kg/h": 50}
_LONGEST_S, _LONGEST = Decimal(366 * 86400), "366 days"
_MOST_REPEATS = 2000
_NO_TIME = Quantity(Decimal(0), "h")
_QUALIFIERS = (*ROUTES, *SUBSTANCE_WORDS, "over", "for", "bolus", "by", "max", "as", "prn")


class DoseTextError(ValueError):
    """Regimen text that cannot be read; the message names the part and shows an example."""


@dataclass(slots=True)
class _Reader:
    """The tokens, the place reached, and what earlier doses said (a later dose may leave route and drug out)."""

    tokens: list[str]
    at: int = 0
    route: str = ""
    substance: str = ""
    seen: list[str] = field(default_factory=list)

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self.at += 1
        return token

    def accept(self, *words: str) -> bool:
        if self.peek() in words:
            self.at += 1
            return True
        return False

    def here(self) -> str:
        """The part around the place reached, for a message."""
        near = self.tokens[max(0, self.at - 2) : self.at + 2]
        return " ".join(near) or "the end"


def read(text: str) -> Item:
    """The item that ``text`` describes; :class:`DoseTextError` with one sentence when it cannot be read."""
    tokens = _tokens(text)
    if not tokens:
        raise DoseTextError(f'The dose text is empty: write for example "{EXAMPLE}".')
    reader = _Reader(tokens)
    item = _sequence(reader)
    if reader.peek():
        raise _not_understood(reader, reader.peek())
    return item


def _tokens(text: str) -> list[str]:
    text, tokens, at = text.strip().lower(), [], 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        assert match  # every character is a number, a mark or a word
        tokens.append("x" if match[1] == "×" else match[1])
        at = match.end()
    return tokens


def _sequence(reader: _Reader) -> Item:
    items, gaps, word = [_item(reader)], [], reader.peek()
    while word in ("then", "and") and reader.accept(word):
        gaps.append(_time(reader, "after") if reader.accept("after") else _NO_TIME)
        items.append(_item(reader))
    if len(items) == 1:
        return items[0]
    return Sequence(tuple(items), tuple(gaps)) if word == "then" else Together(tuple(items), (_NO_TIME, *gaps))


def _item(reader: _Reader) -> Item:
    if reader.accept("("):
        item = _sequence(reader)
        if not reader.accept(")"):
            raise _not_understood(reader, reader.peek() or "the end", 'a closing ")" is missing')
    else:
        item = _dose(reader)
    while True:
        if reader.accept("every"):
            item = Repeat(item, _time(reader, "every"), _count(reader))
        elif reader.accept("daily"):
            item = Repeat(item, Quantity(Decimal(24), "h"), _count(reader))
        elif reader.accept("weekdays"):
            item = _weekdays(reader, item)
        else:
            return item


def _weekdays(reader: _Reader, item: Item) -> Weekdays:
    times = _count(reader)
    if not reader.accept("from"):
        return Weekdays(item, times, assumed=True)
    word = reader.take()
    day = next((d for d in WEEKDAYS if len(word) >= 3 and d.startswith(word)), None)
    if day is None:
        raise DoseTextError(f'"{word}" is not a day of the week: write for example "weekdays x 10 from monday".')
    return Weekdays(item, times, day)


def _count(reader: _Reader) -> int:
    if not reader.accept("x"):
        raise _not_understood(reader, reader.peek() or "the end", 'a repeat needs "x" and a number')
    word = reader.take()
    if not re.fullmatch(r"[0-9]{1,6}", word) or not 1 <= int(word) <= _MOST_REPEATS:
        raise DoseTextError(
            f'"x {word}" is not a number of times between 1 and {_MOST_REPEATS}: '
            f'write for example "{EXAMPLE} every 24 h x 10".'
        )
    return int(word)


def _number(reader: _Reader, what: str) -> Decimal:
    word = reader.take()
    if word[:1] in "-−–" and word[1:2].isdigit():
        raise DoseTextError(f'"{word}" is negative: {what} is a positive number, for example "{EXAMPLE}".')
    if not _NUMBER.fullmatch(word):
        raise DoseTextError(
            f'"{word or "the end"}" is not {what}: use digits with a point, for example "{EXAMPLE}" or '
            f'"{EXAMPLE_RATE}".'
        )
    if Decimal(word) == 0:
        raise DoseTextError(f'"{word}" is zero: {what} is a positive number, for example "{EXAMPLE}".')
    return Decimal(word)


def _time(reader: _Reader, after: str) -> Quantity:
    number = _number(reader, f'a time after "{after}"')
    word = reader.take()
    if word not in _TIMES:
        raise DoseTextError(
            f'"{number} {word or "the end"}" is not a time: write s, min, h, d or wk, for example "{EXAMPLE}".'
        )
    time = Quantity(number, _TIMES[word])
    if time.to("s").value > _LONGEST_S:
        raise DoseTextError(f'"{number} {word}" is longer than {_LONGEST}: write for example "{EXAMPLE_RATE}".')
    return time


def _unit(reader: _Reader, number: Decimal) -> str:
    word = reader.take()
    if word not in _UNITS:
        raise DoseTextError(
            f'"{number} {word or "the end"}" has no unit that is known here: write mg, mg/kg, mg/h, mg/kg/h or '
            f'mcg/kg/min, for example "{EXAMPLE}".'
        )
    return _UNITS[word]


def _amount(reader: _Reader, what: str) -> Quantity:
    number = _number(reader, what)
    return _plausible(Quantity(number, _unit(reader, number)))


def _plausible(amount: Quantity) -> Quantity:
    for unit, most in _MOST.items():
        if amount.same_kind(unit) and amount.to(unit).value > most:
            raise DoseTextError(
                f'"{write_quantity(amount)}" is beyond any use of ketamine (more than {most} {unit}): '
                f'write for example "{EXAMPLE}".'
            )
    return amount


def _dose(reader: _Reader) -> Dose:
    first = _number(reader, "a dose")
    last = _number(reader, 'the last rate of a ramp after "to"') if reader.accept("to") else None
    unit = _unit(reader, first)
    said: dict[str, object] = {"amount": _plausible(Quantity(first, unit))}
    if last is not None:
        said["to"] = _plausible(Quantity(last, unit))
    while reader.peek() in _QUALIFIERS:
        word = reader.take()
        for key, value in _qualifier(reader, word, unit).items():
            if key in said:
                raise DoseTextError(f'"{word}" says again what the dose already says: write for example "{EXAMPLE}".')
            said[key] = value
    return _finish(reader, said)


def _qualifier(reader: _Reader, word: str, unit: str) -> dict[str, object]:
    """What one word of a dose, with the words that belong to it, adds."""
    if word in ROUTES:
        return {"route": word}
    if word in SUBSTANCE_WORDS:
        return {"substance": SUBSTANCE_WORDS[word]}
    if word in ("over", "for"):
        return {"duration": _time(reader, word), "_by": word}
    if word == "max":
        return {"cap": _amount(reader, 'the most after "max"')}
    if word == "by":
        return _step(reader, unit)
    if word == "as":
        form = reader.take()
        if form not in ("hcl", "base"):
            raise DoseTextError(f'"as {form or "the end"}" is not known: write "as hcl" or "as base".')
        return {"salt": form == "hcl"}
    return {"as_needed": True} if word == "prn" else {"_by": "bolus"}


def _step(reader: _Reader, unit: str) -> dict[str, object]:
    number = _number(reader, 'a step after "by"')
    step_unit = _unit(reader, number) if reader.peek() in _UNITS else unit
    if not reader.accept("every"):
        raise _not_understood(reader, reader.peek() or "the end", 'a step needs "every" and a time')
    step = Quantity(number, step_unit)
    if not step.same_kind(unit):
        raise DoseTextError(f'The step "{write_quantity(step)}" is not in {say_unit(unit)}, as the ramp is.')
    return {"step": step.to(unit), "step_every": _time(reader, "every")}


def _finish(reader: _Reader, said: dict[str, object]) -> Dose:
    by, assumed = said.pop("_by", ""), []
    if "route" in said:
        reader.route = str(said["route"])
    elif reader.route:
        said["route"] = reader.route
        assumed.append(f"route {reader.route}, as the dose before")
    if "substance" in said:
        reader.substance = str(said["substance"])
    else:
        said["substance"] = reader.substance or RACEMIC
        before = ", as the dose before" if reader.substance else ""
        assumed.append(
            f"{said['substance']} ketamine{before}" if said["substance"] == RACEMIC else f"{said['substance']}{before}"
        )
    if "route" not in said:
        raise DoseTextError(
            f'"{write_quantity(said["amount"])}" has no route: add iv, im, sc, in, sl or po, '  # type: ignore[arg-type]
            f'for example "{EXAMPLE}".'
        )
    dose = Dose(**said, assumed=tuple(assumed))  # type: ignore[arg-type]
    _check(dose, str(by))
    return dose


def _check(dose: Dose, by: str) -> None:
    """Refuse combinations that mean nothing."""
    text = write_quantity(dose.amount)
    if dose.is_rate and by != "for":
        raise DoseTextError(f'The rate "{text}" needs "for" and a time, for example "{EXAMPLE_RATE}".')
    if not dose.is_rate and by == "for":
        raise DoseTextError(f'The amount "{text}" takes "over" and a time, not "for", for example "{EXAMPLE}".')
    if not dose.is_rate and (dose.to or dose.step):
        raise DoseTextError(f'"{text}" is an amount; only a rate can ramp, for example "5 to 20 mg/h for 10 h iv".')
    if dose.step and not dose.to:
        raise DoseTextError(f'"by" needs "to", for example "5 to 20 mg/h by 5 every 2 h for 100 h iv" (at "{text}").')
    if dose.duration and dose.route not in ("iv", "sc", "im"):
        raise DoseTextError(f'"{text} {dose.route}" is given at once, not over a time: leave "over" or "for" out.')
    if dose.cap and not dose.cap.same_kind("mg/h" if dose.is_rate else "mg"):
        raise DoseTextError(
            f'"max {write_quantity(dose.cap)}" must be in {"mg/h" if dose.is_rate else "mg"}, as "{text}" is.'
        )
    if dose.cap and dose.to and not dose.step:
        raise DoseTextError(f'"max" goes with a rate or with steps, not with the ramp at "{text}": end the ramp there.')


def _not_understood(reader: _Reader, part: str, why: str = "") -> DoseTextError:
    because = f" ({why})" if why else ""
    return DoseTextError(f'"{part}" was not understood at "{reader.here()}"{because}: write for example "{EXAMPLE}".')


def write_number(value: Decimal) -> str:
    """Digits as the grammar reads them: no exponent, at most six decimals, no trailing zeros."""
    return f"{round(value, 6).normalize():f}"


def write_quantity(quantity: Quantity) -> str:
    """An amount or a time as the grammar reads it, with mcg for microgram."""
    return f"{write_number(quantity.value)} {say_unit(quantity.unit)}"


def write(item: Item) -> str:
    """The text of ``item``; ``read(write(item)) == item`` for whatever ``read`` gave."""
    if isinstance(item, Dose):
        return _write_dose(item)
    if isinstance(item, Sequence):
        return _write_parts("then", item.items, item.gaps)
    if isinstance(item, Together):
        return _write_parts("and", item.items, item.offsets[1:])
    inner = _write_dose(item.item) if isinstance(item.item, Dose) else f"({write(item.item)})"
    if isinstance(item, Repeat):
        return f"{inner} every {write_quantity(item.every)} x {item.times}"
    return f"{inner} weekdays x {item.times}" + ("" if item.assumed else f" from {item.first}")


def _write_parts(word: str, items: tuple[Item, ...], times: tuple[Quantity, ...]) -> str:
    parts = [_group(items[0])]
    for time, part in zip(times, items[1:], strict=True):
        parts.append(f"{word} after {write_quantity(time)} {_group(part)}" if time.value else f"{word} {_group(part)}")
    return " ".join(parts)


def _group(item: Item) -> str:
    return f"({write(item)})" if isinstance(item, Sequence | Together) else write(item)


def _write_dose(dose: Dose) -> str:
    words = [write_number(dose.amount.value)]
    if dose.to:
        words += ["to", write_number(dose.to.value)]
    words.append(say_unit(dose.amount.unit))
    if dose.step and dose.step_every:
        words += ["by", write_number(dose.step.value), "every", write_quantity(dose.step_every)]
    if dose.duration:
        words += ["for" if dose.is_rate else "over", write_quantity(dose.duration)]
    words += ["max", write_quantity(dose.cap)] if dose.cap else []
    words.append(dose.route)
    if dose.substance != RACEMIC or not any(a.startswith(RACEMIC) for a in dose.assumed):
        words.append(dose.substance)
    words += (["as hcl"] if dose.salt else []) + (["prn"] if dose.as_needed else [])
    return " ".join(words)
