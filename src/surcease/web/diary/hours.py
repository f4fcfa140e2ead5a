"""Who reads what patients send, and when: the clinic's hours, said in words that promise nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from surcease.care.opening import DAYS, Opening, opening, week_errors
from surcease.web.accounts.models import Role, User
from surcease.web.audit import trail
from surcease.web.clinic.models import Site
from surcease.web.clinic.settings import put_setting, setting
from surcease.web.intake.calls import PATHWAY, pathway
from surcease.web.limits.queries import crisis_numbers

HOURS, CLOSED_DAYS = "diary.hours", "diary.closed_days"
DAY_WORDS = {
    "mon": gettext_lazy("Monday"), "tue": gettext_lazy("Tuesday"), "wed": gettext_lazy("Wednesday"),
    "thu": gettext_lazy("Thursday"), "fri": gettext_lazy("Friday"), "sat": gettext_lazy("Saturday"),
    "sun": gettext_lazy("Sunday"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Help:
    """What a page that asks about danger must carry: whom to call, and who does not read it."""

    crisis: str
    phone: str
    watched: str
    name: str = ""


def help_of(site: Site | None, now: datetime) -> Help:
    """The help of one site at this moment."""
    return Help(crisis_numbers(site), site.phone if site else "", who_reads(site, now), site.name if site else "")


def help_of_all() -> list[Help]:
    """The help of every site, for a page that does not know whose it is and may be read at any hour."""
    sites = Site.objects.order_by("name")
    return [Help(crisis_numbers(s), s.phone, week_in_words(week_of(s)), s.name) for s in sites]


def week_of(site: Site | None) -> Mapping[str, Any]:
    """The hours as the clinic set them, {} when it has not."""
    return dict(setting(HOURS, {}, site=site)) if site else {}


def opening_of(site: Site | None, now: datetime) -> Opening:
    """Whether somebody reads now, and when next."""
    closed = frozenset(setting(CLOSED_DAYS, [], site=site)) if site else frozenset()
    return opening(week_of(site), site.zone if site else "UTC", now, closed=closed)


def who_reads(site: Site | None, now: datetime) -> str:
    """One sentence: who reads this, or until when nobody does."""
    state = opening_of(site, now)
    if state.open:
        return _("The team reads this during opening hours, not every minute.")
    if state.next is None or site is None:
        return _("Nobody watches this page. Do not wait for an answer here.")
    local = state.next.astimezone(ZoneInfo(site.zone))
    when = {
        "day": str(DAY_WORDS[DAYS[local.weekday()]]),
        "date": formats.date_format(local, "j M"),
        "time": f"{local:%H:%M}",
    }
    return _("The clinic is closed: no nurse and no doctor reads this before %(day)s %(date)s, %(time)s.") % when


def week_in_words(week: Mapping[str, Any]) -> str:
    """The whole week in one sentence, for a page without a clock of its own."""
    if not week:
        return _("Nobody watches this page. Do not wait for an answer here.")
    days = "; ".join(f"{DAY_WORDS[d]} {week[d][0]}–{week[d][1]}" for d in DAYS if d in week)
    return _("The team reads this %(days)s. At all other times nobody does.") % {"days": days}


@transaction.atomic
def set_hours(*, by: User, now: datetime, site: Site, week: Mapping[str, Any], closed: list[str]) -> None:
    """Set the hours in which the diary is read. ValueError in one sentence when they cannot be meant."""
    if said := week_errors(week):
        raise ValueError(said)
    put_setting(HOURS, dict(week), by=by, site=site)
    put_setting(CLOSED_DAYS, closed, by=by, site=site)
    trail.write("set diary hours", by=by, about=site, details={"week": dict(week), "closed": closed})


@transaction.atomic
def set_pathway(*, by: User, now: datetime, site: Site, steps: list[dict[str, Any]]) -> None:
    """Set whom an answer that needs somebody reaches next, in order. Never nobody."""
    if not steps or any(s.get("role") not in Role.values or s.get("after_min", -1) < 0 for s in steps):
        raise ValueError(_("Name at least one role, and minutes from 0 on."))
    put_setting(PATHWAY, steps, by=by, site=site)
    trail.write("set diary pathway", by=by, about=site, details={"steps": steps})


def steps_in_words(site: Site | None) -> list[str]:
    """The pathway as lines."""
    roles = dict(Role.choices)
    return [_("after %(min)s min: %(role)s") % {"min": s["after_min"], "role": roles[s["role"]]} for s in pathway(site)]
