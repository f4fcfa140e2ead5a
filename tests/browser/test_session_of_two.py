"""A whole session in a real browser: a nurse and a physician at the same chair, and the patient at their own screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.browser.served import PASSWORD, Served, small_clinic

pytestmark = pytest.mark.browser
NUMBERS = {
    "systolic_today": "118", "diastolic_today": "74", "heart_rate_today": "70", "resp_rate_today": "14",
    "spo2_today": "98", "temperature_today": "36.6", "solids_hours_ago": "9", "clear_fluids_hours_ago": "4",
}  # fmt: skip
YES = ("escort_named", "medicines_reconciled_today")


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A served small clinic whose one person has a signed plan."""
    served = small_clinic(tmp_path_factory.mktemp("two") / "home", words=("planned",))
    served.start()
    yield served
    served.stop()


def write(page: Any, opener: str, dialog: str, *, kept: bool = True, **values: str) -> None:
    """Open a dialog, type, save; ``kept`` waits until it has closed."""
    page.get_by_role("button", name=opener, exact=True).click()
    for name, value in values.items():
        field = page.locator(f"#{dialog} form >> nth=0").locator(f"[name={name}]")
        if field.evaluate("node => node.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.locator(f"#{dialog} form button.main").first.click()
    if kept:
        page.locator(f"#{dialog}").wait_for(state="hidden")


def test_a_session_of_two_users_and_a_patient(clinic: Served, come_in: Callable[[str], Any], serious: Any) -> None:
    person, faults = clinic.person["patient"], []
    nurse, doctor = come_in("nurse", 1180, 820), come_in("physician", 1180, 820)

    # Arrival and go/no-go: a restricted limb is refused at the field, then the day's answers let the person go.
    nurse.goto(f"/treatment/person/{person}/arrive/")
    nurse.locator("#chair").select_option(label="Chair 1")
    nurse.get_by_role("button", name="The person is here").click()
    nurse.get_by_role("heading", name="Go or no-go").wait_for()
    for name, value in NUMBERS.items():
        nurse.locator(f"#id_{name}").fill(value)
    for group in nurse.locator("form fieldset").all():
        name = group.locator("input").first.get_attribute("name")
        group.locator(f"input[value={'yes' if name in YES else 'no'}]").check()
    for name, value in (
        ("weight", clinic.person["kg"]),
        ("cannula_tries", "2"),
        ("stop_word", "harbour"),
        ("today", "slept badly"),
    ):
        nurse.locator(f"#id_seat-{name}").fill(value)
    nurse.locator("#id_seat-cuff_limb").select_option("right_arm")
    nurse.locator("#id_seat-cannula_limb").select_option("left_arm")
    nurse.get_by_role("button", name="Save and go").click()
    nurse.get_by_text("No cuff on the right arm").first.wait_for()
    faults += serious(nurse)
    nurse.locator("#id_seat-cuff_limb").select_option("left_arm")
    nurse.get_by_role("button", name="Save and go").click()
    nurse.get_by_role("heading", name="Session 1, Chair 1").wait_for()
    session = nurse.url
    nurse.get_by_text("harbour").first.wait_for()

    # The programme: one enters, the other checks blindly.
    order = nurse.locator(".rate dd", has_text="mg/h for 4 h").first.inner_text()
    nurse.goto(f"{session}programme/")
    for name, value in (
        ("weight", clinic.person["kg"]),
        ("vial", "50"),
        ("bag", "100"),
        ("lot", "K2417"),
        ("secret", PASSWORD),
    ):
        nurse.locator(f"#id_enter-{name}").fill(value)
    nurse.get_by_role("button", name="Compute and sign").click()
    nurse.get_by_text("A second person signs in").first.wait_for()
    doctor.goto(f"{session}programme/")
    for name, value in (("weight", clinic.person["kg"]), ("vial", "5"), ("bag", "100"), ("secret", PASSWORD)):
        doctor.locator(f"#id_check-{name}").fill(value)
    doctor.get_by_role("button", name="Compare and sign").click()
    doctor.get_by_text("a lost or added decimal point").wait_for()
    doctor.locator("#id_check-vial").fill("50")
    doctor.locator("#id_check-secret").fill(PASSWORD)
    doctor.get_by_role("button", name="Compare and sign").click()
    doctor.get_by_text("Both agree").first.wait_for()
    faults += serious(doctor)

    # Start from the pump's face with the birth date typed again; the physician sees it without a reload.
    nurse.goto(session)
    doctor.goto(session)
    write(nurse, "Add readings", "readings", systolic="118", diastolic="74", heart_rate="70", spo2="98")
    write(nurse, "Start", "start", rate_ml_per_h="25", concentration_mg_per_ml="0.432", volume_infused_ml="0",
          volume_left_ml="100", lot="K2417", born=clinic.person["born"])  # fmt: skip
    doctor.locator(".chip.running").wait_for()
    nurse.get_by_text("mL left").first.wait_for()

    # The forecast stays unfolded while the page goes on; symptoms are a grid; both write at once and both are kept.
    nurse.locator("#predicted").evaluate("node => { node.open = true; }")
    nurse.locator("#forecast-table, .forecast figure").first.wait_for(state="attached")
    nurse.get_by_role("button", name="Symptom", exact=True).click()
    nurse.locator("#symptom input[name=dizzy][value='1']").check()
    nurse.locator("#symptom input[name=world_unreal][value='2']").check()
    doctor.get_by_role("button", name="Note, hand-over").click()
    doctor.locator("#note textarea").fill("seen by the physician")
    doctor.locator("#note form >> nth=0").locator("button.main").click()
    nurse.locator("#symptom form button.main").click()
    for page in (nurse, doctor):
        for words in ("dizzy 1/3", "the world unreal 2/3", "seen by the physician"):
            page.get_by_text(words).first.wait_for()
    assert nurse.locator("#predicted").evaluate("node => node.open")
    faults += serious(nurse)

    # Beyond the order: refused in the dialog, ordered by word of mouth, countersigned, then within the order.
    write(nurse, "Change rate", "rate", kept=False, rate_mg_per_h="14", rate_ml_per_h="32.4", volume_infused_ml="2",
          reason="pain")  # fmt: skip
    nurse.locator("#rate .wrong", has_text="verbal order").wait_for()
    nurse.locator("#rate [data-closes]").click()
    nurse.get_by_role("link", name="Verbal order").click()
    nurse.locator("#id_prescriber").select_option(index=1)
    nurse.locator("#id_said").fill("up to 14 mg/h")
    nurse.locator("#id_rate_mg_per_h").fill("14")
    nurse.locator("#id_read_back").select_option("yes")
    faults += serious(nurse)
    nurse.get_by_role("button", name="Keep the order").click()
    nurse.get_by_text("asked to countersign").first.wait_for()
    doctor.goto("/worklist/")
    doctor.locator("a[href*='/countersign/']").first.click()
    doctor.locator("#id_secret").fill(PASSWORD)
    doctor.get_by_role("button", name="Countersign", exact=True).click()
    doctor.get_by_text("Countersigned.").first.wait_for()
    write(nurse, "Change rate", "rate", rate_mg_per_h="14", rate_ml_per_h="32.4", volume_infused_ml="2",
          volume_left_ml="98", reason="pain, as ordered")  # fmt: skip
    doctor.get_by_text("rate 14 mg/h").first.wait_for()

    # The patient touches their screen: both at the chair know.
    screen = nurse.context.new_page()
    screen.goto(f"{session}screen/")
    screen.mouse.click(40, 700)
    doctor.get_by_text("The patient called.").wait_for(timeout=5000)
    doctor.get_by_role("button", name="I am there").click()
    doctor.get_by_text("The patient called.").wait_for(state="hidden")
    screen.close()

    # Red from a reading, PAUSE by the other person, STOP by the first; each one press.
    write(nurse, "Add readings", "readings", systolic="124", diastolic="78", heart_rate="72", spo2="88")
    doctor.locator(".marked.red").first.wait_for()
    doctor.get_by_role("button", name="Pause", exact=True).click()
    nurse.locator(".chip.paused").wait_for()
    write(nurse, "Resume", "resume", kept=False, rate_mg_per_h="5", rate_ml_per_h="11.6", volume_infused_ml="3",
          reason="better")  # fmt: skip
    nurse.locator("#resume .wrong", has_text="not normal yet").wait_for()
    nurse.locator("#resume [data-closes]").click()
    nurse.get_by_role("button", name="STOP").click()
    doctor.locator(".chip.observing").wait_for()

    # An adverse event; the end by a named physician's decision; the papers.
    nurse.goto(f"/treatment/person/{person}/adverse/?session={session.rstrip('/').split('/')[-1]}")
    nurse.locator("#id_term").select_option("hypoxia")
    nurse.locator("#id_words").fill("88 % for a minute")
    nurse.locator("#id_grade").select_option("2")
    nurse.locator("#id_related").select_option("probable")
    nurse.locator("#id_outcome").select_option("recovered")
    faults += serious(nurse)
    nurse.get_by_role("button", name="Keep", exact=True).click()
    nurse.get_by_text("not serious").first.wait_for()
    nurse.goto(f"{session}after/")
    nurse.locator("#id_seen-frightening").fill("7")
    nurse.locator("#id_seen-next_time").fill("slower start")
    nurse.get_by_role("button", name="Save what was seen").click()
    nurse.locator("#id_way-way").select_option("physician")
    nurse.locator("#id_way-physician").select_option(index=1)
    nurse.locator("#id_way-reason").fill("stays on the ward tonight")
    nurse.locator("#id_way-secret").fill(PASSWORD)
    nurse.get_by_role("button", name="Sign and close").click()
    nurse.get_by_text("Session closed").first.wait_for()
    for name in ("slip", "flowsheet", "paper", "programme"):
        answer = nurse.request.get(f"{session}{name}.pdf")
        assert answer.body().startswith(b"%PDF"), name
    doctor.goto(f"{session}replay/")
    doctor.get_by_text("Predicted at that minute").first.wait_for()
    faults += serious(doctor)
    assert "mg/h for 4 h" in order
    assert not faults, faults
