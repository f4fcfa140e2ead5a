"""What makes the diary an app: its service worker, its manifest, and a page without anybody's data."""

from __future__ import annotations

from importlib.resources import files

from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from surcease.web.diary.arrival import RED_FLAGS
from surcease.web.diary.asked import askable, shell_cards
from surcease.web.diary.cards import bands, side_effects
from surcease.web.diary.hours import help_of_all
from surcease.web.intake.at_hand import instruments


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """The entry page as anyone may hold it: no name, no medicines, no number of yesterday."""
    known = instruments()
    asks = sorted(i for i in askable() if known[i].licence.kind in ("free", "own_words"))
    shown = shell_cards() | {
        "shell": True,
        "flags": RED_FLAGS,
        "bands": bands(),
        "side_effects": side_effects(),
        "helps": help_of_all(),
        "offline_asks": [known[i] for i in asks],
    }
    return render(request, "diary/shell.html", shown)


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The worker, from /diary/ so that its scope is the diary."""
    text = (files("surcease.web.ui") / "static/ui/js/service-worker.js").read_text(encoding="utf-8")
    response = HttpResponse(text, content_type="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """Name, start and icons."""
    icon = staticfiles_storage.url("ui/icon.svg")
    body = {
        "name": "Surcease diary",
        "short_name": "Diary",
        "start_url": reverse("diary:today"),
        "scope": reverse("diary:today"),
        "display": "standalone",
        "background_color": "#FAFAF7",
        "theme_color": "#0F6B66",
        "icons": [{"src": icon, "sizes": "any", "type": "image/svg+xml", "purpose": "any maskable"}],
    }
    return JsonResponse(body, content_type="application/manifest+json")
