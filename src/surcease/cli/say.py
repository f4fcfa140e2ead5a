"""What every command says in the same way: JSON with its schema, and one sentence when input is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NoReturn

import typer

from surcease import __version__


def print_json(schema: str, body: dict[str, Any]) -> None:
    """Print ``{"schema": …, "surcease": version, …body}``; Decimals become numbers, dates ISO text."""
    typer.echo(json.dumps({"schema": schema, "surcease": __version__, **body}, default=_plain, ensure_ascii=False))


def refuse(sentence: str) -> NoReturn:
    """One sentence on standard error, exit code 2, nothing done."""
    typer.echo(sentence, err=True)
    raise typer.Exit(2)


@contextmanager
def one_sentence(*kinds: type[Exception]) -> Iterator[None]:
    """Turn the misuse exceptions of the pure floors into :func:`refuse`."""
    expected = kinds or (ValueError, FileNotFoundError)
    try:
        yield
    except expected as error:
        refuse(str(error))


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    return str(value)
