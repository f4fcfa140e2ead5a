"""Make a small demo clinic in a home folder: the six sign-ins, four chairs, one invented woman whose facts are known.

Run as a script: ``python small_clinic.py HOME`` prints the person's id as JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def make(home: Path, *, planned: bool = False) -> dict[str, str]:
    """Prepare the database and put the person in it; ``planned`` with a plan signed five days ago."""
    from surcease.web import start
    from surcease.web.home import Home

    start.set_up(Home.at(home))
    start.prepare()
    from django.db import transaction
    from django.utils import timezone

    from surcease.web.accounts.demo import make_sign_ins
    from surcease.web.accounts.models import Role
    from surcease.web.clinic.installation import give_birth
    from surcease.web.demo.cast import cast
    from surcease.web.demo.clock import Clock
    from surcease.web.demo.fill import _sign_in_of, _stage
    from surcease.web.demo.stories_chairs import _today_weight

    with transaction.atomic():
        give_birth(kind="demo", organisation="Small Clinic")
        users = {str(u.role): u for u in make_sign_ins()}
        stage = _stage(Clock.at(timezone.now()), users, 1)
        who = cast()[0]
        person = stage.enrol(who, days=3)
        stage.answer_everything(person, who, stage.clock.on(-1, 11), hcg_positive=False)
        if planned:
            _today_weight(stage, person, who.kg)
            stage.decide(person, stage.clock.on(-1, 14))
            stage.plan(person, who, start=stage.clock.weekday_on_or_before(0), signed=0)
        _sign_in_of(person, users[Role.PATIENT])
    return {"patient": str(person.pk), "born": who.born.isoformat(), "name": person.name, "kg": str(who.kg)}


if __name__ == "__main__":
    print(json.dumps(make(Path(sys.argv[1]), planned="planned" in sys.argv[2:])))
