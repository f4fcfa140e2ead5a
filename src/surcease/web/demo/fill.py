"""Fill an empty database with the demo clinic, in one transaction: all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from random import Random

from django.db import transaction
from django.utils import timezone

from surcease.web.accounts.demo import make_sign_ins
from surcease.web.accounts.models import Role, User
from surcease.web.clinic.installation import give_birth
from surcease.web.demo.cast import cast
from surcease.web.demo.clock import Clock
from surcease.web.demo.shelf import stock_the_shelf
from surcease.web.demo.stage import Stage
from surcease.web.demo.stories import STORIES
from surcease.web.diary.hours import set_hours
from surcease.web.limits import actions as limits
from surcease.web.limits.models import Readiness
from surcease.web.patients.models import Patient
from surcease.web.treatment.models import Chair

SEED = 20
DECIDED = {
    Readiness.Thing.LIMITS: "Limits as shipped; reviewed by the clinical governance group.",
    Readiness.Thing.RESCUE: "Rescue formulary of the clinic, doses on the laminated card in each bay.",
    Readiness.Thing.WITNESS: "A second registered nurse or pharmacist, never the person who drew it up.",
    Readiness.Thing.CRISIS: "Crisis line 988 (call or text), all hours.\nEmergency 911.",
    Readiness.Thing.HOURS: "Diaries and messages are read Monday to Friday, 8:00 to 17:00.",
    Readiness.Thing.ESCALATION: "Nurse, after 30 minutes physician, after another 30 the clinic lead.",
}


@transaction.atomic
def fill(*, now: datetime | None = None, seed: int = SEED, told: Callable[[int, int], None] | None = None) -> int:
    """Make the demo clinic; how many people it has. ``told(done, all)`` hears how far it is."""
    give_birth(kind="demo", organisation="Harbour Street Pain Clinic")
    clock = Clock.at(now or timezone.now())
    users = {str(user.role): user for user in make_sign_ins()}
    stage = _stage(clock, users, seed)
    people = cast()
    for n, who in enumerate(people, start=1):
        person = STORIES[who.story](stage, who)
        if who.story == "chair_one":
            _sign_in_of(person, users[Role.PATIENT])
        if told:
            told(n, len(people))
    stock_the_shelf(stage)
    return len(people)


def _stage(clock: Clock, users: dict[str, User], seed: int) -> Stage:
    site = users[Role.NURSE].sites.get()
    site.zone, site.phone = clock.zone, "555 0142"
    site.save(update_fields=["zone", "phone"])
    chairs = [Chair.objects.create(site=site, name=f"Chair {n}", position=n) for n in range(1, 7)]
    for thing, text in DECIDED.items():
        limits.settle(by=users[Role.LEAD], now=clock.on(-90), method="password", site=site, thing=thing, text=text)
    week = {day: ["08:00", "17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}  # as HOURS says in words
    set_hours(by=users[Role.LEAD], now=clock.on(-90), site=site, week=week, closed=[])
    return Stage(site, users, clock, Random(seed), chairs)  # noqa: S311  (chance, not secrets)


def _sign_in_of(person: Patient, user: User) -> None:
    """The demo's patient is somebody who is here today."""
    user.name = person.name
    user.save(update_fields=["name"])
    person.user = user
    person.save(update_fields=["user"])
