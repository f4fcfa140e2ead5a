"""The review over HTTP: sentences with their data, the forecast kept as shown, plan versions, release, papers."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
import typst
from tests.integration.test_plan_and_review import reviewed_person
from tests.web_fixtures import PASSWORD

from surcease.web.audit.models import AuditRow
from surcease.web.diary.models import EntryRow
from surcease.web.papers import typeset
from surcease.web.patients import actions as patients
from surcease.web.patients.models import AnswersRow
from surcease.web.plan.models import PlanDraft, PlanVersion, Visit
from surcease.web.review import outlook, paper
from surcease.web.review.models import ForecastShown, OutlookRelease, ReviewDecision
from surcease.web.review.queries import latest_review, reviewed
from surcease.web.worklist.models import Todo

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(world):
    """A session 20 days ago, pain 8 before and 5 after."""
    reviewed_person(world)
    return world


def page_of(world, client, part=""):
    return client.get(f"/review/person/{world.patient.pk}/{part}")


def sign(world, client, **more):
    day = (world.now + timedelta(days=14)).date().isoformat()
    body = {"action": "continue", "reason": "as agreed", "next_contact": day, "next_kind": "call", "secret": PASSWORD}
    return client.post(f"/review/person/{world.patient.pk}/sign/", body | more)


def add_day(world, days_ahead: int, pain: int) -> None:
    at = world.now + timedelta(days=days_ahead)
    EntryRow(
        entry_id=f"00000000-0000-4000-8000-{900 + days_ahead:012d}", patient=world.patient, kind="average", at=at,
        utc_offset_min=0, local_date=at.date(), received_at=at, pain=Decimal(pain), sent_hash="", content="",
    ).save(force_insert=True)  # fmt: skip


def test_every_sentence_of_the_page_leads_to_its_datum(person, client_as):
    body = page_of(person, client_as("physician")).content.decode()
    wanted = set(re.findall(r'href="#(datum-[\w-]+)"', body))
    assert len(wanted) >= 10
    assert wanted <= set(re.findall(r'id="(datum-[\w-]+)"', body))
    for words in ("n 7 of 7 days", "Within 24 h of a session: no entry", "Work status was not asked", "Worth it?"):
        assert words in body


def test_the_forecast_is_a_fragment_that_is_stored_once_as_it_was_shown(person, client_as):
    doctor = client_as("physician")
    assert 'hx-trigger="load"' in page_of(person, doctor).content.decode()
    assert not ForecastShown.objects.exists()
    body = page_of(person, doctor, "outlook/").content.decode()
    assert "Outside its data" in body  # racemic, and no indication is known
    assert "no booster date is given" in body
    assert "What it stands on" in body
    page_of(person, doctor, "outlook/")
    (row,) = ForecastShown.objects.all()
    assert row.result["inputs"] == row.inputs_hash
    assert AuditRow.objects.filter(action="show forecast").count() == 1
    add_day(person, 0, 4)
    page_of(person, doctor, "outlook/")
    assert ForecastShown.objects.count() == 2


def test_the_planned_sessions_answer_when_one_would_know(person, client_as):
    Visit.objects.filter(kind="session", number__gt=1).update(state="planned")
    for n, visit in enumerate(Visit.objects.filter(kind="session", number__gt=1).order_by("number"), start=1):
        Visit.objects.filter(pk=visit.pk).update(day=person.now.date() + timedelta(days=n))
    doctor = client_as("physician")
    body = page_of(person, doctor, "outlook/").content.decode()
    assert "chance of knowing" in body
    assert len(ForecastShown.objects.get().result["knowing"]) == 9
    compared = page_of(person, doctor, "outlook/?compare=1").content.decode()
    for plan in ("no further dose", "the plan as signed", "the last series again"):
        assert plan in compared


def test_a_forecast_at_a_past_decision_stays_and_is_held_to_its_word(person, client_as):
    doctor = client_as("physician")
    page_of(person, doctor, "outlook/")
    shown = ForecastShown.objects.get()
    kept = dict(shown.result)
    assert sign(person, doctor, forecast=str(shown.pk)).status_code == 302
    assert ReviewDecision.objects.get().forecast == shown
    for n in range(1, 5):
        add_day(person, n, 5)
    later = person.now + timedelta(days=5)
    record = reviewed(person.patient, now=later).record
    (word,) = outlook.words(person.patient, record, today=later.date())
    assert (word.kept.n, word.forecast.bands["q50"][0]) == (4, kept["bands"]["q50"][0])
    shown.refresh_from_db()
    assert shown.result == kept
    assert "We said, it was" in page_of(person, doctor, "outlook/").content.decode()


def test_another_persons_forecast_is_not_taken(person, client_as, users):
    from surcease.web.patients.actions import register_patient

    other = register_patient(by=users.front_desk, now=person.now, family="Other", given="O", born=date(1970, 1, 1),
                             sex="male", site=person.site, zone="Europe/Berlin", identifiers=[])  # fmt: skip
    row = ForecastShown(patient=other, at=person.now, inputs_hash="0", model="m", code_version="0", seed=1, result={})
    row.save()
    sign(person, client_as("physician"), forecast=str(row.pk))
    assert ReviewDecision.objects.get().forecast is None


def test_continue_makes_the_plans_next_version_with_its_open_visits(person, client_as):
    before = PlanVersion.objects.get()
    still_open = set(before.visits.filter(state="planned").values_list("pk", flat=True))
    sign(person, client_as("physician"))
    new = PlanVersion.objects.get(version=2)
    assert new.order["session_steps"] == before.order["session_steps"]
    assert set(new.visits.values_list("pk", flat=True)) == still_open
    assert (latest_review(person.patient).plan_version, new.reason) == (2, "review 1: continue")


def test_a_referral_says_where_and_stands_in_the_next_version(person, client_as):
    doctor = client_as("physician")
    assert "Say to whom" in sign(person, doctor, action="refer").content.decode()
    sign(person, doctor, action="refer", refer_to="psychotherapy")
    assert PlanVersion.objects.get(version=2).order["multimodal"]["psychological"] == "psychotherapy"
    assert ReviewDecision.objects.get().refer_to == "psychotherapy"


def test_adjust_opens_a_draft_and_asks_a_physician_to_sign_it(person, client_as):
    answer = sign(person, client_as("physician"), action="adjust")
    assert answer.url == f"/plan/person/{person.patient.pk}/"
    assert PlanDraft.objects.get().content["note"] == "review 1: adjust dose or route"
    todo = Todo.objects.get(kind="new plan version")
    assert (todo.for_role, todo.state) == ("physician", "open")
    assert PlanVersion.objects.count() == 1


def test_the_next_contact_that_is_overdue_stands_on_the_physicians_page(person, client_as):
    doctor = client_as("physician")
    sign(person, doctor)
    todo = Todo.objects.get(kind="next contact")
    Todo.objects.filter(pk=todo.pk).update(due_at=person.now - timedelta(days=1))
    body = doctor.get("/").content.decode() if doctor.get("/").status_code == 200 else ""
    body = body or doctor.get("/", follow=True).content.decode()
    assert "Next contact (call) after review 1" in body
    assert "overdue" in body
    sign(person, doctor)
    todo.refresh_from_db()
    assert todo.state == "done"


def test_no_next_contact_in_the_past_and_none_at_all(person, client_as):
    doctor = client_as("physician")
    assert "lies in the past" in sign(person, doctor, next_contact="2020-01-01").content.decode()
    assert sign(person, doctor, next_contact="").status_code == 400
    assert sign(person, doctor, next_kind="letter").status_code == 400
    assert not ReviewDecision.objects.exists()


def test_the_person_sees_the_trial_only_after_release_and_never_a_chance_of_their_own(person, client_as):
    doctor, patient = client_as("physician"), client_as("patient")
    assert "Nothing was decided yet" in patient.get("/review/mine/").content.decode()
    page_of(person, doctor, "outlook/")
    release = f"/review/person/{person.patient.pk}/release/"
    doctor.post(release, {"decide_on": "2020-01-01"})
    assert not OutlookRelease.objects.exists()
    day = (person.now + timedelta(days=10)).date()
    doctor.post(release, {"decide_on": day.isoformat()})
    body = patient.get("/review/mine/").content.decode()
    assert "Of 10 people in the trial, about 7" in body
    assert f"decide together on {day.day} {day:%b %Y}" in body
    assert "numbers may not fit you" in body  # neither CRPS nor S-ketamine here
    assert "%" not in re.sub(r"<[^>]+>", "", body.split("<main")[1])
    assert "Of 10 people" not in patient.get("/diary/").content.decode()
    doctor.post(release, {"take_back": "1"})
    assert "Of 10 people" not in patient.get("/review/mine/").content.decode()
    assert client_as("nurse").post(release, {"decide_on": day.isoformat()}).status_code == 403


def test_the_patients_copy_is_what_was_signed(person, client_as):
    doctor, patient = client_as("physician"), client_as("patient")
    assert patient.get("/review/mine/copy.pdf").status_code == 404
    assert page_of(person, doctor, "copy.pdf").status_code == 404
    sign(person, doctor, action="stop_futility")
    body = patient.get("/review/mine/").content.decode()
    assert "We stop this treatment, because it has not helped enough." in body
    for answer in (patient.get("/review/mine/copy.pdf"), page_of(person, doctor, "copy.pdf")):
        assert answer.content.startswith(b"%PDF")


def pages(template, data):
    """The paper as pictures, one PNG a page."""
    import json

    found = typst.compile(
        str(typeset.template(template)), root=str(typeset.template(template).parents[2]), format="png", ppi=72.0,
        font_paths=[str(typeset.fonts())], ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, default=typeset._plain)},
    )  # fmt: skip
    return found if isinstance(found, list) else [found]


def test_the_summary_is_one_page_with_every_datum_at_its_foot(person, client_as):
    sign(person, client_as("physician"))
    found, last = reviewed(person.patient, now=person.now), latest_review(person.patient)
    data = paper.summary_data(person.patient, found, last, by=person.users.physician, now=person.now)
    assert {line["note"] for line in data["lines"]} == set(range(1, len(data["notes"]) + 1))
    assert [line["text"] for line in data["lines"]] == [line.said for line in found.summary]
    (picture,) = pages("review/summary", data)
    assert picture.startswith(b"\x89PNG")
    assert len(picture) > 20_000
    letter = paper.letter_data(person.patient, found, last, by=person.users.physician, now=person.now)
    assert len(pages("papers/plain", letter)) == 1


def test_worth_and_work_reach_the_review(person):
    rows = [
        AnswersRow(instrument="worth-it", instrument_version="1", at=person.now,
                   items={"worth": {"kind": "text", "value": "yes"}}),
        AnswersRow(instrument="work", instrument_version="1", at=person.now,
                   items={"status": {"kind": "text", "value": "usual"}}),
    ]  # fmt: skip
    patients.enter(by=person.users.nurse, now=person.now, patient=person.patient, rows=rows)
    said = [line.said for line in reviewed(person.patient, now=person.now + timedelta(minutes=1)).summary]
    assert any(s.startswith("Worth it?: yes") for s in said)
    assert any(s.startswith("Work: working as usual") for s in said)


def test_a_transfer_out_of_a_session_speaks_for_stopping(person):
    from surcease.care.event import Ended
    from surcease.web.treatment import actions as treatment
    from surcease.web.treatment.models import TreatmentSession

    session = TreatmentSession.objects.get()
    treatment.add_event(
        by=person.users.nurse, now=person.now, session=session,
        payload=Ended("transfer", "to hospital"),
    )  # fmt: skip
    found = reviewed(person.patient, now=person.now + timedelta(minutes=1))
    assert "stop_harm" in [p.action for p in found.proposals]
    assert any("session ended: transfer" in row for d in found.data if d.key == "events" for row in d.rows)


def test_side_effects_of_the_diary_reach_the_burden(person):
    at = person.now - timedelta(hours=1)
    EntryRow(
        entry_id="00000000-0000-4000-8000-000000009999", patient=person.patient, kind="now", at=at, utc_offset_min=0,
        local_date=at.date(), received_at=at, pain=Decimal(3), sent_hash="", content="",
        values={"side_effects": {"kind": "codes", "value": ["nausea", "dizziness"]}},
    ).save(force_insert=True)  # fmt: skip
    found = reviewed(person.patient, now=person.now)
    assert any("side effects on 1 of" in line.said for line in found.summary)
    assert any("nausea, dizziness" in row for d in found.data if d.key == "events" for row in d.rows)
