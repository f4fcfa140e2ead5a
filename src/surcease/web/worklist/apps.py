"""The day's app: to-dos that nobody answers move up their chain by themselves."""

from django.apps import AppConfig


class WorklistConfig(AppConfig):
    """Registers the escalation."""

    name = "surcease.web.worklist"
    label = "worklist"

    def ready(self) -> None:
        """Every twenty seconds."""
        from surcease.web import tick
        from surcease.web.worklist.actions import escalate

        tick.register("worklist.escalate", every_s=20, work=escalate)
