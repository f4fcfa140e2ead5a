"""The ribbon above a person's pages: Intake · Plan · Treatment · Diary · Review, and where this person stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from surcease.web.patients.models import Patient


@dataclass(frozen=True, slots=True)
class StepState:
    """Whether a step is done for this person, and what blocks it, in a few words."""

    done: bool = False
    blocked_by: str = ""


@dataclass(frozen=True, slots=True)
class RibbonStep:
    """One step as shown; without ``url`` its room is not open."""

    name: str
    label: str
    url: str
    here: bool
    state: StepState


State = Callable[[Patient], StepState]
STEPS = (
    ("intake", _("Intake")),
    ("plan", _("Plan")),
    ("treatment", _("Treatment")),
    ("diary", _("Diary")),
    ("review", _("Review")),
)
_rooms: dict[str, tuple[str, State]] = {}


def room(step: str, *, route: str, state: State) -> None:
    """A step app says where its page is (``route`` takes ``patient_id``) and how to read its state."""
    _rooms[step] = (route, state)


def ribbon(patient: Patient, here: str = "") -> list[RibbonStep]:
    """The five steps for one person; ``here`` names the present one."""
    return [_step(name, str(label), patient, here) for name, label in STEPS]


def _step(name: str, label: str, patient: Patient, here: str) -> RibbonStep:
    if name not in _rooms:
        return RibbonStep(name, label, "", name == here, StepState())
    route, state = _rooms[name]
    try:
        url = reverse(route, kwargs={"patient_id": patient.pk})
    except NoReverseMatch:
        url = ""
    return RibbonStep(name, label, url, name == here, state(patient))
