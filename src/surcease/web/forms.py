"""Form parts that every page needs: numbers read strictly, versions that cannot be overwritten, one form one record."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from surcease.units import read_number, say_unit

TOKEN = "form_token"  # noqa: S105  (the name of a field)


class NumberField(forms.CharField):
    """A typed amount, read by ``units.read_number``: 1.5 is read, 1,5 and .5 and 1e3 are refused at the field.

    ``unit`` is shown beside it; ``least`` and ``most`` are inclusive.
    """

    widget = forms.TextInput

    def __init__(
        self, *, unit: str = "", least: Decimal | int | None = None, most: Decimal | int | None = None, **kwargs: Any
    ) -> None:
        self.unit, self.least, self.most = unit, least, most
        self.said_unit = say_unit(unit) if unit else ""
        self.unit_said = say_unit(unit) if unit else ""
        kwargs.setdefault("max_length", 12)
        super().__init__(**kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """A number keypad on a tablet."""
        more = {"inputmode": "decimal", "autocomplete": "off", "class": "number"}
        return {**super().widget_attrs(widget), **more}

    def prepare_value(self, value: Any) -> Any:
        """A Decimal as it is typed."""
        return format(value, "f") if isinstance(value, Decimal) else value

    def clean(self, value: Any) -> Any:
        """Decimal, or None for an empty field that may be empty."""
        text = super().clean(value)
        if text == "":
            return None
        try:
            number = read_number(text)
        except ValueError as error:
            raise ValidationError(str(error)) from error
        if self.least is not None and number < self.least:
            raise ValidationError(gettext("%(value)s is below %(least)s.") % {"value": text, "least": self.least})
        if self.most is not None and number > self.most:
            raise ValidationError(gettext("%(value)s is above %(most)s.") % {"value": text, "most": self.most})
        return number


class StaleVersion(Exception):
    """Someone else saved a newer version. ``current`` is what stands now."""

    def __init__(self, current: Any) -> None:
        super().__init__("Someone else saved a newer version meanwhile.")
        self.current = current


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that both changed: what stands now, and what this form would save."""

    name: str
    label: str
    theirs: Any
    mine: Any


class VersionedForm(forms.Form):
    """A form that knows which version it was filled in from.

    A stale save is not refused silently and overwrites nothing: ``meet(current)`` turns the form into a choice; it
    shows both sides and, when the person says which to keep, is valid for the new version.
    Give ``version`` at making; read ``form.base_version`` when saving.
    """

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    keep = forms.ChoiceField(
        choices=[("", ""), ("mine", _("Keep what I typed")), ("theirs", _("Keep what stands"))],
        required=False,
        widget=forms.HiddenInput,
    )
    not_compared = ("version", "keep", TOKEN)

    def __init__(self, *args: Any, version: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if version is not None:
            self.fields["version"].initial = version
        self.differences: list[Difference] = []

    @property
    def base_version(self) -> int:
        """The version the person saw."""
        return int(self.cleaned_data["version"])

    def meet(self, current_version: int, current: dict[str, Any]) -> None:
        """Someone was first: list what differs and offer the choice, based on the version that stands now."""
        self.differences = list(self._differences(current))
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        data[self.add_prefix("version")] = str(current_version)
        self.data = data
        self.fields["keep"].widget = forms.RadioSelect(choices=[c for c in self.fields["keep"].choices if c[0]])  # type: ignore[attr-defined]
        self.add_error(None, gettext("Someone else saved this meanwhile. Nothing is lost: choose what to keep."))

    def _differences(self, current: dict[str, Any]) -> Iterator[Difference]:
        for name, field in self.fields.items():
            if name in self.not_compared or name not in current:
                continue
            mine = self.cleaned_data.get(name)
            if mine != current[name]:
                yield Difference(name, str(field.label or name.replace("_", " ")), current[name], mine)

    @property
    def gives_way(self) -> bool:
        """Whether the person chose to keep what the other one saved."""
        return self.cleaned_data.get("keep") == "theirs"


class OnceForm(forms.Form):
    """A form that makes one record however often it is sent: its token is unique where the record is kept."""

    form_token = forms.CharField(widget=forms.HiddenInput, max_length=64, min_length=16)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.fields[TOKEN].initial = new_token()


def new_token() -> str:
    """A token for one form as shown."""
    return secrets.token_urlsafe(24)


def once(token: str, *, by: Any) -> OnceTicket:
    """Use around the saving of a form: ``with once(token, by=user) as ticket: if ticket.first: … ticket.result = url``.

    The second sending of the same token waits for the first, then gets its result; the record is made once.
    """
    return OnceTicket(token, by)


class OnceTicket:
    """One sending of a form, inside one transaction."""

    def __init__(self, token: str, by: Any) -> None:
        self._token, self._by = token, by
        self._atomic = transaction.atomic()
        self._row: Any = None
        self.first = False
        self.result = ""

    def __enter__(self) -> OnceTicket:
        from surcease.web.clinic.models import FormSent

        self._atomic.__enter__()
        try:
            with transaction.atomic():
                self._row = FormSent.objects.create(token=self._token, by_id=getattr(self._by, "pk", None))
            self.first = True
        except IntegrityError:
            self.result = FormSent.objects.get(token=self._token).result
        return self

    def __exit__(self, *error: Any) -> None:
        if error[0] is None and self.first:
            self._row.result = self.result
            self._row.save(update_fields=["result"])
        self._atomic.__exit__(*error)
