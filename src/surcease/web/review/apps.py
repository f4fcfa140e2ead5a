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
