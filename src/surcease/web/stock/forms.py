"""Forms of the ledger: every amount in mg, every wrong input answered at its field."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from surcease.care.shelf_count import Counted
from surcease.knowledge.product import Product, Strength, load_products
from surcease.units import plain, say_unit
from surcease.web.accounts.stepup import SignForm
from surcease.web.forms import NumberField, OnceForm
from surcease.web.stock.models import Count
from surcease.web.stock.queries import LotOnShelf

MOST_MG = 100_000
Item = tuple[Product, Strength]


def items() -> dict[str, Item]:
    """Every strength that the formulary knows, by ``product/number``."""
    return {f"{p.id}/{n}": (p, s) for p in load_products().values() for n, s in enumerate(p.strengths)}


def item_words(item: Item) -> str:
    """``Ketamine injection (racemic), 50 mg/mL, 10 mL vial``."""
    product, strength = item
    box = strength.container
    size = "" if box is None else f", {plain(box.value)} {say_unit(box.unit)}"
    said = f"{plain(strength.strength.value)} {say_unit(strength.strength.unit)}"
    return f"{product.title}, {said}{size} {strength.kind}"


class ReceiveForm(OnceForm):
    """Vials that have come."""

    item = forms.ChoiceField(label=_l("What"))
    lot = forms.RegexField(
        r"^[A-Za-z0-9][A-Za-z0-9./-]{0,28}$", label=_l("Lot"), help_text=_l("As printed, or scanned."),
        error_messages={"invalid": _l("A lot number is letters, digits, points, slashes and hyphens.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )  # fmt: skip
    expires = forms.DateField(label=_l("Last day"), widget=forms.DateInput(attrs={"type": "date"}),
                              help_text=_l("For a month alone, its last day."))  # fmt: skip
    vials = forms.IntegerField(label=_l("How many"), min_value=1, max_value=500)
    paper = forms.CharField(label=_l("Supplier and invoice number"), max_length=120)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items = items()
        self.fields["item"].choices = [(key, item_words(item)) for key, item in self.items.items()]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> Item:
        """The chosen product and strength."""
        return self.items[self.cleaned_data["item"]]


def amount_field(label: Any) -> NumberField:
    """An amount in mg."""
    return NumberField(label=label, unit="mg", least=Decimal("0.001"), most=MOST_MG)


class DrawForm(OnceForm):
    """A dose drawn up."""

    code = forms.CharField(
        label=_l("Vial"), max_length=40, help_text=_l("Scan its label, or type the code or lot."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )  # fmt: skip
    amount_mg = amount_field(_l("Drawn up"))


class WasteForm(OnceForm, SignForm):
    """Drug that is destroyed."""

    amount_mg = amount_field(_l("Wasted"))
    reason = forms.CharField(label=_l("What, and how"), max_length=300)
    field_order = ("amount_mg", "reason", "secret", "form_token")


class SendForm(OnceForm):
    """A vial that leaves."""

    paper = forms.CharField(label=_l("To whom, with which paper"), max_length=120)
    reason = forms.CharField(label=_l("Why"), max_length=300, help_text=_l("Expired, recalled, moved to another site."))


class TakeBackForm(SignForm):
    """The counter-entry of a wrong entry."""

    reason = forms.CharField(label=_l("What was wrong"), max_length=300)
    field_order = ("reason", "secret")


class RefuseForm(forms.Form):
    """It was not so."""

    reason = forms.CharField(label=_l("What was not so"), max_length=300)


class CloseForm(SignForm):
    """Closing a drug record or a count."""

    reason = forms.CharField(label=_l("Where the difference went"), max_length=300, required=False)
    field_order = ("reason", "secret")


class SettleForm(SignForm):
    """What became of a difference."""

    explanation = forms.CharField(label=_l("What was found"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000)
    told = forms.CharField(
        label=_l("Reported to"), max_length=200, required=False,
        help_text=_l("In the USA theft or significant loss is reported to the DEA in writing within one business day "
                     "(21 CFR 1301.76(b))."),
    )  # fmt: skip
    adjust = forms.BooleanField(label=_l("Bring the books to what was counted"), required=False)
    field_order = ("explanation", "told", "adjust", "secret")


class CountForm(OnceForm):
    """A blind count: one pair of fields for each lot, none of them filled in, no balance in sight."""

    kind = forms.ChoiceField(label=_l("Which count"), choices=Count.Kind.choices)
    moment = forms.ChoiceField(
        label=_l("Taken at"), choices=[("", "–"), *Count.Moment.choices], required=False,
        help_text=_l("A full inventory must say it."),
    )  # fmt: skip
    note = forms.CharField(label=_l("Note"), max_length=300, required=False)

    def __init__(self, *args: Any, lots: Iterable[LotOnShelf], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lots = list(lots)
        for one in self.lots:
            self.fields[f"whole-{one.lot.pk}"] = forms.IntegerField(
                label=_("Lot %(lot)s: sealed") % {"lot": one.lot.lot}, min_value=0, max_value=9999,
                widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "number"}),
            )  # fmt: skip
            self.fields[f"open-{one.lot.pk}"] = NumberField(
                label=_("Lot %(lot)s: in opened") % {"lot": one.lot.lot}, unit="mg", least=0, most=MOST_MG
            )

    def clean(self) -> dict[str, Any]:
        """A full inventory says when in the day it was taken."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("kind") == Count.Kind.INVENTORY and not data.get("moment"):
            self.add_error("moment", _("Say whether it was taken at opening or at close of business."))
        return data

    def lines(self) -> list[tuple[LotOnShelf, Any, Any]]:
        """Each lot with its two fields, for the page."""
        return [(one, self[f"whole-{one.lot.pk}"], self[f"open-{one.lot.pk}"]) for one in self.lots]

    def counted(self) -> dict[str, Counted]:
        """By lot id what was typed."""
        data = self.cleaned_data
        return {str(one.lot.pk): Counted(data[f"whole-{one.lot.pk}"], data[f"open-{one.lot.pk}"]) for one in self.lots}
