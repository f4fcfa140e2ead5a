"""Counting blind, what a count waits for, differences and their settling; the register as page, PDF and CSV."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from decimal import Decimal

import pytest
from tests.integration.samples.steps import treated
from tests.integration.samples.stock import received
from tests.web_fixtures import PASSWORD

from surcease.web.audit.models import AuditRow
from surcease.web.forms import new_token
from surcease.web.stock import actions
from surcease.web.stock.models import Count, CountClosed, Discrepancy, Lot, MovementRow
from surcease.web.stock.queries import states_at
from surcease.web.worklist.models import Todo

pytestmark = pytest.mark.django_db


def counted(client, whole: str, opened: str, **more):
    lot = Lot.objects.get(lot="K2417")
    data = {"kind": "shift", f"whole-{lot.pk}": whole, f"open-{lot.pk}": opened, "form_token": new_token(), **more}
    return client.post("/stock/count/", data)


def drawn(world, mg: str = "123"):
    session, [vial, *_] = treated(world), received(world)
    actions.draw(by=world.users.nurse, now=world.now, session=session, vial=vial, amount_mg=Decimal(mg))
    return session


def test_the_form_does_not_say_what_should_be_there(world, client_as):
    """Five vials, one with 377 mg left: neither number may stand on the page before the count is saved."""
    drawn(world)
    page = client_as("nurse").get("/stock/count/").content.decode()
    form = page[page.index('<form method="post" data-keep') : page.index("</form>", page.index("data-keep"))]
    assert "K2417" in form
    assert "377" not in form
    assert ">4<" not in form
    assert 'value="4"' not in form


def test_a_count_that_agrees_closes(world, client_as):
    drawn(world)
    nurse = client_as("nurse")
    answer = counted(nurse, "4", "377")
    assert answer.status_code == 302
    assert "agrees" in nurse.get(answer["Location"]).content.decode()
    assert nurse.post(answer["Location"], {"secret": "wrong"}).status_code == 200
    assert not CountClosed.objects.exists()
    assert nurse.post(answer["Location"], {"secret": PASSWORD}).status_code == 302
    assert CountClosed.objects.get().by == world.users.nurse


@pytest.mark.parametrize(("whole", "opened"), [("", "377"), ("4", ""), ("four", "377"), ("4", "3,77"), ("-1", "0")])
def test_blank_and_unread_are_answered_at_the_field_and_nothing_is_kept(world, client_as, whole, opened):
    drawn(world)
    assert "errorlist" in counted(client_as("nurse"), whole, opened).content.decode()
    assert not Count.objects.exists()


def test_a_difference_is_a_task_and_the_count_waits_until_it_is_settled(world, client_as):
    drawn(world)
    nurse, pharmacist = client_as("nurse"), client_as("pharmacist")
    there = counted(nurse, "3", "377")["Location"]
    page = nurse.get(there).content.decode()
    assert "−500 mg" in page
    found = Discrepancy.objects.get()
    todo = Todo.objects.get(kind="discrepancy")
    assert (found.difference_mg, todo.for_role, todo.is_open) == (-500, "pharmacist", True)
    assert "The count waits" in nurse.post(there, {"secret": PASSWORD}).content.decode()
    address = f"/stock/discrepancy/{found.pk}/"
    said = {"explanation": "broken in the tray, seen by two", "adjust": "on", "secret": PASSWORD}
    assert nurse.post(address, said).status_code == 200
    assert not hasattr(Discrepancy.objects.get(), "settlement")
    assert pharmacist.post(address, said | {"explanation": ""}).status_code == 200
    assert pharmacist.post(address, said).status_code == 302
    assert MovementRow.objects.get(kind="lose").amount_mg == 500
    assert sum(s.left_mg for s in states_at(world.site)) == 2500 - 123 - 500
    assert not Todo.objects.get(kind="discrepancy").is_open
    assert nurse.post(there, {"secret": PASSWORD}).status_code == 302
    assert "broken in the tray" in client_as("lead").get("/stock/differences/").content.decode()
    again = counted(nurse, "3", "377")["Location"]
    assert "agrees" in nurse.get(again).content.decode()


def test_the_count_waits_for_an_open_drug_record_and_for_a_witness(world, client_as):
    session = drawn(world)
    session.closed_at = world.now
    session.save(update_fields=["closed_at"])
    nurse = client_as("nurse")
    there = counted(nurse, "4", "377")["Location"]
    said = nurse.post(there, {"secret": PASSWORD}).content.decode()
    assert f"drug record of session {session.number} is open" in said
    actions.waste(
        by=world.users.nurse, now=world.now, method="password", session=session, amount_mg=Decimal(1), reason="rest"
    )
    assert "waits for its witness" in nurse.post(there, {"secret": PASSWORD}).content.decode()


def test_a_full_inventory_says_when_and_the_next_is_two_years_on(world, client_as):
    received(world)
    nurse = client_as("nurse")
    assert "Say whether" in counted(nurse, "5", "0", kind="inventory").content.decode()
    assert counted(nurse, "5", "0", kind="inventory", moment="close").status_code == 302
    due = (world.now + timedelta(days=731)).year
    assert str(due) in nurse.get("/stock/counts/").content.decode()


def test_the_register_on_screen_as_csv_and_as_pdf(world, client_as):
    drawn(world)
    pharmacist = client_as("pharmacist")
    table = list(csv.DictReader(io.StringIO(pharmacist.get("/stock/register.csv").content.decode())))
    assert [(r["what"], r["in_mg"], r["out_mg"]) for r in table if r["vial"] == "K2417-01"] == [
        ("received", "500", ""),
        ("drawn up", "", "123"),
    ]
    assert table[-1]["balance_mg"] == "2377"
    assert table[-1]["person"] == world.patient.name
    page = pharmacist.get("/stock/register/").content.decode()
    assert "2377" in page
    assert world.patient.name in page
    assert pharmacist.get("/stock/register.pdf").content.startswith(b"%PDF")
    assert AuditRow.objects.filter(action="read ledger", why="export register").count() == 1


def test_the_lead_reads_the_register_without_names(world, client_as):
    drawn(world)
    for page in ("/stock/register/", "/stock/register.csv"):
        said = client_as("lead").get(page).content.decode()
        assert "K2417-01" in said
        assert world.patient.name not in said


def test_a_cell_that_begins_like_a_formula_is_text_in_the_csv(world, client_as):
    [vial, *_] = received(world)
    actions.send_away(
        by=world.users.pharmacist, now=world.now, vial=vial, amount_mg=Decimal(500), paper="Reverse, 1", reason="=1+1"
    )
    assert "'=1+1" in client_as("pharmacist").get("/stock/register.csv").content.decode()


def test_an_expired_lot_is_marked_on_the_shelf(world, client_as):
    received(world, lot="SOON", days=30)
    page = client_as("pharmacist").get("/stock/").content.decode()
    assert "mark-amber" in page[page.index("SOON") :]
