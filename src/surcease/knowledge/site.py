"""What a clinic or a physician has signed about a rule: another number, or a stricter outcome. Dated, never silent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class SiteLimit:
    """One signed record. With ``threshold`` and ``value`` it changes a number of a site-configurable rule; without,
    it signs the rule's ``signed_outcome``. ``person`` marks a physician's limit for one person: it never silences a
    finding, it turns what the site's number would ask into REVIEW."""

    rule: str
    by: str
    at: datetime
    reason: str
    threshold: str = ""
    value: Decimal | None = None
    expires: date | None = None
    person: bool = False

    def holds(self, now: datetime) -> bool:
        """Whether it is signed and not yet expired at ``now``."""
        return self.at <= now and (self.expires is None or now.date() <= self.expires)
