"""One invented woman with CRPS, from intake to review, in a real browser against a real server, as five people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from tests.browser.served import PASSWORD, Served, small_clinic

pytestmark = pytest.mark.browser
# The answers to the page's own requests come four seconds late, what it asks meanwhile is not held up.
SLOW_ANSWERS = """() => {
  const send = XMLHttpRequest.prototype.send;
  XMLHttpRequest.prototype.send = function (...body) {
    const loaded = this.onload;
    this.onload = () => setTimeout(() => loaded.call(this), 4000);
    return send.apply(this, body);
  };
}"""


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A served small clinic."""
    served = small_clinic(tmp_path_factory.mktemp("path") / "home")
    served.start()
    yield served
    served.stop()


def test_the_whole_path(clinic: Served, come_in: Callable[..., Any], serious: Callable[[Any], Any]) -> None:
    person = clinic.person["patient"]
    faults: list[Any] = []
    doctor, nurse = come_in("physician"), come_in("nurse")

    # Intake: the nurse asks, the physician decides.
    nurse.goto(f"/intake/person/{person}/block/")
    faults += serious(nurse)
    nurse.get_by_role("button", name="Asked; save").click()
    nurse.goto(f"/intake/person/{person}/instrument/peg/")
    faults += serious(nurse)
    for group in nurse.locator("fieldset.field").all():
        group.locator("label", has_text="7").first.click()
    nurse.get_by_role("button", name="Save").click()
    nurse.get_by_text("PEG: 7").wait_for()
    doctor.goto(f"/intake/person/{person}/")
    faults += serious(doctor)
    assert "STOP" in doctor.locator(".lead").first.inner_text()
    verdict = doctor.locator("main .lead .chip").inner_text()
    doctor.locator("#id_verdict").select_option("with_conditions" if verdict == "REVIEW" else "eligible")
    doctor.locator("#id_reason").fill("Monthly follow-up.")
    doctor.locator("#id_secret").fill(PASSWORD)
    doctor.get_by_role("button", name="Sign the decision").click()
    doctor.get_by_text("Decided:").wait_for()

    # Plan: 21.6 mg/h at 61.x kg is computed; signed with the birth date typed again.
    doctor.goto(f"/plan/person/{person}/")
    doctor.locator("#id_protocol").select_option("P01")
    doctor.locator("#id_start").fill(_weekday())
    doctor.locator("#id_endpoint").fill("Hold a pen for twenty minutes by week 6")
    doctor.locator("#id_stop_rule").fill("Less than 30 % better on days 8 to 14")
    doctor.get_by_role("button", name="Save and compute").click()
    doctor.get_by_text("= 0.35 mg/kg/h =").wait_for()
    doctor.locator("#tested table").wait_for(timeout=60_000)
    faults += serious(doctor)
    doctor.locator("#id_born").fill(clinic.person["born"])
    doctor.locator("#id_secret").fill(PASSWORD)
    doctor.get_by_role("button", name="Sign plan").click()
    doctor.get_by_text("Signed: plan version 1").wait_for()
    faults += serious(doctor)

    # The pharmacist and the front desk see their part, and no more.
    pharmacist, desk = come_in("pharmacist"), come_in("front_desk")
    pharmacist.goto(f"/plan/person/{person}/")
    pharmacist.get_by_text("Version 1 is in force").wait_for()
    assert pharmacist.get_by_role("button", name="Sign plan").count() == 0
    desk.goto("/plan/day/")
    faults += serious(desk)
    assert desk.goto(f"/intake/person/{person}/").status == 403

    # Treatment: arrive, go, start, readings, the mark at 160/90, stop.
    nurse.goto(f"/treatment/person/{person}/arrive/")
    nurse.locator("#chair").select_option(label="Chair 1")
    nurse.get_by_role("button", name="The person is here").click()
    nurse.get_by_role("heading", name="Go or no-go").wait_for()
    _answer_the_day(nurse)
    faults += serious(nurse)
    nurse.get_by_role("button", name="Save and go").click()
    nurse.get_by_role("heading", name="Session 1, Chair 1").wait_for()
    session = nurse.url
    _write(nurse, "Add readings", "readings", systolic="118", diastolic="74", heart_rate="70", spo2="98")
    _write(
        nurse,
        "Start",
        "start",
        rate_ml_per_h="25",
        concentration_mg_per_ml="0.432",
        volume_infused_ml="0",
        born="1999-01-01",
        wait=False,
    )
    nurse.get_by_text("This is not the birth date").wait_for()
    nurse.locator("#start input[name=born]").fill(clinic.person["born"])
    nurse.locator("#start button.main").click()
    nurse.locator(".chip.running").wait_for()
    faults += serious(nurse)
    _write(
        nurse,
        "Add readings",
        "readings",
        systolic="160",
        diastolic="90",
        heart_rate="86",
        spo2="97",
        sedation_moaas="5",
    )
    nurse.locator(".marked.amber").first.wait_for()
    _write(
        nurse,
        "Add readings",
        "readings",
        systolic="152",
        diastolic="88",
        heart_rate="84",
        spo2="97",
        sedation_moaas="5",
    )

    # The board knows at once; a touch on the patient's screen reaches it.
    lead = come_in("lead")
    lead.goto("/treatment/board/")
    lead.locator(".chair.running").wait_for()
    faults += serious(lead)
    screen = nurse.context.new_page()
    screen.goto(f"{session}screen/")
    screen.mouse.click(200, 200)
    lead.locator(".chair.called").wait_for(timeout=3000)
    screen.close()

    # STOP is one press, shown at once even while the page is fetching what happened before it.
    nurse.evaluate(SLOW_ANSWERS)
    nurse.locator("#predicted").evaluate("node => { node.open = true; }")  # its figure is being fetched too
    nurse.wait_for_timeout(500)
    nurse.get_by_role("button", name="I am there").click()
    nurse.get_by_role("button", name="STOP").click()
    nurse.locator(".chip.observing").wait_for(timeout=15_000)
    assert nurse.locator("#predicted").evaluate("node => node.open"), "what was unfolded stays so"

    # Leaving against advice needs capacity, advice, a call.
    nurse.goto(f"{session}after/")
    faults += serious(nurse)
    nurse.locator("#id_way-way").select_option("criteria")
    nurse.locator("#id_way-secret").fill(PASSWORD)
    nurse.get_by_role("button", name="Sign and close").click()
    nurse.get_by_text("still needs").wait_for()
    nurse.locator("#id_way-way").select_option("against_advice")
    for name, words in (("capacity", "oriented"), ("advice_given", "stay an hour"), ("call_booked", "nurse, mobile")):
        nurse.locator(f"#id_way-{name}").fill(words)
    nurse.locator("#id_way-secret").fill(PASSWORD)
    nurse.get_by_role("button", name="Sign and close").click()
    nurse.get_by_text("Session closed").wait_for()

    # Diary: one tap on a phone.
    phone = come_in("patient", 390, 844)
    phone.goto("/diary/")
    faults += serious(phone)
    phone.locator("#pain label").nth(4).click()
    phone.get_by_text("Saved").wait_for()
    phone.goto("/diary/days/")
    faults += serious(phone)

    # Review: the response is not established yet, and says so; the decision is signed with a next contact.
    doctor.goto(f"/review/person/{person}/")
    doctor.get_by_text("Baseline not established").first.wait_for()
    faults += serious(doctor)
    doctor.locator("#id_action").select_option("continue")
    doctor.locator("#id_next_contact").fill(_weekday(14))
    doctor.locator("#id_secret").fill(PASSWORD)
    doctor.get_by_role("button", name="Sign the review").click()
    doctor.get_by_text("Last decided: continue").wait_for()
    assert not faults, faults


def test_an_acknowledged_event_survives_kill_9(clinic: Served, come_in: Callable[..., Any]) -> None:
    """What the tablet's receipt said is kept is there after the server was killed without warning."""
    phone = come_in("patient", 390, 844)
    phone.goto("/diary/")
    phone.locator("#pain label").nth(7).click()
    phone.get_by_text("Saved").wait_for()
    _all_sent(phone)
    clinic.kill()
    phone.locator("#pain label").nth(2).click()
    phone.get_by_text("1 not sent yet").wait_for()
    clinic.start()
    _all_sent(phone)
    phone.goto("/diary/days/")
    shown = phone.locator("table tbody td.n").all_inner_texts()
    assert shown.count("7") == 1
    assert shown.count("2") == 1


def _all_sent(page: Any) -> None:
    """Wait until the phone holds nothing any more: every entry has its receipt."""
    for _second in range(90):
        if page.evaluate("() => window.surceaseOutbox.count()") == 0:
            return
        page.wait_for_timeout(1000)
    raise AssertionError("the phone still holds entries")


def _write(page: Any, opener: str, dialog: str, *, wait: bool = True, **values: str) -> None:
    """Open a dialog of the chair's page, type, save."""
    page.get_by_role("button", name=opener, exact=True).click()
    for name, value in values.items():
        field = page.locator(f"#{dialog} [name={name}]")
        if field.evaluate("node => node.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.locator(f"#{dialog} form button.main").first.click()
    if wait:
        page.locator(f"#{dialog}").wait_for(state="hidden")


def _answer_the_day(page: Any) -> None:
    """The day's questions as a well person answers them, cuff and cannula on the arm that is well."""
    page.locator("#id_seat-weight").fill("61.8")
    for field in ("cuff_limb", "cannula_limb"):
        page.locator(f"#id_seat-{field}").select_option("left_arm")
    numbers = {
        "systolic_today": "118", "diastolic_today": "74", "heart_rate_today": "70", "resp_rate_today": "14",
        "spo2_today": "98", "temperature_today": "36.6", "solids_hours_ago": "9", "clear_fluids_hours_ago": "4",
    }  # fmt: skip
    yes = ("escort_named", "medicines_reconciled_today")
    for name, value in numbers.items():
        page.locator(f"#id_{name}").fill(value)
    for group in page.locator("form fieldset").all():
        name = group.locator("input").first.get_attribute("name")
        if group.locator("input[type=radio]").count():
            group.locator(f"input[value={'yes' if name in yes else 'no'}]").check()


def _weekday(after: int = 0) -> str:
    from django.utils import timezone

    day = (timezone.now() + timedelta(days=after)).date()
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day.isoformat()
