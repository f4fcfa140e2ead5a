"""Marks on unconfirmed values: only where the site signed for them, silent, and never part of the session's log."""

from __future__ import annotations

from dataclasses import dataclass

from surcease.care.marks import RANK, Mark, Seen, mark
from surcease.care.session_limits import SessionLimits
from surcease.care.session_watch import background, marking
from surcease.hl7.column import Column, reading_of
from surcease.knowledge import load
from surcease.web.devices.models import UseStatement
from surcease.web.devices.queries import Feed
from surcease.web.limits.queries import limits_for
from surcease.web.treatment.queries import Sheet


@dataclass(frozen=True, slots=True)
class Shown:
    """A column as the page shows it: with what its values would be marked as if they were charted."""

    column: Column
    marks: tuple[Mark, ...] = ()

    def level_of(self, field: str) -> str:
        """amber, red or "" for a field."""
        watched = {"systolic": "blood_pressure", "diastolic": "blood_pressure"}.get(field, field)
        return min((m.level for m in self.marks if m.parameter == watched), key=RANK.__getitem__, default="")


def shown(feed: Feed, sheet: Sheet) -> tuple[Shown, ...]:
    """The columns still to be accepted; the newest one carries marks when the site signed for that."""
    found = [Shown(column) for column in feed.columns if not column.done]
    if feed.scope != UseStatement.Scope.MARKED or not found:
        return tuple(found)
    return (Shown(found[0].column, would_mark(found[0].column, sheet)), *found[1:])


def would_mark(column: Column, sheet: Sheet) -> tuple[Mark, ...]:
    """What would be marked at this moment if the column were charted, worst first; nothing before a later reading."""
    signed = limits_for(sheet.session.patient, sheet.session.site, now=sheet.state.at)
    limits = SessionLimits.of(load(), signed)
    charted = marking(sheet.order, sheet.state, limits=limits)
    if charted.seen and column.at < charted.seen[-1].at:
        return ()
    ground = background(sheet.order, sheet.state)
    found = mark(charted, Seen(column.at, reading_of(column)), limits=limits, background=ground)
    return tuple(m for m in found.open if m.seen_at == column.at)
