"""Forms of the questionnaire pages: the import, the builder's rows, the score."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from surcease.fhir.strict import FhirError, parse, source_of
from surcease.knowledge.instrument import Instrument
from surcease.knowledge.instrument_built import Row, build, scored
from surcease.knowledge.questionnaire import from_fhir
from surcease.web.forms import NumberField

MOST_BYTES = 1_000_000
TYPES = (
    ("choice", gettext_lazy("one of several answers")),
    ("boolean", gettext_lazy("yes or no")),
    ("integer", gettext_lazy("whole number")),
    ("decimal", gettext_lazy("number with decimals")),
    ("date", gettext_lazy("date")),
    ("string", gettext_lazy("short text")),
    ("text", gettext_lazy("long text")),
    ("display", gettext_lazy("text to read, no answer")),
    ("group", gettext_lazy("heading over the next questions")),
)
OPERATORS = (
    ("=", gettext_lazy("is")),
    ("!=", gettext_lazy("is not")),
    (">", gettext_lazy("is more than")),
    (">=", gettext_lazy("is at least")),
    ("<", gettext_lazy("is less than")),
    ("<=", gettext_lazy("is at most")),
    ("exists", gettext_lazy("is answered")),
)
METHODS = (
    ("none", gettext_lazy("no score of mine")),
    ("sum", gettext_lazy("sum of the answers")),
    ("mean", gettext_lazy("mean of the answers")),
)


class ScoreForm(forms.Form):
    """How the answers become a score, and what it means here."""

    method = forms.ChoiceField(label=gettext_lazy("Score"), choices=METHODS, initial="none")
    allowed_missing = forms.IntegerField(
        label=gettext_lazy("Answers that may be missing"), min_value=0, max_value=100, initial=0, required=False,
        help_text=gettext_lazy("With more than these missing there is no score. A blank never counts as 0."),
    )  # fmt: skip
    bands = forms.CharField(
        label=gettext_lazy("What a score means"), required=False, max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("One a line: the score from which it holds, then its words. Example: 10 = moderate"),
    )  # fmt: skip

    def score(self) -> dict[str, Any]:
        """The arguments of :func:`surcease.knowledge.instrument_built.scored`."""
        data = self.cleaned_data
        return {"method": data["method"], "allowed_missing": data["allowed_missing"] or 0, "bands": data["bands"]}


class ImportForm(ScoreForm):
    """A FHIR R4 Questionnaire as a file or as text; what is not supported is refused by its element's name."""

    file = forms.FileField(label=gettext_lazy("FHIR R4 Questionnaire (JSON file)"), required=False)
    text = forms.CharField(
        label=gettext_lazy("or its text"), required=False, max_length=MOST_BYTES, strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
    )  # fmt: skip
    counts = forms.CharField(
        label=gettext_lazy("Questions that count"), required=False, max_length=4000,
        help_text=gettext_lazy("Their linkIds with commas between; empty: every question whose answers have points."),
    )  # fmt: skip
    field_order = ("file", "text", "method", "counts", "allowed_missing", "bands")

    def clean(self) -> dict[str, Any]:
        """Read, convert, score; every refusal stands at the field it belongs to."""
        data: dict[str, Any] = super().clean() or {}
        self.instrument: Instrument | None = None
        chosen = data.get("file")
        if chosen is not None and chosen.size > MOST_BYTES:
            self.add_error("file", _("A Questionnaire may have at most 1 MB."))
            return data
        where = "text" if chosen is None else "file"
        packed = data.get("text", "").encode() if chosen is None else chosen.read()
        if not packed.strip():
            self.add_error("file", _("Choose a file, or paste its text."))
            return data
        try:
            source = source_of(packed, "the file")
            self.resource = parse(source.text, source.name)
            read = from_fhir(self.resource)
        except (FhirError, ValueError) as error:
            self.add_error(where, str(error))
            return data
        self.kept_text = source.text
        self._score(read, data)
        return data

    def _score(self, read: Instrument, data: dict[str, Any]) -> None:
        if "method" not in data or self.errors:
            return
        wanted = [part.strip() for part in data.get("counts", "").split(",") if part.strip()]
        try:
            items = tuple(read.item(part).link_id for part in wanted) or countable(read)
            self.instrument = scored(read, items=items, **self.score())
        except ValueError as error:
            self.add_error("counts" if "item" in str(error) else "method", str(error))


def countable(read: Instrument) -> tuple[str, ...]:
    """The questions whose every answer has points, or whose number has bounds."""
    return tuple(
        item.link_id
        for item in read.questions
        if item.type == "boolean"
        or (item.type == "choice" and all(o.points is not None for o in item.options))
        or (item.type in ("integer", "decimal") and item.low is not None and item.high is not None)
    )


class BuildForm(ScoreForm):
    """The head of a questionnaire that is built here."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=120)
    stem = forms.CharField(
        label=gettext_lazy("Words above the questions"), required=False, max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    permission = forms.CharField(
        label=gettext_lazy("Whose words these are"), max_length=300,
        help_text=gettext_lazy("Our own, or the licence on which we use them."),
    )  # fmt: skip
    field_order = ("title", "stem", "permission", "method", "allowed_missing", "bands")


class RowForm(forms.Form):
    """One row of the builder. A row without words is left out."""

    text = forms.CharField(label=gettext_lazy("Words"), required=False, max_length=1000)
    type = forms.ChoiceField(label=gettext_lazy("Kind"), choices=TYPES, initial="choice")
    answers = forms.CharField(
        label=gettext_lazy("Answers, one a line"), required=False, max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}), help_text=gettext_lazy("With points: never = 0"),
    )  # fmt: skip
    low = NumberField(label=gettext_lazy("Lowest number"), required=False)
    high = NumberField(label=gettext_lazy("Highest number"), required=False)
    low_text = forms.CharField(label=gettext_lazy("Words at the lowest"), required=False, max_length=80)
    high_text = forms.CharField(label=gettext_lazy("Words at the highest"), required=False, max_length=80)
    unit = forms.CharField(label=gettext_lazy("Unit"), required=False, max_length=20)
    help = forms.CharField(label=gettext_lazy("Help"), required=False, max_length=400)
    counts = forms.BooleanField(label=gettext_lazy("counts in the score"), required=False, initial=True)
    inside = forms.BooleanField(label=gettext_lazy("stands under the heading above"), required=False)
    when_question = forms.CharField(label=gettext_lazy("Ask only if question number"), required=False, max_length=4)
    when_operator = forms.ChoiceField(label=gettext_lazy("compared how"), choices=OPERATORS, initial="=")
    when_answer = forms.CharField(label=gettext_lazy("with the answer"), required=False, max_length=200)

    def row(self) -> Row | None:
        """What was typed; None for an empty row."""
        data = self.cleaned_data
        return Row(**data) if data.get("text", "").strip() else None


Rows = forms.formset_factory(RowForm, extra=0, max_num=200, validate_max=True)


def built(form: BuildForm, rows: Any, *, key: str = "") -> Instrument | None:
    """The instrument of the builder's forms; None when something is wrong, and then a sentence says what."""
    if not (form.is_valid() and rows.is_valid()):
        return None
    data = form.cleaned_data
    wanted = [row for one in rows.forms if (row := one.row()) is not None]
    try:
        return build(
            data["title"], wanted, key=key, stem=data["stem"], permission=data["permission"], **form.score()
        )  # fmt: skip
    except ValidationError as error:
        form.add_error(None, error)
    except ValueError as error:
        form.add_error("bands" if str(error).startswith("bands") else None, str(error))
    return None


def rows_kept(rows: Any) -> list[dict[str, Any]]:
    """The typed rows as JSON."""
    kept = [one.cleaned_data for one in rows.forms if one.row() is not None]
    return [json.loads(json.dumps(data, default=str)) for data in kept]
