"""The one live view: ``/live/<kind>/<key>/``."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.views.decorators.http import require_GET

from surcease.web.accounts.role import SignedIn
from surcease.web.live.channels import allow
from surcease.web.live.stream import stream


@require_GET
def listen(request: SignedIn, kind: str, key: str) -> HttpResponseBase:
    """The stream of one channel. The session is saved before, because a stream never ends its request."""
    return stream(request, [allow(request, kind, key)])
