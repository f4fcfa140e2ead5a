"""Which channels there are, and who may watch one: each app registers its kinds."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest

MayWatch = Callable[[HttpRequest, str], bool]
_kinds: dict[str, MayWatch] = {}


def channel_kind(kind: str, may_watch: MayWatch) -> None:
    """Register ``kind`` (from AppConfig.ready): ``may_watch(request, key)`` also leaves the access on the trail.

    It is called once at opening; the channel's name is ``kind:key``.
    """
    _kinds[kind] = may_watch


def allow(request: HttpRequest, kind: str, key: str) -> str:
    """The channel's name, when this request may watch it. Raises Http404 otherwise."""
    if kind not in _kinds or not _kinds[kind](request, key):
        raise Http404
    return f"{kind}:{key}"
