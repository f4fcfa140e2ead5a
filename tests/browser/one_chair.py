"""Make a small demo clinic with one person in chair 1, minute 96 of 240: ``python one_chair.py HOME`` prints who.

With ``--monitor`` the feed is signed for and monitor SIM-1 is on the person already.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def make(home: Path, *, monitor: bool = False) -> dict[str, str]:
    """Prepare the database and seat the person."""
    from surcease.web import start
    from surcease.web.home import Home

    start.set_up(Home.at(home))
    start.prepare()
    from django.db import transaction
    from django.utils import timezone

    from surcease.web.accounts.demo import make_sign_ins
    from surcease.web.clinic.installation import give_birth
    from surcease.web.demo.cast import cast
    from surcease.web.demo.clock import Clock
    from surcease.web.demo.fill import _stage
    from surcease.web.demo.stories_chairs import chair_one
    from surcease.web.treatment.models import TreatmentSession

    with transaction.atomic():
        give_birth(kind="demo", organisation="One Chair")
        stage = _stage(Clock.at(timezone.now()), {str(u.role): u for u in make_sign_ins()}, 1)
        person = chair_one(stage, next(who for who in cast() if who.story == "chair_one"))
    session = TreatmentSession.objects.get(patient=person, closed_at=None)
    if monitor:
        _with_monitor(stage, session, person)
    return {"patient": str(person.pk), "name": person.name, "session": str(session.pk)}


def _with_monitor(stage: Any, session: Any, person: Any) -> None:
    from surcease.web.accounts.models import User
    from surcease.web.devices import actions

    lead, now = User.objects.get(role="lead"), stage.clock.now
    actions.sign_use(by=lead, now=now, method="password", site=stage.site, scope="shown", text="Beside the monitor.")
    device = actions.accept_device(
        by=stage.nurse, now=now, site=stage.site, sent_as="SIM-1", name="Monitor 1", chair=session.chair, interval_s=1
    )
    actions.pair(by=stage.nurse, now=now, device=device, session=session, patient=person)


if __name__ == "__main__":
    print(json.dumps(make(Path(sys.argv[1]), monitor="--monitor" in sys.argv)))
