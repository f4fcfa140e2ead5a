"""The papers of a review: the summary of one page, and the letter to the referring doctor."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from surcease.charts import theme, timeline
from surcease.web.accounts.models import User
from surcease.web.clinic.installation import installation
from surcease.web.patients.models import Patient
from surcease.web.review.models import ReviewDecision
from surcease.web.review.queries import Reviewed


def summary_data(
    patient: Patient, found: Reviewed, last: ReviewDecision | None, *, by: User, now: datetime
) -> dict[str, Any]:
    """Sentences, the timeline, the proposals."""
    parts: list[dict[str, Any]] = [{"text": line.said} for line in found.summary] or [{"text": found.said}]
    if found.timeline.pain:
        parts.append({"svg": theme.svg(timeline.timeline(found.timeline)), "alt": timeline.sentence(found.timeline)})
    parts += [{"heading": p.say, "text": " ".join(p.reasons)} for p in found.proposals]
    return _head(patient, _("Summary"), now) | {"parts": parts + _decided(last)}


def letter_data(
    patient: Patient, found: Reviewed, last: ReviewDecision | None, *, by: User | None, now: datetime
) -> dict[str, Any]:
    """A letter: who, what was given, what it did, what was decided, and how strong the evidence is."""
    opening = _("Dear colleague, thank you for referring %(name)s. This is where the treatment stands.") % {
        "name": patient.name
    }
    evidence = _(
        "The evidence for ketamine in chronic pain is moderate for complex regional pain syndrome and weak for most "
        "other conditions; a Cochrane review of 2025 found no clear benefit and more unwanted effects."
    )
    parts = [{"text": opening}, *({"text": line.said} for line in found.summary)]
    parts += _decided(last)
    parts += [{"heading": _("Evidence"), "text": evidence}, *([{"text": by.printed_name}] if by else [])]
    return _head(patient, _("Letter"), now) | {"parts": parts}


def _decided(last: ReviewDecision | None) -> list[dict[str, Any]]:
    if last is None:
        return []
    said = f"{last.get_action_display()}. {last.reason}".strip()
    after = _("Next contact: %(day)s (%(kind)s).") % {
        "day": f"{last.next_contact:%d %b %Y}",
        "kind": last.get_next_kind_display(),
    }
    return [{"heading": _("Decided %(day)s") % {"day": f"{last.at:%d %b %Y}"}, "text": f"{said} {after}"}]


def _head(patient: Patient, title: str, now: datetime) -> dict[str, Any]:
    row = installation()
    identifiers = ", ".join(i.value for i in patient.identifiers.all() if i.ended_at is None)
    return {
        "title": title,
        "organisation": row.organisation if row else "Surcease",
        "made": f"{_('made')} {now:%Y-%m-%d %H:%M} UTC",
        "person": {
            "name": patient.name,
            "born": patient.born.isoformat() if patient.born else "?",
            "identifiers": identifiers,
        },
    }
