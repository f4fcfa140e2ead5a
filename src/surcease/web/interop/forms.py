"""Choosing the files of an import."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from surcease.fhir import FhirError, Read, read_sources
from surcease.fhir.strict import MAX_FILE, Source, source_of
from surcease.web.clinic.models import Site
from surcease.web.forms import OnceForm

MOST_FILES = 40


class SeveralFiles(forms.FileField):
    """One field for several files; cleaned to a list."""

    class Widget(forms.ClearableFileInput):
        """A file input that takes several."""

        allow_multiple_selected = True

    widget = Widget

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Every file, cleaned by itself."""
        files: Sequence[Any] = (data or [None]) if isinstance(data, list | tuple) else [data]
        if len(files) > MOST_FILES:
            raise ValidationError(_("Choose at most %(n)s files at a time."), params={"n": MOST_FILES})
        clean = super().clean
        return [clean(file, initial) for file in files]


class ImportForm(OnceForm):
    """The files, and whose patients the people in them become. A file that cannot be read is said at the field."""

    chosen = SeveralFiles(
        label=_("FHIR R4 files"),
        help_text=_("Bundles or NDJSON, plain or .gz, up to 25 MB each. Nothing is kept before you have seen it."),
    )
    site = forms.ModelChoiceField(label=_("Site"), queryset=Site.objects.none(), empty_label=None)

    def __init__(self, *args: Any, sites: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = sites  # type: ignore[attr-defined]
        self.sources: list[Source] = []
        self.reads: list[Read] = []

    def clean_chosen(self) -> list[UploadedFile]:
        """Read them; one sentence per file that is broken or too large."""
        files: list[UploadedFile] = self.cleaned_data["chosen"]
        wrong = []
        for file in files:
            try:
                source = _source(file)
                read_sources([source])
            except FhirError as refused:
                wrong.append(str(refused))
            else:
                self.sources.append(source)
        if wrong:
            raise ValidationError(wrong)
        try:
            self.reads = read_sources(self.sources)
        except FhirError as refused:
            raise ValidationError(str(refused)) from refused
        if not self.reads:
            raise ValidationError(_("Nobody is in these files."))
        return files


def _source(file: UploadedFile) -> Source:
    return source_of(file.read(MAX_FILE + 1), (file.name or "file")[:120])
