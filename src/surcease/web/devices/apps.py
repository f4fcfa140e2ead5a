"""Monitors and their samples."""

from django.apps import AppConfig


class DevicesConfig(AppConfig):
    """The live feed."""

    name = "surcease.web.devices"
    label = "devices"

    def ready(self) -> None:
        """The feed stands on the chair's page, silence on the board too; somebody looks for it every two seconds."""
        from surcease.web.devices.chair import feed_part, silence_lines
        from surcease.web.devices.silence import EVERY_S, look
        from surcease.web.tick import register
        from surcease.web.treatment.chair_parts import board_note, chair_part

        chair_part("feed", feed_part)
        board_note("feed", silence_lines)
        register("devices.silence", every_s=EVERY_S, work=look)
