"""Writes of the live feed: what a person says about it. What monitors send is taken by ``ingest``."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from surcease.hl7.table import table
from surcease.knowledge import load
from surcease.web.accounts.models import User
from surcease.web.audit import trail
from surcease.web.clinic.models import Site
from surcease.web.devices.ingest import take_samples
from surcease.web.devices.models import Device, Pairing, Silence, SiteCode, UseStatement
from surcease.web.live.publish import publish
from surcease.web.patients.models import Patient
from surcease.web.signing.actions import sign
from surcease.web.treatment.actions import board_channel, session_channel
from surcease.web.treatment.models import Chair, TreatmentSession

__all__ = ["accept_device", "end_pairing", "map_code", "pair", "retire", "see_silence", "sign_use", "take_samples"]


@transaction.atomic
def sign_use(*, by: User, now: datetime, method: str, site: Site, scope: str, text: str) -> UseStatement:
    """Sign how far the live feed goes at a site. ValueError says what is missing."""
    if scope not in UseStatement.Scope.values:
        raise ValueError(f"{scope!r} is not how far a feed goes: {', '.join(UseStatement.Scope.values)}.")
    if not text.strip():
        raise ValueError("Write down what was decided before signing it.")
    row = UseStatement(site=site, scope=scope, text=text.strip(), by=by, at=now)
    row.save()
    content = {"site": str(site.pk), "scope": scope, "text": row.text}
    sign(by=by, now=now, record_kind="intended use", record_id=row.pk, version=1, content=content, meaning="author",
         method=method)  # fmt: skip
    trail.write("sign intended use", by=by, about=row, details={"scope": scope})
    return row


@transaction.atomic
def accept_device(
    *, by: User, now: datetime, site: Site, sent_as: str, name: str, chair: Chair | None = None, interval_s: int = 5,
    cuff_min: int = 5,
) -> Device:  # fmt: skip
    """A person says which monitor this is. ValueError when its name is already taken by one."""
    if not sent_as.strip() or not name.strip():
        raise ValueError("A monitor needs a name, and the name it sends.")
    if Device.objects.filter(sent_as=sent_as, retired_at=None).exists():
        raise ValueError("A monitor that sends this name is already accepted: retire it first.")
    row = Device(
        site=site, name=name.strip(), sent_as=sent_as, chair=chair, interval_s=interval_s, cuff_min=cuff_min,
        accepted_by=by, accepted_at=now,
    )  # fmt: skip
    row.save()
    trail.write("accept monitor", by=by, about=row, details={"sent_as": sent_as, "interval_s": interval_s})
    return row


@transaction.atomic
def retire(*, by: User, now: datetime, device: Device) -> None:
    """The monitor is gone; whatever it was on ends."""
    for pairing in Pairing.objects.filter(device=device, ended_at=None).select_related("session"):
        end_pairing(by=by, now=now, pairing=pairing)
    device.retired_at = now
    device.save(update_fields=["retired_at"])
    trail.write("retire monitor", by=by, about=device)


@transaction.atomic
def pair(*, by: User, now: datetime, device: Device, session: TreatmentSession, patient: Patient) -> Pairing:
    """A person confirms monitor, chair and person. ``patient`` was opened through ``patients.access``.

    ValueError in one sentence when it cannot be: no chair, another site, the session is over, or the monitor is
    still on somebody.
    """
    locked = TreatmentSession.objects.select_for_update().get(pk=session.pk)
    if locked.patient_id != patient.pk or locked.closed_at is not None:
        raise ValueError("This session is over: nothing is paired with it.")
    if locked.chair is None or device.site_id != locked.site_id or device.retired_at is not None:
        raise ValueError("The person needs a chair, and the monitor must belong to this site.")
    if Pairing.objects.filter(device=device, ended_at=None, session__closed_at=None).exists():
        raise ValueError(f"{device.name} is still on somebody: end that first, at that chair.")
    for old in Pairing.objects.filter(device=device, ended_at=None).select_related("session"):
        end_pairing(by=by, now=now, pairing=old)
    ids = [i.value for i in patient.identifiers.all() if i.ended_at is None]
    row = Pairing(device=device, session=locked, chair=locked.chair, person_ids=ids, confirmed_by=by, confirmed_at=now)
    row.save()
    trail.write("pair monitor", by=by, about=row, details={"device": device.name, "chair": locked.chair.name})
    _tell(row)
    return row


@transaction.atomic
def end_pairing(*, by: User | None, now: datetime, pairing: Pairing) -> None:
    """The monitor is no longer on this person."""
    pairing.ended_at, pairing.ended_by = now, by
    pairing.save(update_fields=["ended_at", "ended_by"])
    for silence in Silence.objects.filter(pairing=pairing, ended_at=None):
        silence.ended_at = now
        silence.save(update_fields=["ended_at"])
    trail.write("unpair monitor", by=by or "server", about=pairing, details={"device": pairing.device.name})
    _tell(pairing)


@transaction.atomic
def see_silence(*, by: User, now: datetime, silence: Silence) -> None:
    """Somebody has seen that a monitor is silent. Seeing does not end it."""
    if silence.seen_at is None:
        silence.seen_at, silence.seen_by = now, by
        silence.save(update_fields=["seen_at", "seen_by"])
        trail.write("see silent monitor", by=by, about=silence, patient=silence.pairing.session.patient_id)
    _tell(silence.pairing)


@transaction.atomic
def map_code(*, by: User, now: datetime, site: Site, system: str, code: str, parameter: str) -> SiteCode:
    """Say what a code of the site's own monitors means; an empty ``parameter`` takes the meaning back."""
    if not code.strip():
        raise ValueError("Give the code as the monitor sends it.")
    if parameter and parameter not in table(load()).parameters:
        raise ValueError(f"{parameter!r} is not measured here.")
    row = SiteCode(site=site, system=system.strip(), code=code.strip(), parameter=parameter, by=by, at=now)
    row.save()
    details = {"system": row.system, "code": row.code, "parameter": parameter}
    trail.write("map monitor code", by=by, about=row, details=details)
    return row


def _tell(pairing: Pairing) -> None:
    publish(session_channel(pairing.session_id), "feed", {})
    publish(board_channel(pairing.session.site_id), "board", {})
