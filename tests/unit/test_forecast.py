"""The personal forecast from a record: when it speaks, where it is outside its data, and that it can be repeated."""

import csv
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from surcease.care.diary_scores import daily, from_file, from_given
from surcease.care.forecast import compare, forecast, of
from surcease.care.record import DiaryEntry, Given
from surcease.cli.main import build
from surcease.knowledge import load
from surcease.pkpd.scores import TOP

FIRST = date(2026, 3, 2)
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
DATA = Path(__file__).parents[2].parent / "shared" / "data" / "01-diaries-outcomes"
REGIMEN = 'weight_kg: 70\ndoses:\n  - {start: "2026-03-02T09:00", text: "22.2 mg/h for 100 h iv esketamine"}\n'


def entry(day, pain, kind="average", n=0, site=""):
    at = datetime(day.year, day.month, day.day, 21, tzinfo=UTC)
    value = None if pain is None else Decimal(str(pain))
    return DiaryEntry(f"{day}-{n}", kind, at, day, 0, at, value, site=site)


def infusion(**changes):
    raw = {"substance": "s_ketamine", "route": "iv", "amount_mg": Decimal(2220), "started": START,
           "ended": START + timedelta(hours=100)} | changes  # fmt: skip
    return Given(**raw)


def diary(before=7, after=35, relief=0.7, base=7):
    days = [FIRST + timedelta(days=n) for n in (*range(-before, 0), *range(5, 5 + after))]
    return [entry(d, base if d < FIRST else round(base * (1 - relief * np.exp(-(d - FIRST).days / 40)))) for d in days]


def ask(entries=None, given=None, *, indication="crps", as_of=None, **more):
    entries = diary() if entries is None else entries
    given = [infusion()] if given is None else given
    last = as_of or max((e.local_date for e in entries), default=FIRST)
    return forecast(entries, given, indication=indication, knowledge=load(), weight_kg=70.0, as_of=last, **more)


def test_inside_its_data_it_gives_bands_a_chance_and_a_booster_window():
    found = ask(diary(after=12, relief=0.9))
    assert found.enough
    assert found.inside
    assert found.prior == "rct"
    assert found.responder > 0.9
    assert len(found.days) == 84
    assert found.as_of < found.booster.first <= found.booster.last
    assert all(0 <= a <= b <= c <= TOP for a, b, c in zip(*found.bands.values(), strict=True))


@pytest.mark.parametrize(
    ("indication", "changes"),
    [
        ("fibromyalgia", {}),
        ("", {}),
        ("crps", {"substance": "racemic"}),
        ("crps", {"route": "im", "amount_mg": Decimal(30)}),
    ],
)
def test_outside_its_data_it_says_so_and_gives_no_date(indication, changes):
    found = ask(given=[infusion(**changes)], indication=indication)
    assert not found.inside
    assert found.prior == "routine"
    assert found.limits[0].startswith("Outside its data")
    assert found.booster.first is None
    assert "outside its data" in found.booster.why
    assert found.loss == (None, None, None)


@pytest.mark.parametrize(
    ("entries", "given"),
    [([], [infusion()]), (diary(after=2), [infusion()]), (diary(before=3), [infusion()]), (diary(), [])],
)
def test_it_abstains_when_there_is_little(entries, given):
    found = ask(entries, given)
    assert not found.enough
    assert found.status.startswith("Not enough data yet")
    assert found.booster.first is None
    assert len(found.bands["q50"]) == 84


def test_a_person_who_does_not_respond_gets_no_booster():
    found = ask(diary(relief=0.0))
    assert found.responder < 0.1
    assert "under 50%" in found.booster.why


def test_a_forecast_of_the_past_stays_what_it_was():
    then = FIRST + timedelta(days=20)
    early = [e for e in diary() if e.local_date <= then]
    assert ask(as_of=then) == ask(early, as_of=then)
    assert ask(as_of=then).inputs != ask().inputs


def test_plans_are_compared_under_the_same_person():
    treated = from_given([infusion()], weight_kg=70.0, otherwise=FIRST)
    again = [(datetime(2026, 4, 15, 9, tzinfo=UTC), "22.2 mg/h for 100 h iv esketamine")]
    found = compare(
        {"wait": (), "again": again}, diary(), treated, indication="crps", knowledge=load(), as_of=date(2026, 4, 10)
    )
    at = found["wait"].days.index(date(2026, 4, 25))
    assert found["again"].bands["q50"][at] < found["wait"].bands["q50"][at] - 1
    assert found["again"].bands["q50"][0] == found["wait"].bands["q50"][0]


def test_further_sessions_tell_when_one_would_know():
    days = [FIRST + timedelta(days=n) for n in range(-7, 0)]
    planned = [(START + timedelta(days=7 * n), "22.2 mg/h for 24 h iv esketamine") for n in range(3)]
    found = ask([entry(d, 7) for d in days], given=[], planned=planned)
    assert [k.session for k in found.knowing] == [1, 2, 3]
    assert found.knowing[-1].chance >= found.knowing[0].chance
    assert all(0 <= k.chance <= 1 for k in found.knowing)


def test_a_day_of_several_entries_counts_once_and_is_known_finer():
    treated = from_given([infusion()], weight_kg=70.0, otherwise=FIRST)
    day = FIRST - timedelta(days=1)
    seen = daily([entry(day, 6), entry(day, 7, n=1), entry(day, 2, "now", 2), entry(day, 9, n=3, site="hand")], treated)
    assert seen.used == 1
    assert (seen.scores.low[0], seen.scores.high[0]) == (6.25, 6.75)


def test_missing_and_acute_days_are_counted_not_filled():
    treated = from_given([infusion()], weight_kg=70.0, otherwise=FIRST)
    days = [entry(FIRST + timedelta(days=n), 7) for n in (-5, -1, 1, 4, 8)]
    seen = daily([*days, entry(FIRST, None)], treated)
    assert (seen.used, seen.before, seen.after, seen.acute, seen.missing) == (3, 2, 1, 2, 9)


def test_a_session_that_cannot_be_used_is_named():
    unknown = infusion(amount_mg=None, started=START - timedelta(days=30))
    no_end = infusion(ended=None, started=START + timedelta(days=30))
    said = from_given([unknown, infusion(), no_end], weight_kg=70.0, otherwise=FIRST).said
    assert len(said) == 2
    assert "left out" in said[0]
    assert "40 min assumed" in said[1]


@pytest.mark.parametrize(
    "raw", [None, [], {"weight_kg": 70}, {"doses": [], "weight_kg": 70}, {"doses": [{}], "weight_kg": 70},
            {"doses": [{"start": "2026-03-02", "text": "1 mg iv bolus"}]},
            {"weight_kg": 9000, "doses": [{"start": "2026-03-02", "text": "1 mg iv bolus"}]}],
)  # fmt: skip
def test_a_regimen_file_that_lacks_something_is_refused(raw):
    with pytest.raises(ValueError):
        from_file(raw, name="r.yaml")


def write(tmp_path, regimen=REGIMEN):
    rows = "".join(f"{e.local_date},{e.pain}\n" for e in diary())
    (tmp_path / "d.csv").write_text(f"at,score\n{rows}2026-04-20,\n")
    (tmp_path / "r.yaml").write_text(regimen)
    return str(tmp_path / "d.csv"), str(tmp_path / "r.yaml")


def run(*words):
    return CliRunner().invoke(build(list(words)), list(words))


def test_fit_on_the_command_line(tmp_path):
    path, regimen = write(tmp_path)
    body = json.loads(run("fit", path, "--regimen", regimen, "--indication", "crps", "--json").stdout)
    assert body["schema"] == "fit/1"
    assert set(body["parameters"]) == {"baseline", "c50_ng_per_ml", "half_life_days", "day_to_day_sd"}
    assert list(body["parameters"]["baseline"]) == ["q10", "q50", "q90"]
    assert 0 <= body["responder"] <= 1
    assert body["n"] == 42
    assert body["sources"]
    assert body["limits"]
    assert "responder" in run("fit", path, "--regimen", regimen).stdout


def test_forecast_on_the_command_line(tmp_path):
    path, regimen = write(tmp_path)
    body = json.loads(run("forecast", path, "--regimen", regimen, "--json").stdout)
    assert body["schema"] == "forecast/1"
    assert body["weeks"] == list(range(1, 13))
    assert len(body["bands"]["q90"]) == 12
    assert body["booster"]["why"]
    assert not body["inside_its_data"]
    assert "week 12" in run("forecast", path, "--regimen", regimen, "--indication", "crps").stdout


@pytest.mark.parametrize("command", ["fit", "forecast"])
@pytest.mark.parametrize(
    "regimen", ["weight_kg: 70\n", "weight_kg: [\n", REGIMEN.replace("22.2 mg/h for 100 h", "a lot")]
)
def test_bad_input_is_one_sentence_and_exit_2(tmp_path, command, regimen):
    path, file = write(tmp_path, regimen)
    found = run(command, path, "--regimen", file)
    assert found.exit_code == 2
    assert len(found.stderr.strip().splitlines()) == 1
    assert run(command, path, "--regimen", str(tmp_path / "none.yaml")).exit_code == 2
    assert run(command, str(tmp_path / "none.csv"), "--regimen", file).exit_code == 2


def real(name):
    if not DATA.is_dir():
        pytest.skip("the real diaries are not on this machine")
    with (DATA / name).open() as file:
        return list(csv.DictReader(file))


def plausible(found):
    low, middle, high = (np.array(found.bands[q]) for q in ("q10", "q50", "q90"))
    return bool((low >= 0).all() and (low <= middle).all() and (middle <= high).all() and (high <= TOP).all())


@pytest.mark.long
def test_real_headache_logs_neither_crash_nor_pretend():
    """Migraine logs (Kostecki-Dillon): other treatment, other scale (0 or 10): bands on the scale, wide, no date."""
    people = {}
    for row in real("KosteckiDillon.csv"):
        people.setdefault(row["id"], []).append((int(row["time"]), 10 if row["headache"] == "yes" else 0))
    outside = []
    for days in people.values():
        last = max(d for d, _ in days)
        cut, treated = last - 14, from_given([], weight_kg=70.0, otherwise=FIRST)
        entries = [entry(FIRST + timedelta(days=d), v, n=i) for i, (d, v) in enumerate(days)]
        found = of(
            entries, treated, indication="migraine", knowledge=load(), as_of=FIRST + timedelta(days=cut), days=14
        )
        assert plausible(found)
        assert not found.enough
        assert found.booster.first is None
        later = {FIRST + timedelta(days=d): v for d, v in days if d > cut}
        ends = zip(found.days, found.bands["q10"], found.bands["q90"], strict=True)
        outside += [not lo <= later[d] <= hi for d, lo, hi in ends if d in later]
    print(f"headache logs: {len(people)} people, {len(outside)} days ahead, {np.mean(outside):.0%} outside the band")
    assert len(people) == 133


@pytest.mark.long
def test_real_depression_scores_with_half_the_people_gone():
    """BtheB: BDI of 0–63 put on 0–10, five visits, drop-out: it abstains and counts what it has."""
    counts = []
    for row in real("BtheB.csv"):
        columns = [row[k] for k in ("bdi.pre", "bdi.2m", "bdi.4m", "bdi.6m", "bdi.8m")]
        values = [None if v in ("", "NA") else float(v) / 6.3 for v in columns]
        entries = [entry(FIRST + timedelta(days=60 * n), v) for n, v in enumerate(values)]
        found = of(
            entries, from_given([], weight_kg=70.0, otherwise=FIRST), indication="depression", knowledge=load(),
            as_of=FIRST + timedelta(days=240),
        )  # fmt: skip
        assert plausible(found)
        assert not found.enough
        counts.append(found.used)
    assert len(counts) == 100
    assert min(counts) < max(counts)
