"""Noticing that a monitor is silent: a technical word on the chair's page and the board, never an alarm.

Every two seconds each confirmed monitor is asked when it was last heard; after one and a half of its intervals it is
silent, until it is heard again, whether or not somebody has seen that. A monitor that sends but has no signal is not
silent: its values grow old on the page one by one.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from surcease.web.audit import trail
from surcease.web.devices import tally
from surcease.web.devices.actions import end_pairing
from surcease.web.devices.models import Pairing, Silence
from surcease.web.devices.queries import expected_of, quiet_after
from surcease.web.devices.scope import scopes_of
from surcease.web.live.publish import publish
from surcease.web.treatment.actions import board_channel, session_channel

EVERY_S = 2


def look(now: datetime) -> int:
    """Begin and end silences; how many monitors are silent."""
    open_ = list(Pairing.objects.filter(ended_at=None).select_related("device", "session"))
    scopes = scopes_of({p.session.site_id for p in open_})
    known = {s.pairing_id: s for s in Silence.objects.filter(pairing__in=open_, ended_at=None)}
    heard, count = tally.last_heard(p.device.sent_as for p in open_), 0
    for pairing in open_:
        if pairing.session.closed_at is not None:
            end_pairing(by=None, now=now, pairing=pairing)  # a closed session holds no monitor
            continue
        last = max(heard.get(pairing.device.sent_as, pairing.confirmed_at), pairing.confirmed_at)
        watched = scopes.get(pairing.session.site_id, "off") != "off"
        is_silent = watched and now - last > quiet_after(expected_of([pairing.device]))
        count += is_silent
        if is_silent != (pairing.pk in known):
            _change(pairing, known.get(pairing.pk), last, now)
    return count


@transaction.atomic
def _change(pairing: Pairing, silence: Silence | None, last: datetime, now: datetime) -> None:
    if silence is None:
        row, _new = Silence.objects.get_or_create(
            pairing=pairing, ended_at=None, defaults={"since": last, "noticed_at": now}
        )
        said = "monitor silent"
    else:
        row, said = silence, "monitor heard again"
        row.ended_at = now
        row.save(update_fields=["ended_at"])
    details = {"device": pairing.device.name, "since": last.isoformat()}
    trail.write(said, by="server", about=row, patient=pairing.session.patient_id, details=details)
    publish(session_channel(pairing.session_id), "feed", {})
    publish(board_channel(pairing.session.site_id), "board", {})
