"""The plan step."""

from django.apps import AppConfig


class PlanConfig(AppConfig):
    """Drafts, signed versions, visits."""

    name = "surcease.web.plan"
    label = "plan"

    def ready(self) -> None:
        """The ribbon's word, and what a weight is compared with."""
        from surcease.web.patients.banner import compare_weight_with
        from surcease.web.patients.ribbon import room
        from surcease.web.plan.queries import planned_weight, step_state

        room("plan", route="plan:person", state=step_state)
        compare_weight_with(planned_weight)
