"""The words that patients see, and their Spanish: what there is to translate, and the catalogue that Django reads.

``python -m surcease.web.tongues`` brings ``locale/es`` up to date after a text changed: new texts come in untranslated,
texts that are gone leave, and the catalogue is compiled. A test fails while a text has no translation, or while the
compiled file is not that of the text beside it.
"""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from surcease.care import reminders

WEB = Path(__file__).parent
FOLDER = WEB / "locale" / "es" / "LC_MESSAGES"
KEYWORDS = frozenset({"_", "_l", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext"})

#: everything a patient may come upon: pages, papers, letters, refusals. The rest of the interface is English.
SEEN = (
    "accounts/adapter.py",
    "accounts/forms.py",
    "accounts/middleware.py",
    "accounts/models.py",
    "accounts/templates/account/*.html",
    "accounts/templates/accounts/link_over.html",
    "accounts/templates/accounts/me.html",
    "accounts/templates/allauth/**/*.html",
    "audit/templates/audit/own.html",
    "audit/templates/audit/rows.html",
    "clinic/templates/**/*.html",
    "diary/*.py",
    "diary/templates/diary/*.html",
    "diary/views/*.py",
    "errors.py",
    "forms.py",
    "patients/instrument_form.py",
    "patients/models/record.py",
    "review/own.py",
    "review/templates/review/mine.html",
    "settings.py",
    "treatment/templates/treatment/screen.html",
    "ui/frame.py",
    "ui/templates/**/*.html",
)
#: pages for those who work here, which lie among the others
NOT_SEEN = (
    "clinic/templates/clinic/*.html",
    "diary/templates/diary/clinic.html",
    "diary/templates/diary/person.html",
    "diary/templates/diary/person_scores.html",
    "diary/views/clinic.py",
    "diary/views/staff.py",
    "ui/templates/ui/parts.html",
)
#: functions of a file that is for staff otherwise
PARTS = {"treatment/sheets.py": ("slip_data",)}
#: texts that reach gettext by a name, and what allauth says in Spanish as if to a friend
NAMED = (
    reminders.TEXT,
    "Send me a sign-in code",
    "We've sent a code to %(recipient)s. The code expires shortly, so please enter it soon.",
)
Text = str | tuple[str, ...]


def seen_files(root: Path = WEB) -> list[Path]:
    """The files whose texts a patient may see."""
    barred = {path for pattern in NOT_SEEN for path in root.glob(pattern)}
    return sorted({path for pattern in SEEN for path in root.glob(pattern)} - barred)


def texts_of(path: Path, functions: tuple[str, ...] = ()) -> Iterator[tuple[str, Text]]:
    """Context ("" for none) and text, or texts of a plural, of each marked string in a Python file or template; of
    some ``functions`` of a Python file only."""
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".html":  # what templatize leaves of the markup is no Python: the calls alone, one a line
        source = "\n".join(re.findall(r"\s(_\(.*?\)|p?gettext\(.*?\)|ngettext\(.*?\))\s", f" {templatize(source)} "))
    tree = ast.parse(source)
    roots = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name in functions] if functions else [tree]
    for node in (node for root in roots for node in ast.walk(root)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in KEYWORDS:
            words = [str(a.value) for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            if words and words[0]:
                yield _text(node.func.id, words)  # type: ignore[attr-defined]


def _text(function: str, words: list[str]) -> tuple[str, Text]:
    if function.startswith("pgettext"):
        return words[0], words[1]
    return "", (words[0], words[1]) if function.startswith("ngettext") else words[0]


def to_translate(files: Iterable[Path] | None = None) -> Catalog:
    """Every text a patient may see, in the order of the files, without its translation."""
    catalogue = Catalog(
        locale="es", project="Surcease", version="1", charset="utf-8", fuzzy=False, language_team="es",
        msgid_bugs_address="see CONTRIBUTING.md", last_translator="not reviewed",
        header_comment="# What patients see, in Spanish. This translation has not been reviewed.",
    )  # fmt: skip
    for path in seen_files() if files is None else files:
        _add(catalogue, path)
    if files is None:
        for name, functions in PARTS.items():
            _add(catalogue, WEB / name, functions)
        for text in NAMED:
            catalogue.add(text)
    return catalogue


def _add(catalogue: Catalog, path: Path, functions: tuple[str, ...] = ()) -> None:
    for context, text in texts_of(path, functions):
        catalogue.add(text, locations=[(path.relative_to(WEB).as_posix(), 0)], context=context or None)


def kept() -> Catalog:
    """The catalogue as it is kept."""
    with (FOLDER / "django.po").open("rb") as file:
        return read_po(file, locale="es")


def compiled(catalogue: Catalog) -> bytes:
    """What Django reads: the same catalogue always gives the same bytes."""
    out = io.BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def renew() -> list[str]:
    """Write both files anew; the texts that still need a translation."""
    fresh, before = to_translate(), kept() if (FOLDER / "django.po").is_file() else Catalog(locale="es")
    for message in fresh:
        known = before.get(message.id, message.context) if message.id else None
        if known is not None:
            message.string = known.string
    fresh.revision_date = fresh.creation_date = datetime(2026, 11, 25, tzinfo=UTC)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "django.po").open("wb") as file:
        write_po(
            file, fresh, width=110, sort_output=True, omit_header=False, ignore_obsolete=True, include_lineno=False
        )
    (FOLDER / "django.mo").write_bytes(compiled(kept()))
    return missing(kept())


def missing(catalogue: Catalog) -> list[str]:
    """Texts of a catalogue without a translation, or with one that nobody is sure of."""
    found = []
    for message in catalogue:
        texts = message.string if isinstance(message.string, list | tuple) else (message.string,)
        if message.id and (message.fuzzy or not all(texts)):
            found.append(message.id if isinstance(message.id, str) else message.id[0])
    return found


if __name__ == "__main__":
    for text in renew():
        print(f"not translated: {text}")
