"""The clinic's own questionnaires over HTTP: imported, built without code, asked, scored, taken out of use."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from surcease.knowledge.instrument_built import Row, build
from surcease.knowledge.questionnaire import to_fhir
from surcease.web.audit.models import AuditRow
from surcease.web.instruments.actions import keep_instrument, take_out_of_use
from surcease.web.instruments.models import OwnInstrument
from surcease.web.instruments.queries import own, own_versions
from surcease.web.patients.models import AnswersRow

pytestmark = pytest.mark.django_db

ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"


def option(code: str, words: str, points: int) -> dict:
    coding = {"code": code, "display": words}
    return {"extension": [{"url": ORDINAL, "valueDecimal": points}], "valueCoding": coding}


def questionnaire(**more) -> dict:
    """Every item type that is taken over, a condition and ordinal scores, as another system writes it."""
    frequency = [option("n", "never", 0), option("s", "sometimes", 1), option("o", "often", 2)]
    items = [
        {"linkId": "g", "type": "group", "text": "Last week", "item": [
            {"linkId": "d", "type": "display", "text": "Think of the last seven days."},
            {"linkId": "w", "type": "choice", "text": "Pain woke me", "answerOption": frequency},
            {"linkId": "u", "type": "choice", "text": "I was up at night", "answerOption": frequency},
        ]},
        {"linkId": "b", "type": "boolean", "text": "Do you nap?"},
        {"linkId": "h", "type": "decimal", "text": "Hours asleep"},
        {"linkId": "i", "type": "integer", "text": "Times awake",
         "enableWhen": [{"question": "w", "operator": "=", "answerCoding": {"code": "o"}}]},
        {"linkId": "t", "type": "date", "text": "Since when?"},
        {"linkId": "s", "type": "string", "text": "In one word"},
        {"linkId": "x", "type": "text", "text": "Anything else"},
    ]  # fmt: skip
    return {"resourceType": "Questionnaire", "status": "active", "title": "Night pain", "item": items, **more}


def imported(client, resource, **more):
    return client.post("/instruments/import/", {"text": json.dumps(resource), "method": "sum", **more})


def test_a_lead_imports_a_questionnaire_sees_it_and_puts_it_in_use(client_as, world):
    lead = client_as("lead")
    seen = imported(lead, questionnaire(), read="1", counts="w,u", bands="0 = rested\n3 = tired")
    body = seen.content.decode()
    assert seen.status_code == 200
    assert "Think of the last seven days." in body
    assert "Only if “Pain woke me” is “often”" in body
    assert not OwnInstrument.objects.exists()  # reading keeps nothing
    assert imported(lead, questionnaire(), keep="1", counts="w,u", bands="0 = rested\n3 = tired").status_code == 302
    made = own()["night-pain"]
    assert made.scales[0].items == ("w", "u")
    row = AuditRow.objects.get(action="keep instrument")
    assert (row.details["key"], row.details["version"]) == ("night-pain", 1)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"item": [{"linkId": "a", "type": "attachment", "text": "A photo"}]}, "attachment"),
        ({"item": [{"linkId": "a", "type": "open-choice", "text": "Which?"}]}, "open-choice"),
        ({"item": [{"linkId": "a", "type": "string", "text": "x", "initial": [{"valueString": "y"}]}]}, "initial"),
        ({"item": [{"linkId": "a", "type": "string", "text": "x", "repeats": True}]}, "repeats"),
        ({"derivedFrom": ["http://example.org/q"]}, "derivedFrom"),
        ({"extension": [{"url": "http://example.org/rendering", "valueCode": "x"}]}, "http://example.org/rendering"),
    ],
)
def test_what_is_not_supported_is_refused_by_its_element(client_as, change, named):
    page = imported(client_as("lead"), questionnaire(**change), keep="1")
    assert page.status_code == 400
    assert named in page.content.decode()
    assert not OwnInstrument.objects.exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [("{", "not"), ("", "Choose a file, or paste its text."), ('{"resourceType": "Patient"}', "not a Questionnaire")],
)
def test_what_is_no_questionnaire_is_said_at_the_field(client_as, text, said):
    page = client_as("lead").post("/instruments/import/", {"text": text, "method": "none", "keep": "1"})
    assert page.status_code == 400
    assert said in page.content.decode()


def rows(*given: dict, **head) -> dict:
    data = {"title": "Sleep", "permission": "our own words", "method": "sum", "allowed_missing": "0", **head}
    data |= {"rows-TOTAL_FORMS": str(len(given)), "rows-INITIAL_FORMS": "0"}
    for n, row in enumerate(given):
        data |= {f"rows-{n}-{k}": v for k, v in ({"type": "boolean", "when_operator": "="} | row).items()}
    return data


WOKE = {"text": "Pain woke me", "type": "choice", "answers": "never = 0\noften = 2", "counts": "on"}
NAP = {"text": "How long did you nap?", "type": "decimal", "when_question": "1", "when_answer": "often"}


def test_a_lead_builds_one_without_code_and_changes_it_by_a_new_version(client_as):
    lead = client_as("lead")
    look = lead.post("/instruments/build/", rows(WOKE, NAP, look="1")).content.decode()
    assert "Only if “Pain woke me” is “often”" in look
    assert not OwnInstrument.objects.exists()
    assert lead.post("/instruments/build/", rows(WOKE, NAP, keep="1")).status_code == 302
    assert "How long did you nap?" in lead.get("/instruments/sleep/change/").content.decode()
    again = lead.post("/instruments/sleep/change/", rows(WOKE, NAP, keep="1"))
    assert "exactly like this" in again.content.decode()
    assert lead.post("/instruments/sleep/change/", rows(WOKE, keep="1")).status_code == 302
    assert [r.version for r in OwnInstrument.objects.filter(key="sleep")] == [2, 1]
    assert len(own()["sleep"].questions) == 1
    assert len(own_versions(["sleep"])["sleep", "1"].questions) == 2


def test_more_rows_keeps_what_was_typed(client_as):
    page = client_as("lead").post("/instruments/build/", rows(WOKE, more="1")).content.decode()
    assert "Pain woke me" in page
    assert "Row 4" in page


def test_a_wrong_row_is_named_and_what_was_typed_stays(client_as):
    page = client_as("lead").post("/instruments/build/", rows(WOKE | {"answers": "never = x\noften = 2"}, keep="1"))
    body = page.content.decode()
    assert page.status_code == 400
    assert "row 1: answer 1" in body
    assert "never = x" in body


def test_a_shipped_questionnaire_cannot_be_replaced(client_as):
    page = client_as("lead").post("/instruments/build/", rows(WOKE, title="PHQ 9", keep="1"))
    assert "is shipped with Surcease" in page.content.decode()


def test_the_page_scores_and_keeps_nothing(client_as, world):
    keep(world)
    page = client_as("lead").post("/instruments/sleep/", {"1": "2"}).content.decode()
    assert '<strong class="number">2</strong>' in page
    assert not AnswersRow.objects.exists()


def keep(world, *more: Row):
    made = build("Sleep", (Row("Pain woke me", "choice", answers="never = 0\noften = 2"), *more), method="sum")
    return keep_instrument(by=world.users.lead, now=world.now, instrument=made, how="built", made_from={})


def test_it_goes_out_again_as_fhir(client_as, world):
    keep(world)
    sent = client_as("lead").get("/instruments/sleep/questionnaire.json")
    assert json.loads(sent.content)["title"] == "Sleep"
    assert sent["Content-Type"] == "application/fhir+json"


def test_taken_out_of_use_needs_a_reason_and_keeps_every_version(client_as, world):
    keep(world)
    lead = client_as("lead")
    lead.post("/instruments/sleep/end/", {"reason": ""})
    assert "sleep" in own()
    lead.post("/instruments/sleep/end/", {"reason": "PROMIS replaces it"})
    assert "sleep" not in own()
    assert own_versions(["sleep"])["sleep", "1"].scales[0].high == Decimal(2)
    with pytest.raises(ValueError, match="no questionnaire 'sleep' in use"):
        take_out_of_use(by=world.users.lead, now=world.now, key="sleep", reason="again")


def test_it_is_asked_at_intake_and_scored_by_the_version_it_was_answered_in(client_as, world):
    keep(world)
    nurse, person = client_as("nurse"), f"/intake/person/{world.patient.pk}/"
    assert "/instrument/sleep/" in nurse.get(person).content.decode()
    assert nurse.post(f"{person}instrument/sleep/", {"1": "2"}).status_code == 302
    keep(world, Row("I was up at night", "choice", answers="never = 0\noften = 2"))
    rows = AnswersRow.objects.get()
    assert (rows.instrument, rows.instrument_version) == ("sleep", "1")
    body = nurse.get(person).content.decode()
    assert '<dt>sleep</dt><dd class="number">2' in body  # one item then: the second one does not make it missing


def test_only_a_lead_has_these_pages(client_as):
    for role in ("physician", "nurse", "pharmacist", "front_desk", "patient"):
        assert client_as(role).get("/instruments/").status_code in (403, 404)


def test_a_questionnaire_that_went_out_comes_in_again(client_as, world):
    made = build("Round trip", (Row("Pain woke me", "choice", answers="never = 0\noften = 2"),))
    resource = {k: v for k, v in to_fhir(made).items() if k != "url"}
    text = json.dumps(resource, default=float)
    done = client_as("lead").post("/instruments/import/", {"text": text, "method": "sum", "keep": "1"})
    assert done.status_code == 302
    assert own()["round-trip"].item("1").options == made.item("1").options
