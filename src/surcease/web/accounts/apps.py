"""The accounts' app: listens to signing in and out."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Connects the signals."""

    name = "surcease.web.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Import the receivers."""
        from surcease.web.accounts import signals

        assert signals
