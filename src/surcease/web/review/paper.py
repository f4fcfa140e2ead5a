"""The papers of a review: the summary of one page, the letter to the referring doctor, the patient's copy."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from surcease.care.review import Datum
from surcease.charts import theme, timeline
from surcease.web.accounts.models import User
from surcease.web.clinic.installation import installation
from surcease.web.patients.models import Patient
from surcease.web.review.models import ReviewDecision
from surcease.web.review.queries import Reviewed

MOST = 6  # rows of a datum that are written out on paper


def summary_data(
    patient: Patient, found: Reviewed, last: ReviewDecision | None, *, by: User, now: datetime
) -> dict[str, Any]:
    """Numbered sentences with the datum of each at the foot, the timeline, the proposals. One page."""
    data = {d.key: d for d in found.data}
    keys = list(dict.fromkeys(line.datum for line in found.summary))
    lines = [{"text": line.said, "note": keys.index(line.datum) + 1} for line in found.summary]
    notes = [{"title": data[k].title, "rows": _short(data[k])} for k in keys if k in data]
    body: dict[str, Any] = {"lines": lines, "notes": notes, "said": found.said}
    if found.timeline.pain:
        small = replace(found.timeline, width=700, scores=())
        body["svg"] = theme.svg(timeline.spec(small))
        body["alt"] = timeline.sentence(found.timeline)
    body["proposals"] = [{"say": p.say, "why": " ".join(p.reasons), "on": ", ".join(p.rules)} for p in found.proposals]
    return _head(patient, _("Summary"), now) | body | {"decided": _decided(last)}


def _short(datum: Datum) -> str:
    """A datum on one line: its rows, the middle of a long one counted."""
    rows = [" ".join(cell for cell in row if cell) for row in datum.rows]
    if len(rows) > MOST:
        rows = [*rows[:3], _("… %(n)s more …") % {"n": len(rows) - 5}, *rows[-2:]]
    return "; ".join(rows) or _("nothing written down")


def copy_data(patient: Patient, last: ReviewDecision, *, now: datetime) -> dict[str, Any]:
    """The patient's copy: plain sentences as they stood when the review was signed."""
    parts = [{"text": said} for said in last.shown.get("plain", [])]
    said = {"text": _("Signed by %(who)s on %(day)s.") % {"who": last.by.printed_name, "day": f"{last.at:%d %b %Y}"}}
    return _head(patient, _("What we found and decided"), now) | {"parts": [*parts, said]}


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
    said = f"{str(last.get_action_display()).capitalize()}. {last.reason}".strip()
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
