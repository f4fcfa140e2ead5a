"""Suicide-risk triage and the two diagnostic screens, from answers to the facts that rules ask for.

The triage and the criteria themselves are typed functions of :mod:`surcease.knowledge.branching`; here they get their
time, their source and their fact names. What the answers do not settle gives no fact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from surcease.care.record import Answers
from surcease.knowledge.fact import Fact, Value
from surcease.knowledge.instrument import Instrument
from surcease.knowledge.score import Score, score


def c_ssrs(result: Score) -> dict[str, Value]:
    """``c_ssrs_risk`` none | low | moderate | high, once no missing answer could raise it."""
    return {"c_ssrs_risk": result.band.label} if result.band else {}


def dx_fm16(result: Score) -> dict[str, Value]:
    """``dx_fm16`` with the widespread pain index, the symptom severity scale and the number of regions."""
    found: dict[str, Value] = {} if result.met is None else {"dx_fm16": result.met}
    named = {"wpi": "fm_wpi", "sss": "fm_sss", "regions": "fm_regions"}
    return found | {named[s.id]: s.value for s in result.scales if s.value is not None}


def dx_crps(result: Score) -> dict[str, Value]:
    """``dx_crps`` by the clinical and ``dx_crps_research`` by the research criteria."""
    found: dict[str, Value] = {} if result.met is None else {"dx_crps": result.met}
    research = result.scale("research").value
    return found if research is None else found | {"dx_crps_research": bool(research)}


SCREENS: dict[str, Callable[[Score], dict[str, Value]]] = {
    "c-ssrs": c_ssrs,
    "fm-2016": dx_fm16,
    "crps-budapest": dx_crps,
}
_UNITS = {"fm_wpi": "{score}", "fm_sss": "{score}", "fm_regions": "1"}


def screening_facts(sitting: Answers, instruments: Mapping[str, Instrument]) -> dict[str, Fact]:
    """The facts of one sitting of a screen; nothing for another instrument, or answers that do not fit their items."""
    screen, instrument = SCREENS.get(sitting.instrument), instruments.get(sitting.instrument)
    if screen is None or instrument is None:
        return {}
    try:
        found = screen(score(instrument, sitting.items))
    except ValueError:
        return {}
    source = (sitting.origin.ref or sitting.origin.kind) if sitting.origin else ""
    return {name: Fact(value, _UNITS.get(name, ""), sitting.at, source) for name, value in found.items()}
