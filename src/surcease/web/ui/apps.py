"""The interface: base templates, components, styles, scripts, the service worker."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Templates and static files shared by every step."""

    name = "surcease.web.ui"
    label = "ui"
