"""A form made from the dictionary of facts: each question as it is worded there, unknown always an answer.

Yes/no questions have three answers; "not known" keeps nothing and is not "no". What is typed is kept as statements
with their author and time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from surcease.knowledge.fact import Fact, Value
from surcease.knowledge.facts import FactSpec
from surcease.web.forms import NumberField

YES_NO = (("yes", _("yes")), ("no", _("no")), ("", _("not known")))


class FactForm(forms.Form):
    """Questions about named facts. ``fresh()`` are the facts answered; ``cleared()`` the names said to be unknown."""

    specs: Mapping[str, FactSpec]

    def __init__(self, specs: Iterable[FactSpec], *args: Any, known: Mapping[str, Fact] | None = None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.specs = {spec.name: spec for spec in specs}
        for name, spec in self.specs.items():
            self.fields[name] = field_of(spec)
            fact = (known or {}).get(name)
            if fact is not None:
                self.fields[name].initial = initial_of(spec, fact.value)

    def fresh(self, *, at: datetime, source: str) -> dict[str, Fact | None]:
        """The answered facts, stated at ``at``; a question that was answered before and is now open becomes None."""
        answers: dict[str, Fact | None] = {}
        for name, spec in self.specs.items():
            value = value_of(spec, self.cleaned_data.get(name))
            before = self.fields[name].initial
            if value is not None:
                answers[name] = Fact(value, spec.unit if spec.type == "number" else "", at, source)
            elif before not in (None, "", []):
                answers[name] = None
        return answers


def field_of(spec: FactSpec) -> forms.Field:
    """The field of one question; nothing is required, because unknown is an answer."""
    label = spec.question or spec.words.capitalize()
    if spec.type == "bool":
        return forms.ChoiceField(label=label, choices=YES_NO, required=False, widget=forms.RadioSelect)
    if spec.type == "choice":
        choices = [*((v, v.replace("_", " ")) for v in spec.values), ("", _("not known"))]
        return forms.ChoiceField(label=label, choices=choices, required=False)
    if spec.type == "number":
        return NumberField(label=label, unit=spec.unit, required=False)
    if spec.type == "date":
        return forms.DateField(
            label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        )
    if spec.values:
        choices = [(v, v.replace("_", " ")) for v in spec.values]
        return forms.MultipleChoiceField(
            label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple
        )
    if spec.type == "codes":
        return forms.CharField(
            label=label, required=False, help_text=_("one a line"), widget=forms.Textarea(attrs={"rows": 3})
        )
    return forms.CharField(label=label, required=False, max_length=2000)


def initial_of(spec: FactSpec, value: Value) -> Any:
    """A known value as the field shows it."""
    if spec.type == "bool":
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, tuple):
        return list(value) if spec.values else "\n".join(value)
    return value


def value_of(spec: FactSpec, typed: Any) -> Value | None:
    """What was typed as a fact's value; None when it stays unknown."""
    if typed in (None, "", []):
        return None
    if spec.type == "bool":
        return bool(typed == "yes")
    if spec.type == "codes":
        lines = typed if isinstance(typed, list) else str(typed).splitlines()
        return tuple(line.strip() for line in lines if line.strip()) or None
    value: Value = typed
    return value
