"""One form for any instrument: shipped, from a site's pack, imported or built. Blank stays blank, never 0."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from surcease.knowledge.instrument import EnableWhen, Instrument, Item
from surcease.web.forms import NumberField

_YES_NO = (("true", _("yes")), ("false", _("no")))


class InstrumentForm(forms.Form):
    """Every question of an instrument that takes an answer, in order. Nothing is required: a person may skip."""

    def __init__(self, instrument: Instrument, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instrument = instrument
        for item in instrument.flat():
            if item.asks:
                field = field_of(item)
                field.item = item  # type: ignore[attr-defined]
                field.shown_when = _when(item.enable_when)  # type: ignore[attr-defined]
                self.fields[item.link_id] = field

    def items(self) -> dict[str, Any]:
        """Answers by link id, blanks left out; amounts as Decimal, truth values as bool."""
        return {
            k: v
            for k, v in ((n, _value(self.instrument.item(n), self.cleaned_data.get(n))) for n in self.fields)
            if v is not None
        }


def field_of(item: Item) -> forms.Field:
    """The field of one item; an integer from 0 to 10 is eleven buttons."""
    label = item.shown
    if item.type == "boolean":
        return forms.ChoiceField(label=label, choices=_YES_NO, required=False, widget=forms.RadioSelect)
    if item.type == "choice":
        choices = [(option.code, option.shown) for option in item.options]
        return forms.ChoiceField(label=label, choices=choices, required=False, widget=forms.RadioSelect)
    if item.type == "integer" and item.low is not None and item.high is not None and item.high - item.low <= 10:
        choices = [(str(n), str(n)) for n in range(int(item.low), int(item.high) + 1)]
        return forms.ChoiceField(
            label=label, choices=choices, required=False, widget=forms.RadioSelect(attrs={"class": "eleven"})
        )
    if item.type in ("integer", "decimal"):
        return NumberField(label=label, unit=item.unit, least=item.low, most=item.high, required=False)
    if item.type == "date":
        return forms.DateField(label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}))
    widget = forms.Textarea(attrs={"rows": 3}) if item.type == "text" else forms.TextInput()
    return forms.CharField(label=label, required=False, max_length=4000, widget=widget)


def _value(item: Item, typed: Any) -> Any:
    if typed in (None, ""):
        return None
    if item.type == "boolean":
        return typed == "true"
    if item.type in ("integer", "decimal"):
        return Decimal(typed)
    return typed.isoformat() if isinstance(typed, date) else typed


def _when(conditions: tuple[EnableWhen, ...]) -> str:
    """In words, for people who use no script: when the item is asked."""
    return "; ".join(f"{c.question} {c.operator} {c.answer}" for c in conditions)
