"""The review step."""

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    """Response, timeline, proposals, the signed decision."""

    name = "surcease.web.review"
    label = "review"

    def ready(self) -> None:
        """The ribbon's word."""
        from surcease.web.patients.ribbon import room
        from surcease.web.review.queries import step_state

        room("review", route="review:person", state=step_state)

        from surcease.web.accounts.matrix import PHYSICIAN
        from surcease.web.review.decisions import decisions
        from surcease.web.worklist.day import panel

        panel("review", roles={PHYSICIAN}, template="review/decisions_panel.html", read=decisions, order=30)
