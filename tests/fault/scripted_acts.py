"""Acts of a session, each acknowledged on a file of its own once it is kept: ``scripted_acts.py HOME NUMBER``."""

from __future__ import annotations

import os
import sys
from decimal import Decimal
from pathlib import Path


def main(home: Path, number: int) -> None:
    """Readings, acknowledgements of marks and signed waste, one after the other."""
    from surcease.web import start
    from surcease.web.home import Home

    start.set_up(Home.at(home))
    from django.db import connection
    from django.utils import timezone

    from surcease.care.event import Acknowledged, Reading
    from surcease.web.accounts.models import User
    from surcease.web.limits.actions import settle
    from surcease.web.treatment.actions import add_event
    from surcease.web.treatment.models import TreatmentSession

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_autocheckpoint=60")  # so that several checkpoints fall into the recording
    out = os.open(home / "acknowledged", os.O_WRONLY | os.O_CREAT)
    nurse, lead, session = User.objects.get(role="nurse"), User.objects.get(role="lead"), TreatmentSession.objects.get()
    for n in range(number):
        now = timezone.now()
        said = Reading(systolic=Decimal(120 + n % 30)) if n % 3 else Acknowledged("MON-01", "seen")
        row = add_event(by=nurse, now=now, session=session, payload=said)
        os.write(out, f"{row.event_id.hex}\n".encode())
        if n % 20 == 0:
            settle(by=lead, now=now, method="password", site=session.site, thing="limits", text=f"decided {n}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
