"""Make a small demo clinic with one person in chair 1, minute 96 of 240: ``python one_chair.py HOME`` prints who."""

from __future__ import annotations

import json
import sys
from pathlib import Path


def make(home: Path) -> dict[str, str]:
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
    return {"patient": str(person.pk), "name": person.name, "session": str(session.pk)}


if __name__ == "__main__":
    print(json.dumps(make(Path(sys.argv[1]))))
