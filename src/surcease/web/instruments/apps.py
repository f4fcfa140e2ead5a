"""The clinic's own questionnaires: imported or built."""

from django.apps import AppConfig


class InstrumentsConfig(AppConfig):
    """Questionnaires that a clinic lead has put in use."""

    name = "surcease.web.instruments"
    label = "instruments"
