"""The treatment step."""

from django.apps import AppConfig


class TreatmentConfig(AppConfig):
    """Sessions, their log, the board."""

    name = "surcease.web.treatment"
    label = "treatment"

    def ready(self) -> None:
        """The ketamine that was given belongs to the person's record."""
        from surcease.web.patients.record import record_part
        from surcease.web.treatment.given import ketamine_given

        record_part("given", ketamine_given)
        from surcease.web.patients.ribbon import room
        from surcease.web.treatment.queries import step_state

        room("treatment", route="treatment:person", state=step_state)

        from surcease.web.live.channels import channel_kind
        from surcease.web.treatment.queries import may_watch_board, may_watch_session

        channel_kind("session", may_watch_session)
        channel_kind("board", may_watch_board)

        from surcease.web.accounts.matrix import NURSE, PHYSICIAN
        from surcease.web.treatment.panel import chairs
        from surcease.web.worklist.day import panel

        panel("treatment", roles={NURSE, PHYSICIAN}, template="treatment/chairs_panel.html", read=chairs, order=5)
