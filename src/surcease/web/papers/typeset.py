"""Data and a template in, a PDF out: typst, offline, with the project's own font.

What people typed reaches typst only as JSON data (``sys.inputs.data``), never as source: typst is a language.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import typst

from surcease.units import plain

STANDARD: Literal["a-2b"] = "a-2b"


class NoTemplate(LookupError):
    """There is no such template."""


def fonts() -> Path:
    """Folder of the vendored font."""
    return Path(str(resources.files("surcease.charts") / "fonts"))


def template(name: str) -> Path:
    """``<app>/<paper>``: the file ``web/<app>/papers/<paper>.typ``. Raises NoTemplate."""
    app, _, paper = name.partition("/")
    file = Path(str(resources.files("surcease.web"))) / app / "papers" / f"{paper}.typ"
    if not (app.isidentifier() and paper.replace("_", "").isalnum() and file.is_file()):
        raise NoTemplate(f"There is no paper {name!r}: give app/name of a file in an app's papers folder.")
    return file


def render(name: str, data: dict[str, Any]) -> bytes:
    """The PDF (PDF/A) of a template with ``data``. Charts go in as SVG text in the data.

    In the template: ``#import "/papers/papers/house.typ": *`` and ``#let data = json(bytes(sys.inputs.data))``.
    Raises typst's error when the template itself is wrong.
    """
    root = Path(str(resources.files("surcease.web")))
    text = json.dumps(data, default=_plain, ensure_ascii=False)
    return typst.compile(
        str(template(name)),
        root=str(root),
        font_paths=[str(fonts())],
        ignore_system_fonts=True,
        sys_inputs={"data": text},
        pdf_standards=STANDARD,
        format="pdf",
    )


def _plain(value: Any) -> Any:
    """Amounts as they are written on screen, days as ISO."""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"A paper's data cannot hold a {type(value).__name__}.")
