"""Forms of the plan step."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from surcease.care.visits import REASONS, Kept
from surcease.knowledge.protocol import protocols_for
from surcease.pkpd.regimen import DoseTextError, parse
from surcease.web.accounts.stepup import SignForm
from surcease.web.forms import VersionedForm
from surcease.web.plan.record import Choices

PHYSICAL = (
    "graded exposure or mirror therapy",
    "physiotherapy, twice a week",
    "hydrotherapy",
    "home exercise programme",
)
PSYCHOLOGICAL = (
    "pain-focused CBT",
    "acceptance and commitment therapy",
    "trauma-focused therapy",
    "supportive counselling",
)


def _where(setting: str) -> str:
    """What stands behind a protocol that is not for a day in the chair."""
    words = {"inpatient": _("on the ward"), "home": _("at home, first doses supervised")}.get(setting, "")
    return f" ({words})" if words else ""


class PlanForm(VersionedForm):
    """What a physician chooses. Only the protocol is needed to see the dose; the rest before signing."""

    protocol = forms.ChoiceField(label=_("Protocol"), required=False)
    start = forms.DateField(label=_("First session"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    sessions = forms.IntegerField(
        label=_("Sessions"), required=False, min_value=1, max_value=40, help_text=_("empty: as the protocol has it")
    )
    own_dose = forms.CharField(
        label=_("Own dose for each session"),
        required=False,
        max_length=200,
        help_text=_("empty: as computed; for example 15 mg/h for 4 h iv"),
    )
    endpoint = forms.CharField(
        label=_("Endpoint"), required=False, max_length=400, help_text=_("what should be different, and by when")
    )
    stop_rule = forms.CharField(
        label=_("Stop rule"), required=False, max_length=400, help_text=_("when we stop, said before we start")
    )
    physical = forms.CharField(
        label=_("Physical therapy"), required=False, max_length=300, widget=forms.TextInput(attrs={"list": "physical"})
    )
    psychological = forms.CharField(
        label=_("Psychological therapy"),
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"list": "psychological"}),
    )
    self_management = forms.CharField(label=_("Self-management"), required=False, max_length=300)
    refused_multimodal = forms.CharField(label=_("Refused, and why"), required=False, max_length=300)
    note = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, home: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = (*protocols_for("inpatient"), *(protocols_for("home") if home else ()))
        found = [(p.id, f"{p.id} · {p.title}" + _where(p.setting)) for p in offered]
        self.fields["protocol"].choices = [("", _("choose a protocol")), *found]  # type: ignore[attr-defined]

    def clean_own_dose(self) -> str:
        """Readable, or the sentence that says which part is not."""
        text = str(self.cleaned_data["own_dose"]).strip()
        if text:
            try:
                parse(text)
            except DoseTextError as error:
                raise forms.ValidationError(str(error)) from error
        return text

    def choices(self) -> Choices:
        """What was typed."""
        data = {k: "" if v is None else str(v) for k, v in self.cleaned_data.items()}
        return Choices(**{k: v for k, v in data.items() if k in Choices.__dataclass_fields__})


class PlanSignForm(SignForm):
    """Signing: the person's birth date is typed once more, which a click cannot do."""

    born = forms.DateField(
        label=_("The person's birth date, typed again"), widget=forms.DateInput(attrs={"type": "date"})
    )
    field_order = ("born", "secret")


class VisitForm(forms.Form):
    """What becomes of a visit."""

    state = forms.ChoiceField(
        label=_("What happened"),
        choices=[(k.value, k.value) for k in (Kept.KEPT, Kept.MOVED, Kept.CANCELLED, Kept.MISSED)],
    )
    reason = forms.ChoiceField(
        label=_("Reason"), required=False, choices=[("", "–"), *((r, r.replace("_", " ")) for r in REASONS)]
    )
    to_day = forms.DateField(label=_("New day"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    note = forms.CharField(label=_("Note"), required=False, max_length=300)
