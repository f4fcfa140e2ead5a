"""The optional cards of the entry page, in the person's words."""

from __future__ import annotations

from django.utils.translation import gettext as _


def numbers() -> list[tuple[str, str, str, str]]:
    """Name, question and both ends of each optional number."""
    return [
        ("bother", _("How much does the pain bother you?"), _("not at all"), _("as much as can be")),
        ("interference", _("How much did pain get in the way?"), _("not at all"), _("completely")),
        ("sleep", _("How was your sleep?"), _("very bad"), _("very good")),
        ("mood", _("How was your mood?"), _("very low"), _("very good")),
    ]


def bands() -> list[tuple[str, str]]:
    """The three words of a bad day."""
    return [("better", _("better than usual")), ("same", _("as usual")), ("worse", _("worse than usual"))]
