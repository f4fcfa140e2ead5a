"""The accounts' app: listens to signing in and out."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Connects the signals."""

    name = "surcease.web.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Import the receivers; give the clinic lead the way to accounts and trail."""
        from surcease.web.accounts import matrix, signals
        from surcease.web.worklist.day import panel

        assert signals
        panel("clinic", roles={matrix.LEAD}, template="accounts/lead_panel.html", read=lambda _user, _now: {}, order=90)
