"""What is settled with the person in the chair: cannula and cuff, stop word, music, escort, what to know today.

A limb that must not be used is refused at the field. Each answer becomes one line of the session's log.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from surcease.care.event import Checked, Payload
from surcease.web.forms import NumberField
from surcease.web.patients.models import LimbRestriction, Patient
from surcease.web.treatment.last import LastTime

PUMPED = ("iv", "sc")
NOWHERE = "none"


class SeatForm(forms.Form):
    """``known`` are the checks of the log so far; ``last`` fills in what a person chose last time, never a limb."""

    weight = NumberField(label=gettext_lazy("Weight today"), unit="kg", required=False, least=2, most=500)
    cannula_limb = forms.ChoiceField(label=gettext_lazy("Cannula or needle in"), required=False)
    cannula_place = forms.CharField(label=gettext_lazy("Where, which size"), required=False, max_length=60)
    cannula_tries = NumberField(label=gettext_lazy("Tries"), required=False, least=1, most=20)
    cuff_limb = forms.ChoiceField(label=gettext_lazy("Cuff on"), required=False)
    stop_word = forms.CharField(label=gettext_lazy("Their stop word"), required=False, max_length=40)
    music = forms.CharField(label=gettext_lazy("Music, light, company"), required=False, max_length=120)
    escort = forms.CharField(
        label=gettext_lazy("Who takes the person home, which number"), required=False, max_length=120
    )
    today = forms.CharField(
        label=gettext_lazy("Anything we should know or change today?"), required=False, max_length=400,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip

    def __init__(
        self, *args: Any, patient: Patient, known: Mapping[str, str], last: LastTime | None, pumped: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.known, self.pumped = known, pumped
        self.barred = list(LimbRestriction.objects.standing().filter(patient=patient))
        places = [("", "–"), *LimbRestriction.Limb.choices]
        self.fields["cuff_limb"].choices = places  # type: ignore[attr-defined]
        self.fields["cannula_limb"].choices = [*places, (NOWHERE, _("nowhere: no needle today"))]  # type: ignore[attr-defined]
        chosen = {"stop_word": last.stop_word, "music": last.music} if last else {}
        for name, field in self.fields.items():
            field.initial = known.get(_item(name)) or chosen.get(name, "")

    def clean_cannula_limb(self) -> str:
        """Refused where no cannula, or nothing at all, may be."""
        return self._allowed("cannula_limb", "no_cannula", _("No cannula on the %(limb)s: %(why)s. Use another limb."))

    def clean_cuff_limb(self) -> str:
        """Refused where no cuff, or nothing at all, may be."""
        return self._allowed("cuff_limb", "no_cuff", _("No cuff on the %(limb)s: %(why)s. Use another limb."))

    def _allowed(self, field: str, bar: str, sentence: str) -> str:
        limb = str(self.cleaned_data[field])
        for row in self.barred:
            if row.limb == limb and (getattr(row, bar) or row.no_touch):
                raise forms.ValidationError(
                    sentence % {"limb": row.get_limb_display(), "why": row.why or _("it is restricted")}
                )
        return limb

    def lines(self) -> Iterator[Payload]:
        """What is new against the log, as payloads."""
        for name, value in self.cleaned_data.items():
            if name == "weight":
                continue  # a measurement, kept with the others
            text = "" if value is None else str(value).strip()
            if text and text != self.known.get(_item(name)):
                yield Checked(_item(name), text)


def settled(checks: Mapping[str, str], *, pumped: bool) -> bool | None:
    """Whether cuff and, for what runs by a pump, cannula stand on limbs that were allowed. None while not charted."""
    wanted = ("cuff.limb", "cannula.limb") if pumped else ("cuff.limb",)
    return all(checks.get(name) for name in wanted) or None


def _item(field: str) -> str:
    """``cannula_limb`` → ``cannula.limb``, the item's name in the log."""
    for head in ("cannula", "cuff"):
        if field.startswith(f"{head}_"):
            return f"{head}.{field.removeprefix(f'{head}_')}"
    return field
