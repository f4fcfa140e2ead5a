"""One form for any instrument: shipped, from a site's pack, imported or built. Blank stays blank, never 0."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from surcease.knowledge.instrument import EnableWhen, Instrument, Item
from surcease.units import plain
from surcease.web.forms import NumberField

_OPERATORS = {
    "=": _("is"), "!=": _("is not"), ">": _("is more than"), ">=": _("is at least"), "<": _("is less than"),
    "<=": _("is at most"),
}  # fmt: skip
_YES_NO = (("true", _("yes")), ("false", _("no")))


@dataclass(frozen=True, slots=True)
class Line:
    """What the page shows next: the beginning or end of a group, a text to read, or a question's field."""

    kind: str  # open | close | display | field
    item: Item
    field: Any = None
    when: str = ""


class InstrumentForm(forms.Form):
    """Every question of an instrument that takes an answer, in order. Nothing is required: a person may skip."""

    def __init__(self, instrument: Instrument, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instrument = instrument
        for item in instrument.flat():
            if item.asks:
                field = field_of(item)
                field.item = item  # type: ignore[attr-defined]
                self.fields[item.link_id] = field

    @property
    def lines(self) -> Iterator[Line]:
        """Everything the instrument has, in its order: groups as nested fieldsets, texts, questions."""
        yield from self._lines(self.instrument.items)

    def _lines(self, items: tuple[Item, ...]) -> Iterator[Line]:
        for item in items:
            if item.asks:
                yield Line("field", item, self[item.link_id], when=when_of(self.instrument, item))
                yield from self._lines(item.items)
            elif item.type == "display":
                yield Line("display", item, when=when_of(self.instrument, item))
            else:
                yield Line("open", item, when=when_of(self.instrument, item))
                yield from self._lines(item.items)
                yield Line("close", item)

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


def when_of(instrument: Instrument, item: Item) -> str:
    """In words, for people who use no script and for a screen reader: when the item is asked; "" for always."""
    parts = [_condition(instrument, c) for c in item.enable_when]
    return f" {_('or') if item.enable_any else _('and')} ".join(parts)


def _condition(instrument: Instrument, condition: EnableWhen) -> str:
    asked = instrument.item(condition.question)
    about = f"“{asked.shown}”"
    if condition.operator == "exists":
        return f"{about} {_('is answered') if condition.answer is True else _('is left open')}"
    return f"{about} {_OPERATORS[condition.operator]} “{_said(asked, condition.answer)}”"


def _said(asked: Item, answer: Any) -> str:
    if isinstance(answer, bool):
        return str(dict(_YES_NO)["true" if answer else "false"])
    if isinstance(answer, Decimal):
        return plain(answer)
    return next((o.shown for o in asked.options if o.code == answer), str(answer))
