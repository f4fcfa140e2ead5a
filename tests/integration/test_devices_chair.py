"""At the chair: grey until accepted, one tap charts a column, artefacts have no number, silence is said."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.monitored import Monitored, later, monitored, vitals
from tests.web_fixtures import PASSWORD, World

from surcease.care.event import Acknowledged, Reading, Started
from surcease.care.session_end import ending
from surcease.knowledge import load
from surcease.web.audit.models import AuditRow
from surcease.web.devices import actions
from surcease.web.devices.actions import take_samples
from surcease.web.devices.chair import feed_part
from surcease.web.devices.models import Pairing, Silence, UseStatement
from surcease.web.devices.silence import look
from surcease.web.signing.models import Signature
from surcease.web.treatment import actions as treatment
from surcease.web.treatment.day import go_no_go
from surcease.web.treatment.models import SessionEvent
from surcease.web.treatment.queries import board, sheet_of
from surcease.web.treatment.sheets import flowsheet_data

pytestmark = pytest.mark.django_db
As = Callable[[str], Client]
FULL = {"systolic": "122", "diastolic": "76", "heart_rate": "72", "spo2": "97", "resp_rate": "14"}


@pytest.fixture
def one(world: World) -> Monitored:
    """A monitor on somebody, at a site that signed the feed without marks."""
    return monitored(world)


def part_of(one: Monitored, seconds: float = 1) -> dict[str, Any]:
    """What the chair's page shows some seconds later."""
    part = feed_part(sheet_of(one.session, at=later(one.now, seconds)))
    assert part is not None
    return part


def post(client: Client, one: Monitored, name: str, data: dict[str, Any]) -> Any:
    """A form of the chair's page, as its script sends it."""
    address = reverse(f"devices:{name}", args=[one.session.pk])
    return client.post(address, data, headers={"Accept": "application/json"})


def form_of(part: dict[str, Any], column: int = 0) -> dict[str, Any]:
    """The fields of a column's form."""
    chosen = part["columns"][column]
    cells = [c for c in chosen["cells"] if c["name"]]
    lost = [c["field"] for c in chosen["cells"] if c["lost"]]
    return {"at": chosen["iso"], "sample": [c["name"] for c in cells], "field": [c["field"] for c in cells],
            "lost": lost}  # fmt: skip


def readings(one: Monitored) -> list[Reading]:
    """The charted sets."""
    counted = sheet_of(one.session, at=later(one.now, 60)).state.counted
    return [e.payload for e in counted if isinstance(e.payload, Reading)]


def test_values_are_shown_unconfirmed_with_their_age(one: Monitored, client_as: As) -> None:
    take_samples(now=one.now, arrivals=[vitals(one.now, **FULL)])
    page = client_as("nurse").get(reverse("treatment:session", args=[one.session.pk])).content.decode()
    assert 'class="unconfirmed' in page
    assert "Secondary display; not a patient monitor." in page
    tiles = {t["parameter"]: t for t in part_of(one, 3)["tiles"]}
    assert (tiles["spo2"]["value"], tiles["spo2"]["age"], tiles["spo2"]["stale"]) == ("97", "3 s", False)


@pytest.mark.parametrize(("seconds", "stale"), [(7.5, False), (7.6, True)])
def test_a_value_is_old_after_one_and_a_half_intervals(one: Monitored, seconds: float, stale: bool) -> None:
    """Expected every 5 s: old after 7.5 s. The cuff, every 5 min, is not."""
    take_samples(now=one.now, arrivals=[vitals(one.now, **FULL)])
    tiles = {t["parameter"]: t for t in part_of(one, seconds)["tiles"]}
    assert (tiles["spo2"]["stale"], tiles["systolic"]["stale"]) == (stale, False)


def test_an_old_pressure_is_marked_old_and_never_shown_as_current(one: Monitored, client_as: As) -> None:
    """T-511: the cuff, every 5 min, is old after 7.5 min; a sensor that is off is no number."""
    start = later(one.now, -460)
    take_samples(now=start, arrivals=[vitals(start, systolic="122", diastolic="76", spo2="96")])
    take_samples(now=one.now, arrivals=[vitals(one.now, heart_rate="72")])
    page = client_as("nurse").get(reverse("devices:feed", args=[one.session.pk])).content.decode()
    tiles = {t["parameter"]: t for t in part_of(one)["tiles"]}
    assert [tiles[p]["stale"] for p in ("systolic", "spo2", "heart_rate")] == [True, True, False]
    assert page.count('class="feed-value number">–<') == 3
    assert "no signal; 96 at" in page
    assert "SpO₂ 0" not in page


def test_one_tap_charts_a_column_and_cites_its_samples(one: Monitored, client_as: As) -> None:
    take_samples(now=one.now, arrivals=[vitals(one.now, **FULL)])
    nurse, form = client_as("nurse"), form_of(part_of(one))
    for _twice in range(2):
        assert post(nurse, one, "take", form).json() == {"said": "Charted."}
    (reading,) = readings(one)
    assert (reading.systolic, reading.spo2, reading.resp_rate) == (Decimal(122), Decimal(97), Decimal(14))
    assert set(reading.samples) == set(form["sample"])
    event = SessionEvent.objects.get(session=one.session, kind="reading")
    assert (event.at, event.by, event.source) == (one.now, one.world.users.nurse, "human")
    assert AuditRow.objects.filter(action="session reading", object_id=str(event.pk)).count() == 1
    assert part_of(one)["columns"] == []


def test_a_struck_reading_frees_its_samples(one: Monitored, client_as: As) -> None:
    take_samples(now=one.now, arrivals=[vitals(one.now, **FULL)])
    nurse, form = client_as("nurse"), form_of(part_of(one))
    post(nurse, one, "take", form)
    first = SessionEvent.objects.get(session=one.session, kind="reading")
    treatment.strike_event(
        by=one.world.users.nurse, now=later(one.now, 1), session=one.session, event_id=first.pk, reason="wrong patient"
    )
    assert post(nurse, one, "take", form_of(part_of(one, 2))).status_code == 200
    assert len(readings(one)) == 1


def test_what_is_marked_as_artefact_has_no_number_in_the_log(one: Monitored, client_as: As) -> None:
    take_samples(now=one.now, arrivals=[vitals(one.now, **FULL | {"spo2": "71"})])
    assert post(client_as("nurse"), one, "take", form_of(part_of(one)) | {"artefact": ["spo2"]}).status_code == 200
    (reading,) = readings(one)
    assert (reading.spo2, reading.artefact, reading.heart_rate) == (None, ("spo2",), Decimal(72))
    assert not sheet_of(one.session, at=later(one.now, 2)).watch.marks
    log = client_as("nurse").get(reverse("treatment:log", args=[one.session.pk])).content.decode()
    assert "artefact: SpO₂" in log


def test_a_whole_column_of_artefacts_charts_nothing(one: Monitored, client_as: As) -> None:
    take_samples(now=one.now, arrivals=[vitals(one.now, **FULL)])
    post(client_as("nurse"), one, "take", form_of(part_of(one)) | {"artefact_all": "1"})
    (reading,) = readings(one)
    assert [getattr(reading, name) for name in FULL] == [None] * 5
    assert set(reading.artefact) == set(FULL)
    assert sheet_of(one.session, at=later(one.now, 2)).watch.newest is None


def test_the_numbers_come_from_the_samples_whatever_a_form_says(one: Monitored, client_as: As) -> None:
    take_samples(now=one.now, arrivals=[vitals(one.now, **FULL)])
    nurse, form = client_as("nurse"), form_of(part_of(one))
    wrong = [
        form | {"sample": ["nonsense"]},
        form | {"sample": [form["sample"][0].replace(str(one.device.pk), str(one.session.pk))]},
        form | {"sample": [form["sample"][0], form["sample"][0]]},
        form | {"sample": []},
        form | {"at": later(one.now, 1).isoformat()},
        form | {"at": "now"},
        form | {"artefact": ["temperature"]},
    ]
    for sent in wrong:
        answer = post(nurse, one, "take", sent)
        assert (answer.status_code, bool(answer.json()["said"])) == (409, True), sent
    assert readings(one) == []
    page = nurse.post(reverse("devices:take", args=[one.session.pk]), wrong[0], follow=True)
    assert "load the page again" in page.content.decode()


def test_each_measurement_of_the_cuff_is_offered_at_its_own_time_and_charted_once(
    one: Monitored, client_as: As
) -> None:
    cuff = later(one.now, -120)
    take_samples(now=cuff, arrivals=[vitals(cuff, **FULL)])
    take_samples(now=one.now, arrivals=[vitals(one.now, heart_rate="80", spo2="95")])
    present, measured = part_of(one)["columns"]
    assert [bool(c["value"]) for c in present["cells"]] == [False, False, True, True, False]
    assert [c["value"] for c in measured["cells"]] == ["122", "76", "72", "97", "14"]
    nurse = client_as("nurse")
    assert post(nurse, one, "take", form_of(part_of(one), 1)).status_code == 200
    event = SessionEvent.objects.get(session=one.session, kind="reading")
    assert event.at == cuff
    assert [c["iso"] for c in part_of(one)["columns"]] == [one.now.isoformat()]


def test_unconfirmed_values_change_neither_day_nor_discharge_nor_paper(one: Monitored) -> None:
    """Only what was accepted counts: with SpO₂ 80 and 200/120 on the monitor everything is as without it."""
    at = later(one.now, 2)

    def all_of_it() -> tuple[Any, ...]:
        sheet = sheet_of(one.session, at=at)
        findings = [
            (f.id, f.fired, f.outcome) for f in go_no_go(one.world.patient, now=at, site=one.world.site).findings
        ]
        end = ending(sheet.order, sheet.state, knowledge=load(), protocol_id=sheet.order.protocol)
        paper = flowsheet_data(sheet, one.world.patient, now=at)
        shown = [c.vitals for c in board(one.world.users.nurse, one.world.site, now=at).cards]
        return sheet.state.hash, findings, end.may_leave, end.findings, paper, sheet.watch.marks, shown

    before = all_of_it()
    take_samples(now=one.now, arrivals=[vitals(one.now, spo2="80", systolic="200", diastolic="120")])
    assert all_of_it() == before


def test_marks_on_unconfirmed_values_only_where_they_were_signed_for(one: Monitored) -> None:
    take_samples(now=one.now, arrivals=[vitals(one.now, **FULL | {"spo2": "86"})])
    assert part_of(one)["marks"] == []
    actions.sign_use(by=one.world.users.lead, now=later(one.now, 1), method="password", site=one.world.site,
                     scope="marked", text="Reviewed with the device officer.")  # fmt: skip
    part = part_of(one, 2)
    assert [(m.rule, m.level) for m in part["marks"]] == [("ALM-SPO2b", "red")]
    assert [c["level"] for c in part["columns"][0]["cells"] if c["field"] == "spo2"] == ["red"]
    assert not sheet_of(one.session, at=later(one.now, 2)).watch.marks


def test_a_lost_waveform_is_no_number_and_the_first_look_is_at_the_person(one: Monitored, client_as: As) -> None:
    from dataclasses import replace

    from surcease.hl7.vitals import Observed

    start = later(one.now, -60)
    with_co2 = vitals(start, heart_rate="72")
    with_co2 = replace(with_co2, observed=(*with_co2.observed, Observed("etco2", Decimal(38), "mm[Hg]", start)))
    take_samples(now=start, arrivals=[with_co2])
    take_samples(now=one.now, arrivals=[vitals(one.now, **FULL)])
    form = form_of(part_of(one))
    assert form["lost"] == ["etco2"]
    post(client_as("nurse"), one, "take", form)
    (reading,) = readings(one)
    assert (reading.etco2, reading.lost) == (None, ("etco2",))
    (mark,) = sheet_of(one.session, at=later(one.now, 2)).watch.marks
    assert (mark.level, mark.mark.rule) == ("technical", "ALM-CO2c")
    assert mark.mark.action.startswith("Look at the person, then at the sensor")


def test_a_silent_monitor_is_said_on_page_and_board_until_it_is_heard(one: Monitored, client_as: As) -> None:
    take_samples(now=one.now, arrivals=[vitals(one.now, **FULL)])
    assert [look(later(one.now, s)) for s in (7.5, 7.6, 30)] == [0, 1, 1]
    silence = Silence.objects.get()
    assert (silence.since, silence.pairing) == (one.now, one.pairing)
    nurse = client_as("nurse")
    for page in (reverse("devices:feed", args=[one.session.pk]), reverse("treatment:board")):
        assert "No data from Monitor 1 since" in nurse.get(page).content.decode()
    assert post(nurse, one, "seen", {"silence": silence.pk}).status_code == 200
    silence.refresh_from_db()
    assert (silence.seen_by, silence.ended_at) == (one.world.users.nurse, None), "seeing does not end it"
    again = later(one.now, 40)
    take_samples(now=again, arrivals=[vitals(again, **FULL)])
    assert look(later(one.now, 41)) == 0
    assert "No data" not in nurse.get(reverse("treatment:board")).content.decode()
    said = list(AuditRow.objects.filter(object_id=str(silence.pk)).order_by("pk").values_list("action", flat=True))
    assert said == ["monitor silent", "see silent monitor", "monitor heard again"]


def test_a_monitor_that_was_never_heard_is_silent_too_and_a_closed_session_ends_it(one: Monitored) -> None:
    assert look(later(one.now, 8)) == 1
    one.session.closed_at = later(one.now, 9)
    one.session.save(update_fields=["closed_at"])
    assert look(later(one.now, 10)) == 0
    assert Pairing.objects.get().ended_at == later(one.now, 10)
    assert Silence.objects.get().ended_at == later(one.now, 10)
    assert feed_part(sheet_of(one.session, at=later(one.now, 11))) is None


def test_confirming_at_the_chair_leaves_a_row_and_nothing_is_confirmed_twice(world: World, client_as: As) -> None:
    one = monitored(world)
    nurse = client_as("nurse")
    assert post(nurse, one, "pair", {"device": one.device.pk}).status_code == 409
    assert post(nurse, one, "unpair", {"pairing": one.pairing.pk}).status_code == 200
    assert post(nurse, one, "pair", {"device": one.device.pk}).status_code == 200
    row = Pairing.objects.get(ended_at=None)
    assert (row.confirmed_by, row.person_ids, row.chair) == (world.users.nurse, ["MRN-1001"], one.session.chair)
    assert AuditRow.objects.filter(action="pair monitor", patient=world.patient.pk).count() == 2
    assert AuditRow.objects.filter(action="open", why="confirm monitor").count() == 2


@pytest.mark.parametrize("role", ["pharmacist", "lead", "front_desk", "patient", "link", "anonymous"])
def test_who_may_not_chart_or_confirm(one: Monitored, client_as: As, role: str) -> None:
    take_samples(now=one.now, arrivals=[vitals(one.now, **FULL)])
    client, form = client_as(role), form_of(part_of(one))
    for name in ("take", "pair", "unpair", "seen"):
        assert post(client, one, name, form).status_code in (302, 401, 403, 404)
    assert readings(one) == []
    assert Pairing.objects.get().ended_at is None


def test_who_only_reads_sees_the_values_and_no_keys(one: Monitored, client_as: As) -> None:
    take_samples(now=one.now, arrivals=[vitals(one.now, **FULL)])
    for name in ("devices:feed", "treatment:session"):
        page = client_as("pharmacist").get(reverse(name, args=[one.session.pk])).content.decode()
        feed = page[page.index('id="feed"') : page.index("</section>", page.index('id="feed"'))]
        assert ">97<" in feed
        assert "<button" not in feed
        assert "<form" not in feed


def test_another_sites_nurse_sees_nothing(one: Monitored, client_as: As) -> None:
    from surcease.web.clinic.models import Site

    one.world.users.nurse.sites.set([Site.objects.create(name="South")])
    nurse = client_as("nurse")
    assert nurse.get(reverse("devices:feed", args=[one.session.pk])).status_code == 404
    assert post(nurse, one, "take", {"sample": ["x"], "at": one.now.isoformat()}).status_code == 404


def test_only_a_clinic_lead_signs_the_intended_use_with_who_they_are(world: World, client_as: As) -> None:
    lead, address = client_as("lead"), reverse("devices:use")
    said = {"scope": "shown", "text": "Looked at beside the monitor for a week."}
    assert "Type your password" in lead.post(address, said).content.decode()
    assert lead.post(address, said | {"secret": "wrong"}).status_code == 200
    assert not UseStatement.objects.exists()
    assert lead.post(address, said | {"secret": PASSWORD}).status_code == 302
    row = UseStatement.objects.get()
    signature = Signature.objects.get(record_kind="intended use", record_id=str(row.pk))
    assert (signature.signer, "shown" in signature.content) == (world.users.lead, True)
    assert client_as("nurse").post(address, said | {"secret": PASSWORD}).status_code == 403


def test_the_log_of_marks_tells_onset_signal_limit_and_who_saw_it(one: Monitored, client_as: As) -> None:
    """T-512 and acknowledge ≠ clear, from an accepted column to the recheck that ends the mark."""
    by, nurse = one.world.users.nurse, client_as("nurse")
    treatment.add_event(by=by, now=one.now, session=one.session, payload=Started(Decimal(25), Decimal("0.868")))
    at = later(one.now, 10)
    take_samples(now=at, arrivals=[vitals(at, **FULL | {"spo2": "88"})])
    post(nurse, one, "take", form_of(part_of(one, 11)))
    treatment.add_event(by=by, now=later(one.now, 20), session=one.session, payload=Acknowledged("ALM-SPO2b", "oxygen"))
    marks = sheet_of(one.session, at=later(one.now, 21)).watch.marks
    (mark,) = [m for m in marks if m.mark.rule == "ALM-SPO2b"]
    assert (mark.mark.since, mark.mark.parameter, mark.level, mark.seen) == (at, "spo2", "red", True)
    assert "88" in mark.mark.say
    assert "90" in mark.mark.say
    well = later(one.now, 130)
    take_samples(now=well, arrivals=[vitals(well, **FULL)])
    post(nurse, one, "take", form_of(part_of(one, 131)))
    assert "spo2" not in {m.mark.parameter for m in sheet_of(one.session, at=later(one.now, 132)).watch.marks}
    acks = SessionEvent.objects.get(session=one.session, kind="acknowledge")
    assert (acks.by, acks.payload["mark"]) == (by, "ALM-SPO2b")


def test_the_samples_are_heard_live_by_the_chairs_page(one: Monitored, monkeypatch: pytest.MonkeyPatch) -> None:
    from surcease.web.devices import ingest

    heard: list[tuple[str, str, dict[str, Any]]] = []
    monkeypatch.setattr(ingest, "publish", lambda *given: heard.append(given))
    moments = [one.now, later(one.now, 1)]
    take_samples(now=one.now, arrivals=[vitals(at, spo2=str(97 - n)) for n, at in enumerate(moments)])
    take_samples(now=one.now, arrivals=[vitals(one.now, spo2="97")])
    assert {(channel, kind) for channel, kind, _ in heard} == {(f"session:{one.session.pk}", "samples")}
    assert [data["values"] for *_, data in heard] == [
        {"spo2": ["97", moments[0].isoformat()]},
        {"spo2": ["96", moments[1].isoformat()]},
    ], "each message once, a repeated one not again"
    assert {data["use"] for *_, data in heard} == {"secondary display; not a patient monitor"}
