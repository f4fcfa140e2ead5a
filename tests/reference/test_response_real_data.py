"""Response and its counting on other people's data, against what their own papers and tables print.

Kostecki-Dillon et al. 1999 (carData), BtheB (Proudfoot et al. 2003, HSAUR), licorice gargle (Ruetzler et al. 2013),
Resilience in HIV pain (Wadley, Mitchell and Kamerman 2016). The expected numbers are the papers' or the packages'.
"""

import csv
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median

import pytest

from surcease.care.record import DiaryEntry
from surcease.care.response import Size, daily_means, respond, size_of
from surcease.charts.timeline import weekly_means

FOLDER = Path(__file__).parents[2].parent / "shared" / "data" / "01-diaries-outcomes"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the shared test data is not beside the repository")
FIRST = date(2026, 3, 2)  # a Monday


def rows(name):
    with (FOLDER / name).open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def entry(person, day, pain, n=0):
    at = datetime(day.year, day.month, day.day, 21, tzinfo=UTC)
    return DiaryEntry(f"{person}-{n}", "average", at, day, 0, at, None if pain is None else Decimal(pain))


def headache_days():
    """Each person's day means: a headache is 1, none is 0."""
    people = defaultdict(list)
    for n, row in enumerate(rows("KosteckiDillon.csv")):
        day = FIRST + timedelta(days=int(row["time"]))
        people[row["id"]].append(entry(row["id"], day, "1" if row["headache"] == "yes" else "0", n))
    return {who: daily_means(entries) for who, entries in people.items()}


def test_headache_rates_before_and_after_are_the_published_ones():
    """133 people, 4152 rows of which one doubles a person-day: a day counts once."""
    days = [((d - FIRST).days, v) for means in headache_days().values() for d, v in means.items()]
    assert len(days) == 4151
    before, after = [v for t, v in days if t < 0], [v for t, v in days if t >= 0]
    assert (len(before), round(sum(before) / len(before), 3)) == (700, Decimal("0.633"))
    assert round(sum(after) / len(after), 3) == Decimal("0.644")
    weeks = [[v for t, v in days if 7 * w <= t < 7 * w + 7] for w in range(5)]
    expected = [Decimal(x) for x in ("0.718", "0.638", "0.628", "0.587", "0.684")]
    assert [round(sum(w) / len(w), 3) for w in weeks] == pytest.approx(expected, abs=Decimal("0.0011"))


def test_a_baseline_needs_four_days_and_most_logs_do_not_have_them():
    """Only 55 people have any day before day 0; the count of established baselines comes from the rows themselves."""
    established = 0
    with_any = 0
    for who, means in headache_days().items():
        diary = [entry(who, d, v, n) for n, (d, v) in enumerate(means.items())]
        found = respond(diary, [FIRST])
        seven = [t for t in range(-7, 0) if FIRST + timedelta(days=t) in means]
        assert found.baseline.n == len(seven)
        assert (found.baseline.mean is None) == (len(seven) < 4)
        established += found.baseline.mean is not None
        with_any += min(means) < FIRST
    assert with_any == 55
    assert 0 < established < 55


def test_drop_out_is_shown_with_every_mean():
    """BtheB: 22.54 14.71 12.03 9.24 8.85 with n 52 52 37 29 27; usual care 24.19 … with n 48 45 36 29 25."""
    expected = {
        "BtheB": ([22.54, 14.71, 12.03, 9.24, 8.85], [52, 52, 37, 29, 27]),
        "TAU": ([24.19, 19.47, 17.67, 16.28, 13.60], [48, 45, 36, 29, 25]),
    }
    for arm, (means, counts) in expected.items():
        pain = []
        for row in (r for r in rows("BtheB.csv") if r["treatment"] == arm):
            for n, name in enumerate(("bdi.pre", "bdi.2m", "bdi.4m", "bdi.6m", "bdi.8m")):
                value = None if row[name] in ("", "NA") else float(row[name])
                pain.append({"day": (FIRST + timedelta(weeks=n)).isoformat(), "pain": value})
        weeks = weekly_means(pain)
        assert [w["n"] for w in weeks] == counts
        assert [w["mean"] for w in weeks] == pytest.approx(means, abs=0.006)


def test_throat_pain_of_the_licorice_trial():
    """Any pain at 30 min 22/117 against 42/116, at 4 h 24/117 against 52/116; means 0.27 and 1.03 (Ruetzler 2013)."""
    found = {}
    for arm in ("1", "0"):
        entries = []
        for n, row in enumerate(r for r in rows("licorice_gargle.csv") if r["treat"] == arm):
            for late, name in enumerate(("pacu30min_throatPain", "postOp4hour_throatPain")):
                value = row[name] if row[name] not in ("", "NA") else None
                entries.append((late, entry(f"{arm}-{n}", FIRST + timedelta(days=n), value, late)))
        early, later = ([daily_means([e]) for at, e in entries if at == wanted] for wanted in (0, 1))
        values = [[v for means in each for v in means.values()] for each in (early, later)]
        found[arm] = [(sum(v > 0 for v in one), len(one)) for one in values], float(sum(values[0]) / len(values[0]))
    assert found["1"][0] == [(22, 117), (24, 117)]
    assert found["0"][0] == [(42, 116), (52, 116)]
    assert (found["1"][1], found["0"][1]) == (pytest.approx(0.27, abs=0.006), pytest.approx(1.03, abs=0.006))


def test_a_blank_pain_is_not_a_pain_of_nought():
    """99 with pain, 98 without; "no pain" rows have blank items; medians of the pain group are 8 and 3."""
    everyone = rows("resilience_hivpain_bpi.csv")
    entries = [entry(r["id"], FIRST + timedelta(days=n), r["wpi"] if r["wpi"] not in ("", "NA") else None)
               for n, r in enumerate(everyone)]  # fmt: skip
    assert len(everyone) == 197
    assert len(daily_means(entries)) == 99
    pain = [r for r in everyone if r["pain"] == "Pain"]
    assert median(float(r["wpi"]) for r in pain) == 8
    assert median(float(r["lpi"]) for r in pain) == 3


@pytest.mark.parametrize(
    ("fall", "word"), [(29.9, Size.LESS), (30, Size.MODERATE), (49.9, Size.MODERATE), (50, Size.SUBSTANTIAL)]
)
def test_the_words_for_a_fall_are_those_of_immpact(fall, word):
    assert size_of(Decimal(str(fall))) is word
