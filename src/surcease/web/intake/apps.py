"""The intake step."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """Facts, instruments, goals, the eligibility decision."""

    name = "surcease.web.intake"
    label = "intake"

    def ready(self) -> None:
        """The ribbon's word."""
        from surcease.web.intake.queries import step_state
        from surcease.web.patients.ribbon import room

        room("intake", route="intake:person", state=step_state)
