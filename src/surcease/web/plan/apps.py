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

        from surcease.web.accounts.matrix import FRONT_DESK, NURSE
        from surcease.web.plan.panel import arrivals
        from surcease.web.worklist.day import panel

        panel("plan", roles={NURSE, FRONT_DESK}, template="plan/arrivals_panel.html", read=arrivals, order=20)
