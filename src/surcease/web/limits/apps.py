"""Signed limits and readiness."""

from django.apps import AppConfig


class LimitsConfig(AppConfig):
    """What the clinic has signed."""

    name = "surcease.web.limits"
    label = "limits"
