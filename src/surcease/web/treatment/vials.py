"""The vial that go/no-go names. The ledger says whether it knows it: it registers its answer here (AppConfig.ready)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from surcease.web.treatment.models import TreatmentSession


@dataclass(frozen=True, slots=True)
class VialSeen:
    """What was scanned or typed, as the ledger knows it. ``why_not`` is the sentence at the field, "" when fit."""

    code: str
    said: str = ""
    why_not: str = ""


Look = Callable[[TreatmentSession, str], VialSeen]
_look: list[Look] = []


def ledger_of_vials(look: Look) -> None:
    """The ledger says how a vial is looked up."""
    _look[:] = [look]


def look_at(session: TreatmentSession, text: str) -> VialSeen:
    """The vial as scanned or typed; without a ledger it is only written down."""
    code = text.strip().upper()
    return _look[0](session, code) if _look else VialSeen(code)
