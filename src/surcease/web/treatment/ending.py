"""The forms of the end: what was seen, and which way out, with what that way needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django import forms
from django.utils.translation import gettext_lazy as _

from surcease.web.accounts.stepup import SignForm
from surcease.web.forms import NumberField

TWO_ONE_ZERO = (("", "–"), ("2", "2"), ("1", "1"), ("0", "0"))
YES_NO = (("", "–"), ("yes", _("yes")), ("no", _("no")))
PADSS = (
    ("vitals", _("Vital signs: within 20 % of before (2), 20 to 40 % (1), more (0)")),
    ("activity", _("Oriented and steady: both (2), one (1), neither (0)")),
    ("symptoms", _("Pain, nausea, vomiting: little (2), moderate, treated (1), severe (0)")),
    ("bleeding", _("Bleeding at the cannula: little (2), moderate (1), much (0)")),
    ("intake", _("Drunk and passed urine: both (2), one (1), neither (0)")),
)
SEEN = (
    ("oriented", _("Oriented as usual to person, place and time?")),
    ("gait_usual", _("Walks as usual?")),
    ("dissociated", _("Still feels unreal or outside the body?")),
    ("cannula_out", _("Cannula out, site seen?")),
    ("escort_present", _("The adult who takes the person home is here?")),
    ("follow_up_call_booked", _("The call in 24 to 48 hours is booked?")),
    ("drives_before_next_day", _("Means to drive before tomorrow?")),
)


class SeenForm(forms.Form):
    """What the nurse saw at the end. Each answer becomes one line of the log; blank is not seen."""

    def __init__(
        self, *args: object, known: dict[str, str], usual: dict[str, str] | None = None, spray: bool = False,
        **kwargs: object,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.known = known
        for name, label in PADSS:
            self.fields[f"padss.{name}"] = forms.ChoiceField(label=label, choices=TWO_ONE_ZERO, required=False)
        for name, label in SEEN:
            self.fields[name] = forms.ChoiceField(
                label=label, choices=YES_NO, required=False, help_text=(usual or {}).get(name, "")
            )
        if spray:
            resolved = _("Sedation, dissociation and slow breathing are gone?")
            self.fields["spray_effects_resolved"] = forms.ChoiceField(label=resolved, choices=YES_NO, required=False)
        for name, label in (("lying_systolic", _("Systolic lying")), ("standing_systolic", _("Systolic standing"))):
            self.fields[name] = NumberField(label=label, unit="mm[Hg]", required=False, least=40, most=260)
        for name, label in (("frightening", _("How frightening was it, 0–10?")),):
            self.fields[name] = NumberField(label=label, required=False, least=0, most=10)
        self.fields["next_time"] = forms.CharField(label=_("What to change next time"), required=False, max_length=300)
        for name, field in self.fields.items():
            field.initial = known.get(name, "")

    def fresh(self) -> Iterator[tuple[str, str]]:
        """Items answered now that differ from what the log says."""
        for name, value in self.cleaned_data.items():
            text = "" if value is None else str(value)
            if text and self.known.get(name) != text:
                yield name, text


class WayForm(SignForm):
    """The way out, and what it needs."""

    way = forms.ChoiceField(
        label=_("Way out"),
        choices=[
            ("criteria", _("criteria met")),
            ("physician", _("decision of a named physician")),
            ("transfer", _("transfer")),
            ("against_advice", _("left against advice")),
            ("death", _("death")),
        ],
    )
    physician = forms.ChoiceField(label=_("Physician"), required=False)
    reason = forms.CharField(label=_("Reason"), required=False, max_length=400)
    destination = forms.CharField(label=_("Where to"), required=False, max_length=200)
    capacity = forms.CharField(label=_("Capacity to decide: how it was judged"), required=False, max_length=300)
    advice_given = forms.CharField(label=_("Advice given"), required=False, max_length=400)
    call_booked = forms.CharField(label=_("Call within 2 hours: who, which number"), required=False, max_length=200)
    time = forms.CharField(label=_("Time of death"), required=False, max_length=20)
    field_order = (
        "way",
        "physician",
        "reason",
        "destination",
        "capacity",
        "advice_given",
        "call_booked",
        "time",
        "secret",
    )

    def __init__(self, *args: object, physicians: Iterable[str] = (), **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["physician"].choices = [("", "–"), *((name, name) for name in physicians)]  # type: ignore[attr-defined]

    def given(self) -> dict[str, str]:
        """What was answered, by the names the ways use."""
        return {k: str(v) for k, v in self.cleaned_data.items() if k not in ("way", "secret") and v}
