"""Words of the command line that are measures: times, levels, lists of them. Each refusal shows an example."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from surcease.units import Quantity, UnitError

_MEASURE = re.compile(r"\s*([-+−]?[\d.,]+)\s*([^\d\s][^\s]*)?\s*")
_LONGEST_H = Decimal(24 * 366)


def hours(text: str) -> float:
    """A time such as ``20min``, ``1.5 h`` or ``2 wk`` in hours.

    >>> hours("90min")
    1.5
    >>> hours("-5min")
    Traceback (most recent call last):
    ValueError: "-5min" is not a time from the start of the first dose: write for example 20min, 1.5h or 2wk.
    """
    refusal = f'"{text}" is not a time from the start of the first dose: write for example 20min, 1.5h or 2wk.'
    found = _MEASURE.fullmatch(text)
    if not found or not found[2] or not re.fullmatch(r"\d{1,6}(\.\d{1,6})?", found[1], re.ASCII):
        raise ValueError(refusal)
    try:
        value = Quantity.of(found[1], found[2]).to("h").value
    except UnitError:
        raise ValueError(refusal) from None
    if value > _LONGEST_H:
        raise ValueError(f'"{text}" is more than a year after the first dose: give an earlier time.')
    return float(value)


def times(text: str) -> list[float]:
    """Times with commas between them, in ascending order, each once.

    >>> times("60min,20min,40min")
    [0.3333333333333333, 0.6666666666666666, 1.0]
    """
    return sorted({hours(part) for part in text.split(",")})


def level(text: str) -> tuple[float, float]:
    """A measured level and its time, ``142ng/mL@45min``, as ng/mL and hours; nmol/mL of ketamine is read too.

    >>> level("142ng/mL@45min")
    (142.0, 0.75)
    """
    measure, _, at = text.partition("@")
    refusal = f'"{text}" is not a measured level: write for example 142ng/mL@45min.'
    found = _MEASURE.fullmatch(measure)
    if not found or not found[2] or not at or not re.fullmatch(r"\d{1,6}(\.\d{1,6})?", found[1], re.ASCII):
        raise ValueError(refusal)
    return _ng_per_ml(found[1], found[2], refusal), hours(at)


def _ng_per_ml(number: str, unit: str, refusal: str) -> float:
    from surcease.pkpd.substance import MOLAR_MASS

    try:
        given = Quantity.of(number, unit)
        if given.same_kind("nmol/mL"):
            return float(given.to("nmol/mL").value) * MOLAR_MASS["ketamine"]
        return float(given.to("ng/mL").value)
    except UnitError:
        raise ValueError(refusal) from None


def between(number: float, low: float, high: float, what: str, example: str) -> float:
    """``number`` when it lies in the range; ValueError with the range and an example otherwise."""
    if not low <= number <= high:
        raise ValueError(f"{what} of {number:g} is not between {low:g} and {high:g}: write for example {example}.")
    return number


def doses_last(args: Sequence[str], flags: Sequence[str] = ()) -> list[str]:
    """Arguments in which a text that begins with a minus and a digit is an argument, never an option.

    ``flags`` are the options that take no value; what follows another option is its value.

    >>> doses_last(["-5 mg iv bolus", "--at", "-5min", "--json"], ["--json"])
    ['--at', '-5min', '--json', '--', '-5 mg iv bolus']
    """
    if "--" in args:
        return list(args)
    kept: list[str] = []
    doses: list[str] = []
    for before, arg in zip(["", *args], args, strict=False):
        is_value = before.startswith("--") and "=" not in before and before not in flags
        (doses if re.match(r"[-+][\d.]", arg) and not is_value else kept).append(arg)
    return kept + (["--", *doses] if doses else [])


def dose_command() -> Any:
    """The command class whose first argument is a dose text (see :func:`doses_last`)."""
    from typer.core import TyperCommand

    class DoseCommand(TyperCommand):
        def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
            flags = [o for p in self.params if getattr(p, "is_flag", False) for o in p.opts]
            return super().parse_args(ctx, doses_last(args, [*flags, "--help"]))

    return DoseCommand
