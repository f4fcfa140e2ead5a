"""The signed numbers in force, and whether a site may treat."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from surcease.knowledge.site import SiteLimit
from surcease.web.clinic.models import Site
from surcease.web.limits.models import Readiness, SignedLimit
from surcease.web.patients.models import Patient

WASTE_WITNESS = {"needed": _l("every waste needs one"), "not_needed": _l("waste needs none")}


NOT_NEEDED = (Readiness.Thing.HOME_ON, Readiness.Thing.HOME_OFF)  # a clinic treats without having signed these


def limits_for(patient: Patient, site: Site | None, *, now: datetime) -> tuple[SiteLimit, ...]:
    """Signed limits that hold for this person at this site: the site's first, the person's own last."""
    rows = SignedLimit.objects.filter(site=site, patient=None) | SignedLimit.objects.filter(patient=patient)
    latest: dict[tuple[bool, str, str], SiteLimit] = {}
    for row in rows.select_related("by").order_by("at"):
        person = row.patient_id is not None
        limit = SiteLimit(
            row.rule, row.by.printed_name, row.at, row.reason, row.threshold, row.value, row.expires, person=person
        )
        if limit.holds(now):
            latest[(person, row.rule, row.threshold)] = limit
    return tuple(sorted(latest.values(), key=lambda limit: (limit.person, limit.rule, limit.threshold)))


def settled(site: Site) -> dict[str, Readiness]:
    """The latest signed statement of each thing."""
    found: dict[str, Readiness] = {}
    for row in Readiness.objects.filter(site=site).select_related("by").order_by("at"):
        found[row.thing] = row
    return found


def why_not_treat(site: Site) -> str:
    """Why no session may start here yet, in one sentence; "" when everything is signed."""
    have = settled(site)
    missing = [str(label) for value, label in Readiness.Thing.choices if value not in have and value not in NOT_NEEDED]
    if not missing:
        return ""
    return _("No session starts here before the clinic has signed: %(what)s.") % {"what": "; ".join(missing)}


def crisis_numbers(site: Site | None) -> str:
    """The crisis numbers as signed; "" when nobody has."""
    row = Readiness.objects.filter(site=site, thing=Readiness.Thing.CRISIS).order_by("-at").first() if site else None
    return row.text if row else ""


def home_offered(site: Site | None) -> bool:
    """Whether the clinic has switched supervised sessions at home on: its latest signed statement about it says so."""
    row = Readiness.objects.filter(site=site, thing__in=NOT_NEEDED).order_by("-at").first() if site else None
    return row is not None and row.thing == Readiness.Thing.HOME_ON


def waste_needs_witness(site: Site) -> bool:
    """By the clinic's signed witness rule; as long as none says otherwise, it does."""
    row = Readiness.objects.filter(site=site, thing=Readiness.Thing.WITNESS).order_by("-at").first()
    return row is None or row.rule.get("waste_witness") != "not_needed"
