"""The review's sentences beside pain: function, activities, work, mood, impression, worth, burden, opioids, harm."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from surcease.care.burden import has_side_effects
from surcease.care.record import Answers
from surcease.care.review import Datum, Line, Section, Standpoint, day, window_days
from surcease.knowledge.instrument import Instrument
from surcease.units import plain

Catalogue = dict[str, Instrument]
FUNCTION, MOOD = ("peg", "bpi"), ("phq-9", "gad-7")
_MEANT = {"worth-it": "worth", "work": "status", "pgic": "change"}


def function(point: Standpoint, known: Catalogue) -> Section:
    """Activities the person chose, function scores, work. Pain may fall without any of these (RSP-05)."""
    lines, data = [], []
    for activity in point.activities:
        first, last = activity.ratings[0], activity.ratings[-1]
        said = f"{activity.name}: {plain(first[1])} of 10 on {day(first[0])}"
        said += f", {plain(last[1])} on {day(last[0])}." if activity.change is not None else ", rated once."
        lines.append(Line(said, "activities", first=activity.change is not None))
    rows = tuple((a.name, day(d), plain(v)) for a in point.activities for d, v in a.ratings)
    if rows:
        data.append(Datum("activities", "Chosen activities, 0–10", ("activity", "day", "rating"), rows))
    _scores(point, FUNCTION, known, lines, data)
    _work(point, known, lines, data)
    if not lines:
        lines.append(Line("Function was not measured.", "function"))
        data.append(Datum("function", "Function", ("what",), ()))
    return Section("Function, activities, work", tuple(lines), tuple(data))


def mood(point: Standpoint, known: Catalogue) -> Section:
    """Questionnaires of mood, and the diary's mood before and after."""
    lines: list[Line] = []
    data: list[Datum] = []
    _scores(point, MOOD, known, lines, data)
    if point.series:
        windows = window_days(*point.days)
        rows = tuple((day(e.local_date), plain(v)) for e in point.record.diary
                     if isinstance(v := e.values.get("mood"), Decimal))  # fmt: skip
        means = [_mean(point, "mood", *windows[name]) for name in ("baseline", "response")]
        if all(m is not None for m, _ in means):
            (before, n), (after, m) = means
            lines.append(Line(f"Mood in the diary {before:.1f} (n {n}) → {after:.1f} (n {m}) of 10.", "mood"))
            data.append(Datum("mood", "Mood in the diary, 10 is best", ("day", "mood"), rows))
    if not lines:
        lines.append(Line("Mood was not measured.", "mood"))
        data.append(Datum("mood", "Mood", ("what",), ()))
    return Section("Mood", tuple(lines), tuple(data))


def judged(point: Standpoint, known: Catalogue) -> Section:
    """What the person says of it: global impression, worth it, and the burden beside the benefit."""
    lines, data = [], []
    for instrument, title in (("pgic", "Global impression"), ("worth-it", "Worth it?")):
        said = _words(point, instrument, known)
        after = [(d, w) for d, w in said if not point.series or d > point.days[0]]
        if after:
            lines.append(Line(f"{title}: {after[-1][1].lower()} ({day(after[-1][0])}).", instrument, first=True))
            data.append(Datum(instrument, title, ("day", "answer"), tuple((day(d), w) for d, w in after)))
        else:
            lines.append(Line(f"{title}: not asked since the series.", instrument))
            data.append(Datum(instrument, title, ("day", "answer"), ()))
    if point.burden is not None:
        lines.append(Line(_burden(point), "burden", first=True))
        data.append(_burden_datum(point))
    return Section("Worth it, and the burden", tuple(lines), tuple(data))


def opioids(point: Standpoint) -> Section:
    """Equivalents by day, the proposed step or why it waits, the withdrawal check."""
    now = point.opioids
    if now is None or not (now.lines or now.unrecognised or point.steps[1:]):
        return Section("Opioids", ())
    first = point.steps[0].mme if point.steps else None
    said = f"Opioids: {now.status}"
    if first is not None and now.total is not None and first != now.total and first:
        said += f" {plain(first)} MME on {day(point.steps[0].day)}: {(now.total - first) / first * 100:+.0f} %."
    lines = [Line(said, "mme", first=True)]
    if point.taper is not None:
        lines.append(Line(point.taper.said, "taper"))
        lines += [Line(why, "taper") for why in point.taper.waits if why not in point.taper.said]
        lines += [Line(question, "taper") for question in point.taper.ask]
    steps = tuple((day(s.day), "not calculable" if s.mme is None else plain(s.mme), s.status) for s in point.steps)
    rules = point.taper.rules if point.taper else ()
    data = (Datum("mme", f"MME a day, {now.title}", ("from", "MME a day", "how"), steps),
            Datum("taper", "Taper", ("rule",), tuple((r,) for r in rules)))  # fmt: skip
    return Section("Opioids", tuple(lines), data)


def harm(point: Standpoint) -> Section:
    """Unwanted events as they were charted, and what has to be looked at."""
    events = tuple(sorted(point.events, key=lambda e: e.day))
    worst = max((e.grade for e in events if e.grade is not None), default=None)
    said = f"{len(events)} unwanted events written down"
    said += f", highest grade {plain(worst)}." if worst is not None else "."
    rows = tuple((day(e.day), e.what, "" if e.grade is None else plain(e.grade), e.source) for e in events)
    lines = [Line(said, "events", first=bool(events))]
    today = point.now.date()
    late = [d for d in point.due if d.overdue_days(today)]
    names = ", ".join(f"{d.title} ({d.overdue_days(today)} days)" for d in late)
    lines.append(Line(f"Overdue: {names}." if late else "No look-after test is overdue.", "due", first=bool(late)))
    due = tuple((d.title, day(d.due), d.why, d.rule) for d in point.due)
    data = (Datum("events", "Unwanted events", ("day", "what", "grade 0–3 as charted", "from"), rows),
            Datum("due", "Looking after", ("test", "due", "why", "rule"), due))  # fmt: skip
    return Section("Safety", tuple(lines), data)


def _scores(
    point: Standpoint, names: Sequence[str], known: Catalogue, lines: list[Line], data: list[Datum]
) -> None:  # fmt: skip
    for name in names:
        rows = point.scores.get(name, ())
        if not rows:
            continue
        title = known[name].short or known[name].title if name in known else name.upper()
        first, last = rows[0], rows[-1]
        said = f"{title} {plain(round(first[1], 1))} on {day(first[0])}"
        said += f", {plain(round(last[1], 1))} on {day(last[0])} (n {len(rows)})." if len(rows) > 1 else ", once."
        lines.append(Line(said, name, first=len(rows) > 1))
        table = tuple((day(d), plain(round(v, 1))) for d, v in rows)
        data.append(Datum(name, title, ("day", "score"), table))


def _work(point: Standpoint, known: Catalogue, lines: list[Line], data: list[Datum]) -> None:
    said = _words(point, "work", known)
    if not said:
        lines.append(Line("Work status was not asked.", "work"))
        data.append(Datum("work", "Work and daily roles", ("day", "status"), ()))
        return
    rows = tuple((day(a_day), words, _hours(answers)) for a_day, words, answers in _sittings(point, "work", known))
    first, last = said[0], said[-1]
    words = f"Work: {last[1][0].lower()}{last[1][1:]} ({day(last[0])})"
    words += f"; before, {first[1][0].lower()}{first[1][1:]} ({day(first[0])})." if len(said) > 1 else "."
    lines.append(Line(words, "work", first=True))
    data.append(Datum("work", "Work and daily roles", ("day", "status", "hours a week; days lost"), rows))


def _hours(answers: Answers) -> str:
    kept = (answers.items.get("hours"), answers.items.get("lost_days"))
    return "; ".join("" if v is None else f"{v}" for v in kept)


def _words(point: Standpoint, instrument: str, known: Catalogue) -> list[tuple[date, str]]:
    return [(d, w) for d, w, _ in _sittings(point, instrument, known)]


def _sittings(point: Standpoint, instrument: str, known: Catalogue) -> Iterator[tuple[date, str, Answers]]:
    """Days and worded answers of a one-question instrument, oldest first."""
    if instrument not in known:
        return
    item = known[instrument].item(_MEANT[instrument])
    rows = []
    for answers in point.record.answers:
        if answers.instrument == instrument and answers.at is not None:
            when = answers.at.date() if isinstance(answers.at, datetime) else answers.at
            raw = answers.items.get(item.link_id)
            option = next((o for o in item.options if str(raw) in (o.code, str(o.points))), None)
            if option is not None and when <= point.now.date():
                rows.append((when, option.shown, answers))
    yield from sorted(rows, key=lambda r: r[0])


def _mean(point: Standpoint, name: str, start: date, length: int) -> tuple[Decimal | None, int]:
    end = start + timedelta(days=length - 1)
    days: dict[date, list[Decimal]] = {}
    for entry in point.record.diary:
        value = entry.values.get(name)
        if start <= entry.local_date <= end and isinstance(value, Decimal):
            days.setdefault(entry.local_date, []).append(value)
    means = [sum(v, Decimal(0)) / len(v) for v in days.values()]
    return (sum(means, Decimal(0)) / len(means) if len(means) >= 4 else None), len(means)


def _burden(point: Standpoint) -> str:
    found = point.burden
    assert found is not None
    better = "no baseline to compare with"
    if not found.diary_days:
        better = "no diary day since to count"
    elif found.better_days is not None:
        better = f"{found.better_days} of {found.diary_days} diary days at least 30 % better"
    hours = f"{plain(found.clinic_hours)} h at the clinic over {found.stays} visits"
    if found.untimed:
        hours += f" ({found.untimed} without an end)"
    return f"Gave: {better}. Took: {hours}, side effects on {found.side_effect_days} of {found.asked_days} diary days."


def _burden_datum(point: Standpoint) -> Datum:
    stays = [(day(a.date()), "visit", "" if b is None else f"{(b - a).total_seconds() / 3600:.1f} h")
             for a, b in point.stays]  # fmt: skip
    ill = sorted({e.local_date for e in point.record.diary if has_side_effects(e)
                  and point.series and e.local_date >= point.days[0]})  # fmt: skip
    return Datum("burden", "Visits and side-effect days", ("day", "what", "how long"),
                 (*stays, *((day(d), "side effects", "") for d in ill)))  # fmt: skip
