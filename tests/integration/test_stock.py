"""The ledger over HTTP: receive, draw for a session, waste with a second signed-in person, take back, close."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.integration.samples.steps import treated
from tests.integration.samples.stock import received
from tests.web_fixtures import PASSWORD, make_user

from surcease.care.event import Started, Stopped
from surcease.care.ledger import balance, session_account, vial_account
from surcease.web.append import RowIsFixed
from surcease.web.audit.models import AuditRow
from surcease.web.forms import new_token
from surcease.web.limits import actions as limits
from surcease.web.signing.models import Signature
from surcease.web.stock import actions
from surcease.web.stock.models import MovementRow, Verdict, VialRow
from surcease.web.stock.record import movements, rows
from surcease.web.treatment import actions as treatment
from surcease.web.worklist.models import Todo

pytestmark = pytest.mark.django_db


def left_in(vial) -> Decimal:
    return balance(movements(rows(vial=vial)), vial_account(str(vial.pk)))


def left_of(session) -> Decimal:
    return balance(movements(rows(session=session)), session_account(str(session.pk)))


def draw(client, session, code: str, mg: str):
    return client.post(f"/stock/session/{session.pk}/draw/", {"code": code, "amount_mg": mg, "form_token": new_token()})


def waste(client, address: str, mg: str, secret: str = PASSWORD, reason: str = "rest of the bag, into the sink gel"):
    data = {"amount_mg": mg, "reason": reason, "secret": secret, "form_token": new_token()}
    return client.post(f"/stock/{address}/waste/", data)


def test_a_delivery_makes_vials_with_codes_once_however_often_it_is_sent(world, client_as):
    pharmacist = client_as("pharmacist")
    data = {
        "item": "racemic_injection/1", "lot": "k2417", "expires": (world.now + timedelta(days=300)).date().isoformat(),
        "vials": "3", "paper": "Wholesaler 4711", "form_token": new_token(),
    }  # fmt: skip
    assert [pharmacist.post("/stock/receive/", data).status_code for _ in range(2)] == [302, 302]
    assert list(VialRow.objects.order_by("number").values_list("code", flat=True)) == [
        "K2417-01",
        "K2417-02",
        "K2417-03",
    ]
    assert [left_in(v) for v in VialRow.objects.all()] == [500, 500, 500]  # 50 mg/mL, 10 mL
    more = data | {"form_token": new_token(), "vials": "1"}
    assert pharmacist.post("/stock/receive/", more).status_code == 302
    assert VialRow.objects.filter(code="K2417-04").exists()
    other = data | {"form_token": new_token(), "item": "racemic_injection/2"}
    assert "one of both is wrong" in pharmacist.post("/stock/receive/", other).content.decode()
    old = data | {"form_token": new_token(), "lot": "K1", "expires": "2020-01-01"}
    assert "do not take it in" in pharmacist.post("/stock/receive/", old).content.decode()
    assert AuditRow.objects.filter(action="receive drug").count() == 2


def test_a_dose_is_drawn_for_a_session_and_no_more_than_is_there(world, client_as):
    session, [vial, *_], nurse = treated(world), received(world), client_as("nurse")
    assert draw(nurse, session, "k2417-01", "100").status_code == 302
    assert (left_in(vial), left_of(session)) == (400, 100)
    assert "has 400 mg left" in draw(nurse, session, "K2417-01", "401").content.decode()
    assert "No vial of this ledger" in draw(nurse, session, "K9", "1").content.decode()
    assert draw(nurse, session, "K2417-01", "1,5").status_code == 400
    assert (left_in(vial), left_of(session)) == (400, 100)
    row = AuditRow.objects.get(action="drug draw")
    assert (row.patient, row.details["vial"]) == (world.patient.pk, "K2417-01")


def test_a_lot_number_alone_takes_the_opened_vial_first(world, client_as):
    session, vials, nurse = treated(world), received(world), client_as("nurse")
    draw(nurse, session, "K2417-03", "100")
    draw(nurse, session, "K2417", "50")
    assert left_in(vials[2]) == 350


def test_waste_counts_when_a_second_signed_in_person_has_seen_it(world, client_as):
    session, _vials, nurse = treated(world), received(world), client_as("nurse")
    draw(nurse, session, "K2417-01", "100")
    assert waste(nurse, f"session/{session.pk}", "13.2", secret="wrong").status_code == 400
    assert waste(nurse, f"session/{session.pk}", "13.2").status_code == 302
    row = MovementRow.objects.get(kind="waste_drawn")
    assert left_of(session) == 100
    assert Todo.objects.get(kind="witness").is_open
    own = nurse.post(f"/stock/movement/{row.pk}/witness/", {"secret": PASSWORD})
    assert "another one" in own.content.decode()
    wrong = client_as("physician").post(f"/stock/movement/{row.pk}/witness/", {"secret": "no"})
    assert wrong.status_code == 400
    assert client_as("pharmacist").post(f"/stock/movement/{row.pk}/witness/", {"secret": PASSWORD}).status_code == 302
    assert left_of(session) == Decimal("86.8")
    assert not Todo.objects.get(kind="witness").is_open
    said = {(s.meaning, s.signer_id) for s in Signature.objects.filter(record_kind="movement")}
    assert said == {("author", world.users.nurse.pk), ("witness", world.users.pharmacist.pk)}


def test_who_drew_it_up_does_not_witness_what_another_wastes(world, client_as):
    session, _vials = treated(world), received(world)
    draw(client_as("nurse"), session, "K2417-01", "100")
    waste(client_as("pharmacist"), f"session/{session.pk}", "5")
    row = MovementRow.objects.get(kind="waste_drawn")
    answer = client_as("nurse").post(f"/stock/movement/{row.pk}/witness/", {"secret": PASSWORD})
    assert "another one than who drew it up" in answer.content.decode()


def test_refused_waste_never_counts_and_stays_readable(world, client_as):
    [vial, *_] = received(world)
    waste(client_as("nurse"), f"vial/{vial.pk}", "500", reason="dropped")
    row = MovementRow.objects.get(kind="waste")
    client_as("pharmacist").post(f"/stock/movement/{row.pk}/refuse/", {"reason": "the vial is whole"})
    assert left_in(vial) == 500
    assert "the vial is whole" in client_as("lead").get(f"/stock/movement/{row.pk}/").content.decode()
    with pytest.raises(ValueError, match="waits for nobody"):
        actions.witness(by=world.users.pharmacist, now=world.now, method="password", movement=row)


@pytest.mark.parametrize(("rule", "left"), [("not_needed", 0), ("needed", 500), ("", 500)])
def test_the_clinics_signed_witness_rule_decides(world, client_as, rule, left):
    limits.settle(
        by=world.users.lead, now=world.now, method="password", site=world.site, thing="witness", text="As decided.",
        waste_witness=rule,
    )  # fmt: skip
    [vial, *_] = received(world)
    waste(client_as("nurse"), f"vial/{vial.pk}", "500", reason="expired")
    assert left_in(vial) == left


def test_the_witness_choice_is_signed_with_its_statement_only(world, client_as):
    lead = client_as("lead")
    wrong = {"thing": "rescue", "text": "x", "waste_witness": "not_needed", "secret": PASSWORD}
    assert "belongs to who witnesses" in lead.post("/limits/", wrong).content.decode()
    assert lead.post("/limits/", wrong | {"thing": "witness"}).status_code == 302


def test_a_wrong_entry_is_taken_back_by_its_counter_entry_once(world, client_as):
    session, [vial, *_], nurse = treated(world), received(world), client_as("nurse")
    draw(nurse, session, "K2417-01", "100")
    row = MovementRow.objects.get(kind="draw")
    address = f"/stock/movement/{row.pk}/take-back/"
    assert nurse.post(address, {"reason": "", "secret": PASSWORD}).status_code == 400
    assert nurse.post(address, {"reason": "other vial", "secret": PASSWORD}).status_code == 302
    assert (left_in(vial), left_of(session)) == (500, 0)
    assert "already" in nurse.post(address, {"reason": "again", "secret": PASSWORD}).content.decode()
    assert MovementRow.objects.filter(vial=vial).count() == 3


def test_no_row_of_the_ledger_changes_or_goes(world):
    [vial, *_] = received(world)
    row = MovementRow.objects.filter(vial=vial).get()
    row.amount_mg = Decimal(1)
    for act in (row.save, row.delete, MovementRow.objects.all().delete, lambda: VialRow.objects.update(code="x")):
        with pytest.raises(RowIsFixed):
            act()


def test_the_person_goes_home_while_the_drug_record_waits_for_the_balance(world, client_as):
    """Clinical end and drug record close separately."""
    session, _vials, nurse = treated(world), received(world), client_as("nurse")
    draw(nurse, session, "K2417-01", "100")
    later = world.now
    for payload, minutes in ((Started(Decimal(25), Decimal("0.868")), -240), (Stopped("planned"), 0)):
        treatment.add_event(
            by=world.users.nurse, now=later, session=session, payload=payload, at=later + timedelta(minutes=minutes)
        )
    treatment.close_session(
        by=world.users.nurse,
        now=later,
        method="password",
        session=session,
        way="transfer",
        given={"destination": "ward"},
    )
    session.refresh_from_db()
    assert session.closed_at is not None
    assert session.drug_closed_at is None
    close = f"/stock/session/{session.pk}/close/"
    assert "13.2 mg are not accounted for" in nurse.post(close, {"secret": PASSWORD}).content.decode()
    waste(nurse, f"session/{session.pk}", "13.2")
    assert "waits for its witness" in nurse.post(close, {"secret": PASSWORD}).content.decode()
    actions.witness(
        by=world.users.pharmacist, now=later, method="password", movement=MovementRow.objects.get(kind="waste_drawn")
    )
    assert nurse.post(close, {"secret": PASSWORD}).status_code == 302
    session.refresh_from_db()
    assert session.drug_closed_at is not None
    record = session.drug_records.get()
    assert (record.drawn_mg, record.wasted_mg, record.given_mg) == (100, Decimal("13.2"), Decimal("86.8"))
    assert "86.8" in nurse.get(f"/treatment/person/{world.patient.pk}/?all").content.decode()


def test_the_vial_of_go_no_go_must_be_the_right_drug_and_known(world, client_as):
    from surcease.web.stock.vial import seen

    session = treated(world)
    received(world)
    received(world, lot="OLD1", days=0)
    received(world, lot="S1", product="s_ketamine_injection", strength=0)
    assert seen(session, "K2417").why_not == ""
    assert "not in the drug ledger" in seen(session, "K999").why_not
    assert "the order is" in seen(session, "S1-01").why_not
    assert Verdict.objects.count() == 0


def test_another_site_sees_nothing_of_this_ledger(world, client_as):
    from surcease.web.clinic.models import Site

    [vial, *_] = received(world)
    south = Site.objects.create(name="South", zone="Europe/Berlin")
    stranger = make_user("nurse", south, name="South Nurse")
    client = client_as("anonymous")
    client.force_login(stranger)
    assert client.get(f"/stock/vial/{vial.pk}/").status_code == 404
    assert "K2417" not in client.get("/stock/").content.decode()
