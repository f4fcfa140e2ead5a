"""The ribbon Intake · Plan · Treatment · Diary · Review above a person's pages. Each step tells its own state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from surcease.web.patients.models import Patient

STEPS = (
    ("intake", _("Intake")),
    ("plan", _("Plan")),
    ("treatment", _("Treatment")),
    ("diary", _("Diary")),
    ("review", _("Review")),
)


@dataclass(frozen=True, slots=True)
class StepState:
    """Where a step stands for one person: ``done``, or blocked by what the words say."""

    done: bool = False
    blocked_by: str = ""


@dataclass(frozen=True, slots=True)
class RibbonStep:
    """One word of the ribbon."""

    name: str
    label: str
    url: str = ""
    here: bool = False
    state: StepState = StepState()


_states: dict[str, Callable[[Patient], StepState]] = {}


def step_state(name: str, state: Callable[[Patient], StepState]) -> None:
    """Let a step app say where it stands (from its AppConfig.ready). At most two queries each."""
    _states[name] = state


def ribbon(patient: Patient, *, here: str) -> list[RibbonStep]:
    """The five steps; a step's page is its route ``<step>:person`` with the person's id."""
    steps = []
    for name, label in STEPS:
        step = RibbonStep(name, str(label), here=name == here)
        if name in _states:
            step = replace(step, state=_states[name](patient))
        try:
            step = replace(step, url=reverse(f"{name}:person", args=[patient.pk]))
        except NoReverseMatch:
            step = replace(step, url="")
        steps.append(step)
    return steps


def person_page(patient: Patient, *, here: str = "", **more: Any) -> dict[str, Any]:
    """Template context of any page about a person: ``ui/person.html`` shows banner and ribbon from it."""
    from surcease.web.patients.banner import banner
    from surcease.web.patients.weight import weight_sentence

    above = {"patient": patient, "banner": banner(patient), "ribbon": ribbon(patient, here=here)}
    return above | {"weight_said": weight_sentence(patient)} | more
