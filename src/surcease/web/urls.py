"""Every room's address. A step's routes live in its own ``urls.py`` under the step's word."""

from __future__ import annotations

from django.apps import apps
from django.urls import URLPattern, URLResolver, include, path
from django.utils.module_loading import module_has_submodule

from surcease.web.clinic import views

handler400 = "surcease.web.errors.bad_request"
handler403 = "surcease.web.errors.refused"
handler404 = "surcease.web.errors.not_found"
handler500 = "surcease.web.errors.failed"


def rooms() -> list[URLPattern | URLResolver]:
    """``<app>/`` for every app of ours that has routes."""
    ours = [config for config in apps.get_app_configs() if config.name.startswith("surcease.web.")]
    return [
        path(f"{config.label}/", include(f"{config.name}.urls"))
        for config in ours
        if module_has_submodule(config.module, "urls") and config.module
    ]


urlpatterns = [
    path("", views.home, name="home"),
    path("language/", views.language, name="language"),
    path("healthy/", views.healthy, name="healthy"),
    path("account/", include("allauth.urls")),
    path("fhir/", include("surcease.web.interop.fhir.urls")),
    path("", include("surcease.web.interop.cds_hooks.urls")),
    *rooms(),
]
