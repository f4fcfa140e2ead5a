"""The borders' app: what another clinic gave and wrote belongs to the person's record."""

from django.apps import AppConfig


class InteropConfig(AppConfig):
    """Imports with a preview, exports."""

    name = "surcease.web.interop"
    label = "interop"

    def ready(self) -> None:
        """Diary entries and sessions that came with an import are part of the record."""
        from surcease.web.interop.elsewhere import diary_elsewhere, given_elsewhere
        from surcease.web.patients.record import record_part

        record_part("diary", diary_elsewhere)
        record_part("given", given_elsewhere)
