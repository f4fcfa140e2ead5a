"""The record is theirs: out as paper, table and FHIR, back in equal; consent taken back, and nothing deleted."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from tests.integration.samples.steps import treated

from surcease.care.diary_file import read_diary
from surcease.care.event import Started, Stopped
from surcease.fhir import read_sources
from surcease.fhir.strict import source_of
from surcease.knowledge.catalogue import catalogue
from surcease.knowledge.fact import Fact
from surcease.web.diary import withdraw
from surcease.web.diary.models import EntryRow, ReminderPlan
from surcease.web.patients import actions as patients
from surcease.web.patients.models import AllergyRow, AnswersRow, BannerItem, ConditionRow, Consent, MedicationRow
from surcease.web.patients.record import make_record
from surcease.web.plan.queries import signed_plan
from surcease.web.treatment import actions as treatment
from surcease.web.treatment.models import TreatmentSession
from surcease.web.worklist.models import Todo

pytestmark = pytest.mark.django_db
HERE = Path(__file__)


def answered(instrument, at):
    """A filled-in instrument, every item 7."""
    items = {item.link_id: {"kind": "number", "value": "7"} for item in catalogue()[instrument].scored}
    return AnswersRow(instrument=instrument, instrument_version="1", items=items, at=at, language="en")


@pytest.fixture
def full(world):
    """A record with something of everything."""
    now, by, who = world.now, world.users, world.patient
    session = treated(world)
    start = now + timedelta(minutes=5)
    treatment.add_event(by=by.nurse, now=start, session=session, at=start, payload=Started(
        Decimal("12.5"), Decimal("0.868"), Decimal(0), rate_mg_per_h=None, lot="K1"))  # fmt: skip
    end = start + timedelta(hours=4)
    treatment.add_event(by=by.nurse, now=end, session=session, at=end, payload=Stopped("planned"))
    rows = [
        ConditionRow(text="CRPS, right hand", status="active"),
        AllergyRow(text="Latex", reaction="rash"),
        answered("peg", now),
        MedicationRow(text="oxycodone", status="active"),
        MedicationRow(
            text="gabapentin 300 mg", status="active", amount=Decimal("300.0"), unit="mg", per_day=Decimal(3)
        ),
    ]
    patients.enter(by=by.nurse, now=now, patient=who, rows=rows)
    patients.state(by=by.nurse, now=now, patient=who, facts={"diabetes": Fact(False, at=now)})
    for n, pain in enumerate((Decimal("7.50"), None, Decimal(0))):
        at = now - timedelta(days=n)
        words = "" if n else "señal; =1+1"
        EntryRow(entry_id=f"00000000-0000-4000-8000-00000000000{n}", patient=who, kind="average", at=at,
                 utc_offset_min=60, local_date=at.date(), received_at=at, pain=pain, sent_hash=f"{n}", content="{}",
                 values={"sleep": {"kind": "number", "value": "4"}}, note=words).save()  # fmt: skip
    return who


def test_the_download_reads_back_equal_to_the_last_digit(full, client_as):
    response = client_as("patient").get("/diary/mine/record.json")
    assert b"7.50" in response.content
    (read,) = read_sources([source_of(response.content, "record.json")])
    assert read.record == make_record(full)
    assert read.record.given
    assert len(read.record.diary) == 3


EXPORT = """
import sys
from surcease.web import start
from surcease.web.home import Home
start.set_up(Home.at(sys.argv[1]))
from surcease.fhir.write import dumps, write_bundle
from surcease.web.patients.models import Patient
from surcease.web.patients.record import make_record
print(dumps(write_bundle(make_record(Patient.objects.get()))))
"""


def test_another_clinic_imports_it_and_hands_out_the_same(full, client_as, tmp_path):
    """Our download → `surcease import` into an empty home → that clinic's own export: the same record."""
    file, home = tmp_path / "record.json", tmp_path / "home"
    file.write_bytes(client_as("patient").get("/diary/mine/record.json").content)
    clean = {
        k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "SURCEASE_HOME")
    }
    command = [
        sys.executable,
        "-c",
        "from surcease.cli.main import app; app()",
        "import",
        str(file),
        "--home",
        str(home),
    ]
    for word in ("new", "unchanged"):
        done = subprocess.run([*command, "--json"], capture_output=True, text=True, env=clean, check=False)
        assert done.returncode == 0, done.stderr
        assert f'"{word}"' in done.stdout
    said = subprocess.run(
        [sys.executable, "-c", EXPORT, str(home)], capture_output=True, text=True, env=clean, check=False
    )
    assert said.returncode == 0, said.stderr
    (there,) = read_sources([source_of(said.stdout.strip().encode(), "there.json")])
    here = make_record(full)

    for part in ("conditions", "medications", "allergies", "measurements", "answers", "diary", "given"):
        ours, theirs = getattr(here, part), list(getattr(there.record, part))
        assert ours, f"nothing of {part} to compare"
        assert len(ours) == len(theirs)
        for thing in ours:
            theirs.remove(thing)  # each has its equal
        assert not theirs
    assert there.record.statements == here.statements
    same = replace(there.record.person, id=here.person.id, identifiers=here.person.identifiers)
    assert same == here.person
    assert set(here.person.identifiers) <= set(there.record.person.identifiers)


def test_the_table_has_every_entry_every_answer_and_no_formula(full, client_as):
    text = client_as("patient").get("/diary/mine/diary.csv").content.decode()
    rows = list(csv.DictReader(text.splitlines()))
    assert [row["score"] for row in rows] == ["0", "", "7.50"]
    assert rows[-1]["note"] == "señal; =1+1"
    assert {row["sleep"] for row in rows} == {"4"}
    assert all(row["at"].endswith("+01:00") for row in rows)


def test_the_table_is_what_the_commands_read(full, world, client_as, tmp_path):
    """The same days, numbers and kinds come out of the file as the record has them."""
    late, at = world.now - timedelta(days=5), world.now
    EntryRow(entry_id="00000000-0000-4000-8000-000000000009", patient=full, kind="now", at=at, utc_offset_min=-300,
             local_date=late.date(), received_at=at, pain=Decimal(9), sent_hash="9", content="{}").save()  # fmt: skip
    file = tmp_path / "diary.csv"
    file.write_bytes(client_as("patient").get("/diary/mine/diary.csv").content)

    def seen(entries):
        return sorted((e.at, e.local_date, e.pain if e.pain is not None else -1, e.kind, e.note) for e in entries)

    assert seen(read_diary(file)) == seen(make_record(full).diary)


def test_the_paper_is_made(full, client_as):
    response = client_as("patient").get("/diary/mine/record.pdf")
    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF")


def test_treatment_is_taken_back_once_and_bars_the_next_session(full, world, client_as):
    me, before = client_as("patient"), make_record(full)
    page = me.get("/diary/mine/consent/").content.decode()
    assert "No new treatment starts." in page
    for _ in range(2):
        me.post("/diary/mine/consent/", {"kind": "treatment", "reason": "Too much"})
    row = Consent.objects.get(patient=full, kind="treatment")
    assert not row.given
    assert "Too much" in row.text
    todo = Todo.objects.get(kind="consent withdrawn")
    assert (todo.for_role, todo.urgent) == ("physician", True)
    assert todo.due_at - world.now < timedelta(hours=25)
    assert BannerItem.objects.get(patient=full, key="consent_withdrawn").level == "red"
    opened = TreatmentSession.objects.count()
    answer = client_as("nurse").post(f"/treatment/person/{full.pk}/arrive/", {"form_token": "t1"})
    assert answer.status_code == 409
    assert "withdrawn" in answer.content.decode()
    assert TreatmentSession.objects.count() == opened
    after = make_record(full)  # nothing of the record is gone
    assert (after.diary, after.given, after.medications) == (before.diary, before.given, before.medications)


def test_a_new_written_consent_opens_the_way_again(full, world):
    withdraw.withdraw(by=world.users.patient, now=world.now, patient=full, kind="treatment")
    plan = signed_plan(full)
    assert plan is not None
    assert "withdrawn" in treatment.why_not_begin(full)
    asked = {"by": world.users.nurse, "now": world.now, "patient": full, "plan": plan, "number": 2, "site": world.site}
    with pytest.raises(ValueError, match="withdrawn"):
        treatment.open_session(**asked)
    later = world.now + timedelta(minutes=1)
    signed = {"consent_signed_on": Fact(later.date(), at=later, source="physician")}
    patients.state(by=world.users.physician, now=later, patient=full, facts=signed)
    assert treatment.why_not_begin(full) == ""


def test_contact_and_research_stand_apart(full, world, client_as):
    ReminderPlan.objects.create(patient=full, times=["21:00"], by_mail=True, by_push=True)
    me = client_as("patient")
    me.post("/diary/mine/consent/", {"kind": "messages"})
    plan = ReminderPlan.objects.get(patient=full)
    assert (plan.by_mail, plan.by_push) == (False, False)
    assert not Consent.objects.filter(kind__in=("treatment", "registry")).exists()
    me.post("/diary/mine/consent/", {"kind": "registry", "agree": "1"})
    assert Consent.objects.get(kind="registry").given
    me.post("/diary/mine/consent/", {"kind": "registry"})
    assert [c.given for c in Consent.objects.filter(kind="registry").order_by("at")] == [True, False]


@pytest.mark.parametrize("data", [{"kind": "treatment", "agree": "1"}, {"kind": "poem"}, {}])
def test_what_cannot_be_agreed_to_here_is_said_and_nothing_kept(full, client_as, data):
    answer = client_as("patient").post("/diary/mine/consent/", data, follow=True)
    assert any(words in answer.content.decode() for words in ("Talk with your team", "Choose what you take back"))
    assert not Consent.objects.exists()


def test_a_message_is_sent_once_and_says_when_it_is_answered(world, client_as):
    from surcease.web.diary.models import Message

    me = client_as("patient")
    for _ in range(2):
        me.post("/diary/messages/", {"text": "May I swim?", "form_token": "token-1"})
    assert Message.objects.count() == 1
    assert "an answer by" in me.get("/diary/messages/").content.decode()
    client_as("nurse").post(f"/diary/person/{world.patient.pk}/answer/", {"text": "Yes."})
    assert "an answer by" not in me.get("/diary/messages/").content.decode()
    empty = me.post("/diary/messages/", {"text": "  ", "about": "Tips"})
    assert "Write something before sending." in empty.content.decode()
    assert "Tips" in empty.content.decode()


def test_the_json_of_the_import_names_the_person(full, client_as):
    bundle = json.loads(client_as("patient").get("/diary/mine/record.json").content)
    people = [e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "Patient"]
    assert [p["name"][0]["family"] for p in people] == ["Lindqvist"]


def test_a_promise_never_falls_into_closed_hours(world, client_as):
    """A message of Friday noon is due Saturday noon; the clinic reads again on Monday at 8 (Berlin, winter: 7 UTC)."""
    from datetime import UTC, datetime

    from surcease.web.clinic.settings import put_setting
    from surcease.web.diary.hours import HOURS
    from surcease.web.diary.models import Message
    from surcease.web.diary.views.letters import letters_of

    friday = datetime(2026, 11, 27, 11, tzinfo=UTC)
    Message(patient=world.patient, from_patient=True, author=world.users.patient, text="Hello", at=friday).save()
    assert letters_of(world.patient, world.site)[0].by_when == friday + timedelta(hours=24)
    week = {day: ["08:00", "17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    put_setting(HOURS, week, by=world.users.lead, site=world.site)
    assert letters_of(world.patient, world.site)[0].by_when == datetime(2026, 11, 30, 7, tzinfo=UTC)
