"""Monitors and their samples."""

from django.apps import AppConfig


class DevicesConfig(AppConfig):
    """The live feed."""

    name = "surcease.web.devices"
    label = "devices"

    def ready(self) -> None:
        """Nothing yet."""
