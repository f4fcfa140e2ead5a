"""The organisation's app: also brings the system checks in."""

from django.apps import AppConfig


class ClinicConfig(AppConfig):
    """Loads the checks of the whole web floor."""

    name = "surcease.web.clinic"
    label = "clinic"

    def ready(self) -> None:
        """Register checks and jobs."""
        from surcease.web import checks, jobs

        jobs.register_jobs()
        assert checks
