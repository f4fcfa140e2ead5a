"""Web Push: reminders that reach a phone whose page is closed. Off until the clinic has its keys.

A push service carries the message and cannot read it (RFC 8291); the clinic signs who sends it (RFC 8292). The keys are
made once with ``surcease push-keys --contact …`` and lie in home/secrets. A phone's push address comes from outside, so
only the browsers' own push services are ever called.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.db import transaction

from surcease.web.accounts.models import User
from surcease.web.audit import trail
from surcease.web.diary.models import PushSubscription, Reminder
from surcease.web.patients.models import Patient

KEYS = "web_push.json"
SALT = "surcease.diary.displayed"
TTL_S = 4 * 3600  # a reminder that is older than this is of no use
# The push services of the browsers: Chrome and Edge on Android, Firefox, Edge on Windows, Safari.
SERVICES = ("fcm.googleapis.com", "push.services.mozilla.com", "notify.windows.com", "push.apple.com")
GONE = (404, 410)


@dataclass(frozen=True, slots=True)
class Keys:
    """The clinic's key pair (PEM), and the address a push service may write to."""

    private: str
    public: str
    contact: str


def keys() -> Keys | None:
    """The clinic's keys, None while it has none: then nothing is pushed and nothing is offered."""
    file = settings.HOME / "secrets" / KEYS
    if not file.is_file():
        return None
    return Keys(**json.loads(settings.HOME.secret(KEYS)))


def make_keys(contact: str) -> Keys:
    """Make the keys, once. ValueError when there are some, because every phone would have to subscribe again."""
    from webpush.vapid import VAPID

    if "@" not in contact:
        raise ValueError("Give an e-mail address of the clinic: a push service writes to it when something is wrong.")
    if keys() is not None:
        raise ValueError(f"This clinic has its keys already, in secrets/{KEYS}: phones trust them, so they stay.")
    private, public, _word = VAPID.generate_keys()
    made = {"private": private.decode(), "public": public.decode(), "contact": contact}
    settings.HOME.secret_bytes(KEYS, lambda: json.dumps(made).encode())
    return Keys(**made)


def public_key() -> str:
    """The key a browser subscribes with, "" while push is off."""
    held = keys()
    if held is None:
        return ""
    from webpush.vapid import VAPID

    return VAPID(held.private.encode(), held.public.encode()).get_application_server_key(
        VAPID(held.private.encode(), held.public.encode()).public_key
    )


def allowed(endpoint: str) -> bool:
    """Whether an address is one of a browser's push service (or one the clinic named in SURCEASE_PUSH_ALSO)."""
    if any(endpoint.startswith(also) for also in os.environ.get("SURCEASE_PUSH_ALSO", "").split()):
        return True
    parts = urlsplit(endpoint)
    host = parts.hostname or ""
    known = any(host == name or host.endswith(f".{name}") for name in SERVICES)
    return parts.scheme == "https" and known and parts.username is None and parts.port in (None, 443)


@transaction.atomic
def subscribe(*, by: User, now: datetime, patient: Patient, given: Any) -> PushSubscription:
    """Keep a browser's push address (``{"endpoint", "keys": {"p256dh", "auth"}}``); ValueError in one sentence."""
    if keys() is None:
        raise ValueError("This clinic does not push reminders.")
    sub = given if isinstance(given, Mapping) else {}
    endpoint, held = str(sub.get("endpoint", "")), sub.get("keys")
    if not isinstance(held, Mapping) or not {"p256dh", "auth"} <= set(held) or not allowed(endpoint):
        raise ValueError("This is not an address of a browser's push service.")
    row, _new = PushSubscription.objects.update_or_create(
        endpoint=endpoint,
        defaults={
            "patient": patient, "keys": {k: str(held[k]) for k in ("p256dh", "auth")}, "made_at": now, "ended_at": None,
        },
    )  # fmt: skip
    trail.write("subscribe to push", by=by, about=row, patient=patient)
    return row


def send(row: Reminder, text: str, *, now: datetime) -> str:
    """Push one reminder to every phone of its person; "" when one took it, else why none did."""
    held = keys()
    subscriptions = list(PushSubscription.objects.filter(patient=row.patient, ended_at=None))
    if held is None or not subscriptions:
        return "no phone"
    word = signing.dumps(str(row.pk), salt=SALT)
    page = "/diary/#pulse" if row.why == Reminder.Why.PULSE else "/diary/"
    message = {"title": text, "body": "", "reminder": word, "displayed_url": "/diary/displayed/", "url": page}
    said = [_deliver(one, message, held, now) for one in subscriptions]
    return "" if "" in said else said[0]


def _deliver(one: PushSubscription, message: Mapping[str, str], held: Keys, now: datetime) -> str:
    import httpx2
    from webpush import WebPush, WebPushSubscription

    if not allowed(one.endpoint):
        return "address not allowed"
    pusher = WebPush(held.private.encode(), held.public.encode(), subscriber=held.contact, ttl=TTL_S)
    target = WebPushSubscription.model_validate({"endpoint": one.endpoint, "keys": one.keys})
    try:
        ready = pusher.get(dict(message), target)
        answer = httpx2.post(
            one.endpoint, content=ready.encrypted, headers={k: str(v) for k, v in ready.headers.items()}, timeout=10,
            follow_redirects=False,
        )  # fmt: skip
    except (httpx2.HTTPError, ValueError, OSError) as error:
        return type(error).__name__
    if answer.status_code in GONE:
        one.ended_at = now
        one.save(update_fields=["ended_at"])
        return "phone is gone"
    return "" if answer.is_success else f"push service said {answer.status_code}"


@transaction.atomic
def shown(word: str, *, now: datetime) -> bool:
    """A phone says that it showed a reminder; whether the word was one of ours."""
    try:
        pk = signing.loads(word, salt=SALT, max_age=7 * 86400)
    except signing.BadSignature:
        return False
    row = Reminder.objects.select_for_update().filter(pk=pk).first()
    if row is None:
        return False
    if row.displayed_at is None:
        row.displayed_at = now
        row.save(update_fields=["displayed_at"])
        trail.write("reminder displayed", by="server", about=row, patient=row.patient_id)
    return True
