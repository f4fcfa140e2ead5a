"""Scorings that are not a plain scale: typed functions named by an instrument's ``function``.

What is not known stays not known: a result stands only when no answer still missing could change it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from surcease.knowledge.answers import Given, points
from surcease.knowledge.instrument import Band, Instrument
from surcease.knowledge.scales import ScaleScore, Verdict, band_of, say_missing

Scales = tuple[ScaleScore, ...]
_RISKS = ("none", "low", "moderate", "high")


def c_ssrs(instrument: Instrument, given: Given, asked: frozenset[str], scales: Scales) -> Verdict:
    """C-SSRS screener triage: a risk level, never a number. A yes counts wherever it stands, even to a question that
    an earlier "no" should have left unasked; a blank that could raise the level leaves it open.

    Low: 1 or 2. Moderate: 3, or 6 more than three months ago. High: 4, 5, or 6 within three months.
    """
    yes = {item for item, answer in given.items() if answer is True}
    needed = [i for i in ("1", "2", "3", "4", "5", "6", "6-recent") if i in asked]
    missing = tuple(i for i in needed if given[i] is None)
    level = _risk(yes)
    behind = {"2": {"4"}, "6": {"6-recent"}}  # what a yes to a blank question could still lead to
    most = _risk(yes.union(missing, *(behind.get(i, set()) for i in missing)))
    contradiction = " An answer contradicts an earlier no: ask again." if yes - asked else ""
    if most > level:
        status = f"Not settled: {', '.join(missing)} unanswered; so far at least {_RISKS[level]}.{contradiction}"
        return Verdict(None, None, status, missing, scales=scales)
    band = instrument.scales[0].bands[level]
    return Verdict(None, band, f"Risk level by the answers; there is no number.{contradiction}", missing, scales=scales)


def _risk(yes: set[str]) -> int:
    if yes & {"4", "5", "6-recent"}:
        return 3
    if yes & {"3", "6"}:
        return 2
    return 1 if yes & {"1", "2"} else 0


def fm_2016(instrument: Instrument, given: Given, asked: frozenset[str], scales: Scales) -> Verdict:
    """Fibromyalgia criteria, 2016 revision: (WPI ≥ 7 and SSS ≥ 5) or (WPI 4–6 and SSS ≥ 9), pain in at least 4 of 5
    regions (jaw, chest and abdomen do not count), for at least 3 months. Source: Wolfe 2016.

    Blank pain sites count as "no" only once the whole list is said to have been gone through.
    """
    filled = dict(given)
    sites = [i.link_id for i in instrument.item("sites").items]
    if given["all-sites-asked"]:
        filled |= {site: False for site in sites if given[site] is None}
    wpi = _span(instrument, filled, sites)
    symptoms = instrument.scales[2].items
    sss = _span(instrument, filled, symptoms)
    regions = (0, 0)
    for region in ("left-upper", "right-upper", "left-lower", "right-lower", "axial"):
        parts = [filled[site] for site in instrument.parameter(region)]
        known = any(p is True for p in parts)
        regions = (regions[0] + known, regions[1] + (known or None in parts))
    long_enough = filled["three-months"]
    at_worst = _fm_holds(wpi[0], sss[0], regions[0]) and long_enough is True
    at_best = _fm_holds(wpi[1], sss[1], regions[1]) and long_enough is not False
    met = True if at_worst else None if at_best else False
    missing = tuple(i for i in (*sites, *symptoms, "three-months") if filled[i] is None)
    found = (
        _exact(scales[1], wpi, missing), _exact(scales[2], sss, missing),
        ScaleScore("regions", "Pain regions", Decimal(regions[0]) if regions[0] == regions[1] else None, None,
                   Decimal(0), Decimal(5)),
    )  # fmt: skip
    value = None if found[0].value is None or found[1].value is None else found[0].value + found[1].value
    return Verdict(value, _criteria(instrument, met), _say_met(met, missing), missing, met=met, scales=found)


def _fm_holds(wpi: Decimal, sss: Decimal, regions: int) -> bool:
    return ((wpi >= 7 and sss >= 5) or (wpi >= 4 and sss >= 9)) and regions >= 4


def crps_budapest(instrument: Instrument, given: Given, asked: frozenset[str], scales: Scales) -> Verdict:
    """Budapest criteria: pain out of proportion, a symptom in at least 3 of 4 categories, a sign now in at least 2 of
    4, and no better diagnosis. Research criteria ask for a symptom in all 4. Source: Harden 2010.
    """
    symptoms = _span(instrument, given, [i.link_id for i in instrument.item("symptoms").items])
    signs = _span(instrument, given, [i.link_id for i in instrument.item("signs").items])
    both = [given["disproportionate"], given["no-better-diagnosis"]]
    clinical = _met(both, symptoms, signs, 3)
    research = _met(both, symptoms, signs, 4)
    missing = tuple(i for i in (q.link_id for q in instrument.questions) if given[i] is None)
    bands = instrument.scales[0].bands
    band = bands[2] if research else bands[1] if clinical else bands[0] if clinical is False else None
    found = tuple(
        ScaleScore(i, title, span[0] if span[0] == span[1] else None, None, Decimal(0), Decimal(4))
        for i, title, span in (("symptoms", "Symptom categories", symptoms), ("signs", "Sign categories", signs))
    )
    research_scale = ScaleScore(
        "research", "Research criteria", None if research is None else Decimal(research), None, Decimal(0), Decimal(1)
    )
    return Verdict(None, band, _say_met(clinical, missing), missing, met=clinical, scales=(*found, research_scale))


def _met(
    both: Sequence[object], symptoms: tuple[Decimal, Decimal], signs: tuple[Decimal, Decimal], n: int
) -> bool | None:
    if all(b is True for b in both) and symptoms[0] >= n and signs[0] >= 2:
        return True
    return None if not any(b is False for b in both) and symptoms[1] >= n and signs[1] >= 2 else False


def ort(instrument: Instrument, given: Given, asked: frozenset[str], scales: Scales) -> Verdict:
    """Opioid Risk Tool: each yes counts the weight of the person's sex. Source: Webster 2005."""
    sex = given["sex"]
    scale = instrument.scales[0]
    missing = tuple(i for i in ("sex", *scale.items) if given[i] is None)
    if missing:
        result = ScaleScore(scale.id, scale.title, None, None, scale.low, scale.high, missing)
        return Verdict(None, None, say_missing(scale, result), missing, scales=(result,))
    weights = instrument.parameter(str(sex))
    value = sum((weights[i] for i in scale.items if given[i]), Decimal(0))
    result = ScaleScore(scale.id, scale.title, value, band_of(scale, value), scale.low, scale.high)
    return Verdict(value, result.band, say_missing(scale, result), scales=(result,))


def t_score(instrument: Instrument, given: Given, asked: frozenset[str], scales: Scales) -> Verdict:
    """Raw sum to T-score by the table that the site has loaded; only when every item is answered."""
    scale, raw = instrument.scales[0], scales[0]
    if raw.value is None:
        return Verdict(None, None, say_missing(scale, raw), raw.missing, scales=scales)
    table = instrument.parameter("t_scores")
    if not table:
        return Verdict(None, None, f"No T-score table is loaded: the raw sum is {raw.value}.", scales=scales)
    value = table[str(raw.value)]
    t_scale = instrument.scales[1]
    result = ScaleScore(t_scale.id, t_scale.title, value, band_of(t_scale, value), t_scale.low, t_scale.high)
    return Verdict(value, result.band, say_missing(scale, raw), scales=(raw, result))


def eq_5d(instrument: Instrument, given: Given, asked: frozenset[str], scales: Scales) -> Verdict:
    """Health profile, and the index by the country value set that the site has loaded (1 less each level's decrement;
    further adjustments of a value set are not modelled: load only an additive one)."""
    levels = [points(instrument.item(i), given[i]) for i in instrument.scales[0].items]
    missing = tuple(i for i, level in zip(instrument.scales[0].items, levels, strict=True) if level is None)
    if missing:
        return Verdict(None, None, say_missing(instrument.scales[0], scales[0]), missing, scales=scales)
    profile = "".join(str(level) for level in levels)
    decrements = instrument.parameter("decrements")
    if not decrements:
        return Verdict(None, None, f"Profile {profile}; no value set is loaded, so no index.", scales=scales)
    value = 1 - sum(
        (decrements[f"{i}-{level}"] for i, level in zip(instrument.scales[0].items, levels, strict=True)), Decimal(0)
    )
    return Verdict(value, None, f"Profile {profile}.", scales=scales)


FUNCTIONS: dict[str, Callable[[Instrument, Given, frozenset[str], Scales], Verdict]] = {
    f.__name__: f for f in (c_ssrs, fm_2016, crps_budapest, ort, t_score, eq_5d)
}


def _span(instrument: Instrument, given: Given, items: Iterable[str]) -> tuple[Decimal, Decimal]:
    """The least and the most that the items can come to, given what is still blank."""
    least = most = Decimal(0)
    for item in map(instrument.item, items):
        known = points(item, given[item.link_id])
        top = max((o.points for o in item.options if o.points is not None), default=item.points_yes)
        least += known or 0
        most += top if known is None else known
    return least, most


def _exact(scale: ScaleScore, span: tuple[Decimal, Decimal], missing: tuple[str, ...]) -> ScaleScore:
    value = span[0] if span[0] == span[1] else None
    return ScaleScore(scale.id, scale.title, value, None, scale.low, scale.high, () if value is not None else missing)


def _criteria(instrument: Instrument, met: bool | None) -> Band | None:
    return None if met is None else instrument.scales[0].bands[met]


def _say_met(met: bool | None, missing: tuple[str, ...]) -> str:
    if met is None:
        return f"Cannot be said yet: {len(missing)} answers are missing."
    return "Criteria met." if met else "Criteria not met."
