"""The review's sentences and what they stand on; burden, together, taper, we said / it was, proposals, plain words."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from surcease.care.burden import burden
from surcease.care.forecast import as_json, forecast, from_json
from surcease.care.kept_word import kept_word
from surcease.care.mme import mme
from surcease.care.plain_words import copy, of_ten
from surcease.care.proposals import Standing, proposals
from surcease.care.record import Answers, DiaryEntry, Dose, Given, Medication, Person, Record
from surcease.care.response import SecondMethod, respond
from surcease.care.review import Activity, Standpoint, summary
from surcease.care.review_life import function, harm, judged, mood, opioids
from surcease.care.review_pain import beside as beside_section
from surcease.care.review_pain import given, pain
from surcease.care.taper import steps, taper
from surcease.care.together import beside
from surcease.knowledge import load
from surcease.knowledge.catalogue import catalogue

FIRST, LAST = date(2026, 3, 2), date(2026, 3, 6)
NOW = datetime(2026, 4, 6, 12, tzinfo=UTC)
KNOWN = dict(catalogue(load()))


def entry(day, score, kind="average", **values):
    at = datetime(day.year, day.month, day.day, 21, tzinfo=UTC)
    return DiaryEntry(f"{day}{kind}", kind, at, day, 0, at, None if score is None else Decimal(score), values=values)


def days(start, count, score, **values):
    return [entry(start + timedelta(days=n), score, **values) for n in range(count)]


def opioid(amount, started, stopped=None):
    dose = Dose(Decimal(amount), "mg", Decimal(2), route="po")
    return Medication((), f"morphine {amount} mg", "active" if stopped is None else "stopped", dose, started, stopped)


@pytest.fixture(scope="module")
def point():
    """Baseline 8 on six days, 5 on days 8–14 (five of seven written), therapy, one new medicine, work, PGIC."""
    after = LAST + timedelta(days=8)
    diary = days(FIRST - timedelta(days=6), 6, 8, mood=Decimal(4))
    diary += [entry(LAST, 3, "pulse"), *days(LAST + timedelta(days=2), 4, 4, therapy_done=True, therapy_booked=True)]
    diary += days(after, 5, 5, mood=Decimal(6), side_effects=("nausea",))
    sessions = tuple(
        Given("s_ketamine", "iv", Decimal("20.25"), datetime(2026, 3, 2 + n, 9, tzinfo=UTC),
              datetime(2026, 3, 2 + n, 13, tzinfo=UTC)) for n in range(5)
    )  # fmt: skip
    said = (
        Answers("work", "1", {"status": "off_pain", "lost_days": Decimal(5)}, date(2026, 2, 20)),
        Answers("work", "1", {"status": "changed", "hours": Decimal(20)}, date(2026, 3, 30)),
        Answers("worth-it", "1", {"worth": "not_sure"}, date(2026, 3, 30)),
        Answers("pgic", "1", {"change": "2"}, date(2026, 3, 22)),
    )
    drug = Medication((), "duloxetine 60 mg", "active", None, date(2026, 3, 4))
    record = Record(Person("1", "A", "B", date(1980, 1, 1)), diary=tuple(diary), given=sessions, answers=said,
                    medications=(drug,))  # fmt: skip
    found = respond(record.diary, [g.started for g in sessions], second=SecondMethod(pgic=2))
    stays = tuple((g.started, g.started + timedelta(hours=5)) for g in sessions[:4]) + ((sessions[4].started, None),)
    return Standpoint(
        record=record, series=sessions, now=NOW, response=found, stays=stays, beside=beside(record, FIRST, LAST),
        burden=burden(record.diary, stays, after=LAST, until=NOW.date(), baseline=found.baseline.mean, began=FIRST),
        activities=(Activity("walking", ((FIRST, Decimal(3)), (NOW.date(), Decimal(6)))),),
        scores={"peg": ((FIRST, Decimal(7)), (NOW.date(), Decimal(5)))},
    )  # fmt: skip


@pytest.fixture(scope="module")
def sections(point):
    return (given(point), pain(point), beside_section(point), function(point, KNOWN), mood(point, KNOWN),
            judged(point, KNOWN), opioids(point), harm(point))  # fmt: skip


def test_every_sentence_names_a_datum_that_is_there(sections):
    for section in sections:
        for line in section.lines:
            assert line.datum in {d.key for d in section.data}, line
    assert 6 <= len(summary(sections)) <= 16


def test_a_window_is_the_mean_of_its_datum(point, sections):
    data = {d.key: d for section in sections for d in section.data}
    for name, mean, n in (("baseline", 8, 6), ("early", 4, 4), ("response", 5, 5)):
        values = [Decimal(v) for _, v in data[name].rows if v != "no entry"]
        assert (sum(values) / len(values), len(values)) == (mean, n)
    assert [v for _, v in data["baseline"].rows].count("no entry") == point.response.baseline.missing == 1
    said = [line.said for line in sections[1].lines]
    assert "Response (days 8–14): mean 5.0, n 5 of 7 days." in said
    assert "Within 24 h of a session: mean 3.0, n 1 entries." in said
    assert "3 days of 14 in the two windows have no entry." in said


def test_the_sessions_add_up_to_what_is_said(sections):
    (datum, *_) = sections[0].data
    assert sum(Decimal(row[1]) for row in datum.rows) == pytest.approx(Decimal("101.25"), abs=Decimal("0.3"))
    assert sections[0].lines[0].said.startswith("5 sessions, 101.2 mg s-ketamine IV")


def test_function_work_mood_worth_and_burden_stand_beside_pain(sections):
    said = [line.said for section in sections[3:6] for line in section.lines]
    assert "walking: 3 of 10 on 2 Mar 2026, 6 on 6 Apr 2026." in said
    work = "Work: working fewer hours or with changes because of pain (30 Mar 2026); before, off work because of pain"
    assert any(s.startswith(work) for s in said)
    assert "Mood in the diary 4.0 (n 6) → 6.0 (n 5) of 10." in said
    assert "Worth it?: not sure (30 Mar 2026)." in said
    assert "Global impression: much improved (22 Mar 2026)." in said
    gave = "Gave: 9 of 9 diary days at least 30 % better. Took: 20 h at the clinic over 5 visits (1 without an end), "
    assert gave + "side effects on 5 of 10 diary days." in said


def test_what_else_happened_is_reported_together(point, sections):
    assert [(b.what, len(b.days), b.booked) for b in point.beside] == [
        ("therapy", 4, 4), ("duloxetine 60 mg started", 1, None),
    ]  # fmt: skip
    assert sections[2].lines[0].said.endswith("The change belongs to all of it together.")


def test_without_a_baseline_no_day_is_better():
    found = burden(days(LAST + timedelta(days=2), 3, 1), [], after=LAST, until=NOW.date(), baseline=None)
    assert (found.better_days, found.diary_days) == (None, 3)


def proposed(medications, responder, holds=()):
    today = NOW.date()
    path = steps(medications, since=today - timedelta(days=365), until=today, knowledge=load())
    now = mme([m for m in medications if m.status == "active"], today=today, knowledge=load())
    return taper(now, path, today=today, responder=responder, holds=holds)


def test_a_step_down_is_proposed_once_and_only_to_a_responder():
    """Morphine 30 mg twice: 60 MME; ten percent less is 54."""
    found = proposed([opioid(30, date(2025, 1, 1))], True)
    assert found.to == 54
    assert "If the person wants it" in found.said
    assert proposed([opioid(30, date(2025, 1, 1))], None).to is None
    assert proposed([], True) is None


def test_a_taper_waits_by_rule():
    found = proposed([opioid(30, date(2025, 1, 1))], True, holds=["The PHQ-9 rose by five points or more."])
    assert (found.to, found.waits) == (None, ("The PHQ-9 rose by five points or more.",))
    lately = [opioid(30, date(2025, 1, 1), date(2026, 3, 25)), opioid(27, date(2026, 3, 25))]
    assert proposed(lately, True).waits == ("The last step is less than four weeks old.",)


@pytest.mark.parametrize(("now_mg", "asks"), [("22.5", True), ("23", False)])
def test_a_quarter_less_in_four_weeks_asks_about_withdrawal(now_mg, asks):
    """60 to 45 MME is exactly 25 %; to 46 it is less."""
    lately = [opioid(30, date(2025, 1, 1), date(2026, 3, 20)), opioid(now_mg, date(2026, 3, 20))]
    found = proposed(lately, True)
    assert bool(found.ask) is asks
    assert found.to is None


def test_an_opioid_that_cannot_be_added_up_gets_no_step():
    unknown = Medication((), "oxycodone", "active", None, date(2025, 1, 1))
    assert proposed([unknown], True).to is None


def shown():
    diary = days(date(2026, 3, 2) - timedelta(days=7), 7, 7) + days(date(2026, 3, 10), 20, 4)
    dose = Given("s_ketamine", "iv", Decimal(2220), datetime(2026, 3, 2, 9, tzinfo=UTC),
                 datetime(2026, 3, 6, 13, tzinfo=UTC))  # fmt: skip
    return forecast(diary, [dose], indication="crps", knowledge=load(), weight_kg=70.0, as_of=date(2026, 3, 29))


def test_a_stored_forecast_reads_back_as_it_was_shown():
    found = shown()
    assert from_json(as_json(found)) == from_json(as_json(from_json(as_json(found))))
    back = from_json(as_json(found))
    assert (back.days, back.booster, back.loss, back.inputs) == (found.days, found.booster, found.loss, found.inputs)
    assert back.bands["q50"] == pytest.approx(found.bands["q50"], abs=1e-4)


def test_days_are_counted_in_and_out_of_the_band_said():
    found = shown()
    inside = [entry(d, str(round(found.bands["q50"][n], 2))) for n, d in enumerate(found.days[:7])]
    outside = days(date(2026, 4, 6), 3, 10)
    kept = kept_word(found, inside + outside, until=date(2026, 4, 8))
    assert [(w.n, w.inside) for w in kept.weeks] == [(7, 7), (3, 0)]
    assert kept.weeks[1].was == 10
    assert float(kept.weeks[0].was) == pytest.approx(kept.weeks[0].q50, abs=0.01)
    assert kept.said == "7 of 10 days since lay in the band (8 in 10 are expected)."
    assert kept_word(found, [], until=date(2026, 4, 8)).said == "No day has been written down since."


def standing(point, **more):
    return replace(Standing(point.response, 5, 5, function_change=Decimal(2)), **more)


def test_futility_waits_for_the_end_of_a_course(point):
    poor = replace(point.response, size=respond(days(FIRST - timedelta(days=7), 7, 8)
                   + days(LAST + timedelta(days=8), 7, 8), [FIRST, LAST]).size, responder=False)  # fmt: skip
    made = {p.action for p in proposals(standing(point, response=poor, sessions_done=3, sessions_planned=10))}
    assert "stop_futility" not in made
    assert "stop_futility" in {p.action for p in proposals(standing(point, response=poor))}


def test_mood_and_missing_function_refer_and_say_where(point):
    made = proposals(standing(point, mood_flag=True, function_change=None))
    assert [p.refer_to for p in made if p.action == "refer"] == ["mood_pathway", "combination"]
    assert [p.action for p in proposals(standing(point))] == ["continue"]


def test_the_person_is_told_of_the_trial_never_of_a_chance_of_their_own():
    """Dahan 2011: 0.67 of people on the drug, 0.23 on placebo."""
    words = " ".join(of_ten(load(), studied=False, decide_on=date(2026, 4, 20)))
    assert "Of 10 people in the trial, about 7" in words
    assert "about 2 felt better" in words
    assert "decide together on 20 Apr 2026" in words
    assert "may not fit you" in words
    assert "%" not in words
    assert "mg" not in words


def test_the_copy_tells_the_persons_own_days(point):
    words = copy(point.response, action="continue", contact=date(2026, 5, 4), kind="call")
    assert words[0] == "Before the treatment your average pain was 8.0 out of 10 (6 of 7 days written down)."
    assert "Next we speak on 4 May 2026 (call)." in words
    assert "not enough diary days" in copy(None, action="refer", contact=date(2026, 5, 4), kind="visit")[0]
