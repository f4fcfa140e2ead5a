"""The trail's app: rows are sealed as they come."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Registers the sealer."""

    name = "surcease.web.audit"
    label = "audit"

    def ready(self) -> None:
        """Every second, in every process: sealers take turns on the chain's head."""
        from surcease.web import tick
        from surcease.web.audit.seal import seal_now

        tick.register("audit.seal", every_s=1, work=seal_now, everywhere=True)
