"""The Spanish of what patients see: whole, compiled, with the same blanks to fill; no English left on their pages."""

from __future__ import annotations

import gettext
import io
import re
from pathlib import Path

import pytest
from django.utils.html import strip_tags
from tests.integration.samples.steps import treated

from surcease.web import tongues

ENGLISH_TOO = {"PIN", "no", "Alcohol"}  # the same in both languages


def texts(catalogue):
    """Every (English, Spanish) pair, plurals one by one."""
    for message in catalogue:
        if message.id:
            pairs = (
                zip(message.id, message.string, strict=True) if message.pluralizable else [(message.id, message.string)]
            )
            yield from pairs


def test_nothing_a_patient_sees_is_untranslated():
    kept = tongues.kept()
    known = {(m.context, m.id if isinstance(m.id, str) else m.id[0]) for m in kept if m.id}
    wanted = {(m.context, m.id if isinstance(m.id, str) else m.id[0]) for m in tongues.to_translate() if m.id}
    new, gone = wanted - known, known - wanted
    assert not new, f"translate these after python -m surcease.web.tongues: {sorted(t for _, t in new)}"
    assert not gone, f"these texts are gone, run python -m surcease.web.tongues: {sorted(t for _, t in gone)}"
    assert not tongues.missing(kept)


def test_the_compiled_file_is_that_of_the_text():
    assert (tongues.FOLDER / "django.mo").read_bytes() == tongues.compiled(tongues.kept()), (
        "run python -m surcease.web.tongues"
    )


def test_the_compiled_file_reads_with_pythons_own_gettext():
    """An independent reader: the standard library's."""
    spanish = gettext.GNUTranslations(io.BytesIO((tongues.FOLDER / "django.mo").read_bytes()))
    assert spanish.gettext("Average pain, last 24 hours") == "Dolor promedio, últimas 24 horas"
    assert spanish.ngettext("%(n)s hour", "%(n)s hours", 1) == "%(n)s hora"
    assert spanish.ngettext("%(n)s hour", "%(n)s hours", 4) == "%(n)s horas"


BLANK = re.compile(r"%\(\w+\)[sd]|</?\w+>")


def test_both_languages_have_the_same_blanks_and_tags():
    wrong = [en for en, es in texts(tongues.kept()) if sorted(BLANK.findall(en)) != sorted(BLANK.findall(es))]
    assert not wrong


def test_a_translation_is_not_the_english_again():
    same = {en for en, es in texts(tongues.kept()) if en == es and re.search(r"[A-Za-z]{2}", BLANK.sub("", en))}
    assert same <= ENGLISH_TOO | {"%(hours)s h %(minutes)s min"}


def test_people_are_addressed_alike_and_nobody_by_gender():
    """Usted throughout (no tú, no vosotros), and no participle that only fits one gender of reader."""
    spanish = " ".join(es for _en, es in texts(tongues.kept()))
    assert not re.search(r"\b(tú|tu|tus|te|contigo|vosotros|vuestro|puedes|quieres|haz clic)\b", spanish, re.IGNORECASE)
    assert not re.search(r"\b(bienvenido|conectado|seguro de que|listo para)\b", spanish, re.IGNORECASE)


def test_marked_texts_are_found_wherever_they_stand(tmp_path: Path):
    page, code = tmp_path / "page.html", tmp_path / "code.py"
    page.write_text(
        '{% load i18n %}<p title="{% translate "One" %}">'
        "{% blocktranslate with a=b %}Two {{ a }}{% endblocktranslate %}"
        '{% translate "Three" as three %}{{ name|default:_("Four") }}'
        "{% blocktranslate count n=n %}{{ n }} day{% plural %}{{ n }} days{% endblocktranslate %}</p>"
    )
    code.write_text(
        'from x import gettext as _\na = f"{_(\'Five\')} {1}"\nb = ngettext("%(n)s six", "%(n)s sixes", 2)\n'
    )
    assert {t for _c, t in tongues.texts_of(page)} == {
        "One", "Two %(a)s", "Three", "Four", ("%(n)s day", "%(n)s days"),
    }  # fmt: skip
    assert {t for _c, t in tongues.texts_of(code)} == {"Five", ("%(n)s six", "%(n)s sixes")}


def test_every_page_of_the_diary_is_among_those_seen_or_is_for_staff():
    folder = tongues.WEB / "diary" / "templates" / "diary"
    seen = set(tongues.seen_files())
    staff = {p.name for p in folder.glob("*.html") if p not in seen}
    assert staff == {Path(p).name for p in tongues.NOT_SEEN if p.startswith("diary/templates/")}


PAGES = (
    "/diary/", "/diary/days/", "/diary/scores/", "/diary/reminders/", "/diary/messages/", "/diary/learn/",
    "/diary/learn/evidence/", "/diary/learn/steps/", "/diary/learn/plan/?at=09:00", "/diary/learn/plan/fridge/",
    "/diary/mine/", "/diary/mine/consent/", "/diary/offline/", "/account/", "/audit/own/", "/nowhere/",
)  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("address", PAGES)
def test_no_english_is_left_on_a_patients_page(world, client_as, address):
    treated(world)
    me = client_as("patient")
    me.cookies["surcease_language"] = "es"
    response = me.get(address, follow=True)
    page = response.content.decode()
    assert '<html lang="es"' in page
    attributes = re.findall(r'(?:aria-label|placeholder|title|data-\w+-?\w*)="([^"]+)"', page)
    shown = {strip_tags(part).strip() for part in re.split(r"<[^>]+>", page)} | set(attributes)
    english = {en for en, es in texts(tongues.kept()) if en != es and "%(" not in en and len(en) > 3}
    assert shown & english <= {"English"}  # the way back to it


@pytest.mark.django_db
def test_a_decimal_is_written_with_a_point_in_both_languages():
    from decimal import Decimal

    from django.utils import translation
    from django.utils.formats import localize

    for language in ("en", "es"):
        with translation.override(language):
            assert localize(Decimal("7.5")) == "7.5"


@pytest.mark.django_db
def test_the_slip_to_take_home_is_in_the_persons_language(world):
    from surcease.web.patients.models import Patient
    from surcease.web.treatment.queries import sheet_of
    from surcease.web.treatment.views.papers import _slip_in_their_language

    session = treated(world)
    Patient.objects.filter(pk=world.patient.pk).update(language="es-MX")
    world.patient.refresh_from_db()
    said = str(_slip_in_their_language(sheet_of(session, at=world.now), world.patient, now=world.now))
    assert "No maneje" in said
    assert "Do not drive" not in said
