"""Forms of the clinic's monitors."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from surcease.hl7.table import table
from surcease.knowledge import load
from surcease.web.accounts.stepup import SignForm
from surcease.web.clinic.models import Site
from surcease.web.devices.models import UseStatement
from surcease.web.treatment.models import Chair


class AcceptForm(forms.Form):
    """Which monitor this is, and how often it sends."""

    sent_as = forms.CharField(label=_("The name it sends"), max_length=120)
    name = forms.CharField(label=_("What we call it"), max_length=40)
    chair = forms.ModelChoiceField(Chair.objects.none(), label=_("Its usual chair"), required=False)
    interval_s = forms.IntegerField(label=_("It sends every … seconds"), min_value=1, max_value=300, initial=5)
    cuff_min = forms.IntegerField(label=_("Its cuff measures every … minutes"), min_value=1, max_value=60, initial=5)

    def __init__(self, *args: Any, site: Site, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["chair"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Chair.objects.filter(site=site)


class CodeForm(forms.Form):
    """What a code of the clinic's own monitors means."""

    system = forms.CharField(label=_("Code system, as it is sent"), max_length=40, required=False)
    code = forms.CharField(label=_("Code"), max_length=40)
    parameter = forms.ChoiceField(label=_("Means"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["parameter"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            ("", _("nothing: take the meaning back")), *((p.id, p.title) for p in table(load()).parameters.values())
        ]  # fmt: skip


class UseForm(SignForm):
    """How far the feed goes, and who signs it."""

    scope = forms.ChoiceField(label=_("The live feed is"), choices=UseStatement.Scope.choices)
    text = forms.CharField(label=_("What was decided, and who looked at it"), widget=forms.Textarea(attrs={"rows": 4}))
    field_order = ("scope", "text", "secret")
