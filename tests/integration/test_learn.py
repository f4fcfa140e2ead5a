"""Pages to learn from, my plan, the calendar file, the page for the fridge: in both languages, easy to read."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils.html import strip_tags
from tests.integration.samples.steps import treated
from tests.reading_grade import grade

from surcease.care.visits import Kept, Kind
from surcease.knowledge.education import pages
from surcease.web.audit.models import AuditRow
from surcease.web.diary.ics import Entry, calendar
from surcease.web.diary.models import Message
from surcease.web.plan.actions import change_visit
from surcease.web.plan.models import Visit

pytestmark = pytest.mark.django_db


def shown(client, address: str, language: str = "en") -> str:
    client.cookies["surcease_language"] = language
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_page_opens_in_both_languages_with_date_and_sources(world, client_as, language):
    me = client_as("patient")
    index = shown(me, "/diary/learn/", language)
    for page in pages():
        assert page.title[language] in index
        text = shown(me, f"/diary/learn/{page.id}/", language)
        assert all(part.heading[language] in text for part in page.parts)
        assert "2026" in text.split('class="sources"')[1]
    assert me.get("/diary/learn/nothing/").status_code == 404


def test_a_page_can_be_asked_about(world, client_as):
    me = client_as("patient")
    page = shown(me, "/diary/learn/effects/")
    (link,) = re.findall(r'href="(/diary/messages/\?about=[^"]+)"', page)
    form = shown(me, link.replace("&amp;", "&"))
    assert "Side effects" in form
    me.post("/diary/messages/", {"text": "How long?", "about": "Side effects"})
    assert Message.objects.get().about == "Side effects"
    assert "Side effects" in client_as("nurse").get(f"/diary/person/{world.patient.pk}/").content.decode()


def test_my_plan_says_what_was_signed(world, client_as):
    treated(world)
    text = strip_tags(shown(client_as("patient"), "/diary/learn/plan/?at=09:00"))
    assert "10 treatments, as a drip into a vein" in text
    assert "The treatment runs for 4 hours. Then we watch you for at least 1 hour. Plan for 5 hours or more." in text
    assert "write by week 4" in text
    assert "Taken home from 14:00" in text
    assert AuditRow.objects.filter(patient=world.patient.pk, why="my plan").exists()


@pytest.mark.parametrize(
    "address", ["/diary/learn/plan/?at=09:00", "/diary/mine/consent/", "/diary/learn/", "/diary/mine/"]
)
def test_the_other_pages_read_easily_too(world, client_as, address):
    treated(world)
    page = shown(client_as("patient"), address).split('<main id="content"')[1].split("</main>")[0]
    page = re.sub(r"<(form|dl|svg|nav class)\b.*?</\1>", "", page, flags=re.DOTALL)
    lines = [strip_tags(part).strip() for part in re.split(r"</(?:p|h1|h2|h3|li|strong|a|dd|dt|summary)>", page)]
    text = " ".join(
        line if line.endswith((".", "?", "!", ":")) else f"{line}." for line in lines if len(line.split()) > 2
    )
    assert len(text.split()) > 30
    assert grade(text) <= 8


def test_without_a_plan_the_page_says_what_comes(world, client_as):
    me = client_as("patient")
    assert "No plan is signed yet" in shown(me, "/diary/learn/plan/")
    assert me.get("/diary/learn/plan/treatment.ics").status_code == 302
    assert me.get("/diary/learn/plan/fridge.pdf").status_code == 302


def test_a_time_that_is_none_is_said_at_the_field(world, client_as):
    treated(world)
    page = shown(client_as("patient"), "/diary/learn/plan/?at=half+past")
    assert "Give a time such as 09:00" in page


def unfolded(content: bytes) -> list[dict[str, str]]:
    """The events of a calendar file, read by the rules of RFC 5545 §3.1."""
    text = content.decode()
    assert text.replace("\r\n", "").count("\n") == 0
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    lines = text.replace("\r\n ", "").split("\r\n")
    events: list[dict[str, str]] = []
    for line in lines:
        if line == "BEGIN:VEVENT":
            events.append({})
        elif events and ":" in line:
            name, _, value = line.partition(":")
            events[-1][name] = value
    return events


def test_the_calendar_has_each_day_who_fetches_me_and_no_driving(world, client_as):
    treated(world)
    response = client_as("patient").get("/diary/learn/plan/treatment.ics?at=09:00")
    assert response["Content-Type"].startswith("text/calendar")
    events = unfolded(response.content)
    assert len({e["UID"] for e in events}) == len(events)
    visits = list(Visit.objects.filter(patient=world.patient, kind=Kind.SESSION, state=Kept.PLANNED))
    treatments = [e for e in events if e["SUMMARY"].startswith("Treatment ")]
    assert len(treatments) == len(visits) == 9  # the first is kept today
    second = visits[0]
    came = datetime.combine(second.day, time(9), ZoneInfo("Europe/Berlin")).astimezone(UTC)
    assert treatments[0]["DTSTART"] == f"{came:%Y%m%dT%H%M%SZ}"
    home = next(e for e in events if e["UID"].startswith(f"{second.pk}-home"))
    assert home["DTSTART"] == f"{came + timedelta(hours=5):%Y%m%dT%H%M%SZ}"
    barred = set()
    for event in (e for e in events if e["SUMMARY"] == "No driving"):
        first, after = (date.fromisoformat(event[f"{k};VALUE=DATE"]) for k in ("DTSTART", "DTEND"))
        barred |= {first + timedelta(days=n) for n in range((after - first).days)}
    assert barred == {v.day + timedelta(days=n) for v in visits for n in (0, 1)}
    assert "ketamine" not in response.content.decode().lower()


def test_a_cancelled_day_is_taken_out_of_the_calendar(world, client_as):
    treated(world)
    visit = Visit.objects.filter(patient=world.patient, kind=Kind.SESSION, number=10).get()
    change_visit(by=world.users.nurse, now=world.now, visit=visit, state="cancelled", reason="better")
    events = unfolded(client_as("patient").get("/diary/learn/plan/treatment.ics").content)
    (gone,) = [e for e in events if e["UID"].startswith(str(visit.pk))]
    assert (gone["STATUS"], gone["SEQUENCE"]) == ("CANCELLED", "1")


def test_long_and_odd_text_is_folded_and_escaped():
    odd = "señal €; a, b\\c\n" + "ü" * 80
    text = calendar(
        [Entry("1@x", odd, date(2026, 3, 2), date(2026, 3, 3))], name="a;b", now=datetime(2026, 3, 1, tzinfo=UTC)
    )
    (event,) = unfolded(text.encode())
    assert event["SUMMARY"] == "señal €\\; a\\, b\\\\c\\n" + "ü" * 80


def test_the_fridge_page_and_its_pdf_hold_the_days(world, client_as):
    treated(world)
    me = client_as("patient")
    page = strip_tags(shown(me, "/diary/learn/plan/fridge/?at=09:00"))
    assert "2 of 10" in page
    assert "from 14:00" in page
    pdf = me.get("/diary/learn/plan/fridge.pdf?at=09:00")
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF")
    assert len(pdf.content) < 200_000


def test_the_pages_speak_the_persons_own_language_until_they_choose(world, client_as):
    me = client_as("patient")
    type(world.users.patient).objects.filter(pk=world.users.patient.pk).update(language="es")
    assert '<html lang="es"' in me.get("/diary/learn/").content.decode()
    me.post("/language/", {"language": "en", "next": "/diary/learn/"})
    assert '<html lang="en"' in me.get("/diary/learn/").content.decode()


def test_one_word_of_the_rail_is_the_present_one(world, client_as):
    assert client_as("patient").get("/diary/learn/how/").content.decode().count('aria-current="page"') == 1
