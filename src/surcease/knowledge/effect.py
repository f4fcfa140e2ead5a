"""Acute effects, relief priors and what changes exposure, built from the knowledge documents for pkpd."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from surcease.knowledge.yaml import KnowledgeError
from surcease.pkpd.effects import DRIVERS, Antagonist, Effect, Emax, Linear, Tolerance
from surcease.pkpd.ensemble import reason_against
from surcease.pkpd.exposure import Application, Change
from surcease.pkpd.relief import Prior

if TYPE_CHECKING:
    from surcease.knowledge.library import Knowledge
    from surcease.pkpd.model import Model
    from surcease.pkpd.regimen import Regimen

_GRADES = ("verified", "single_source", "weak", "derived", "reconstructed", "illustration", "assumption")


def effects(knowledge: Knowledge) -> dict[str, Effect]:
    """Every acute effect by id."""
    return {Path(path).stem: build_effect(raw, where=path) for path, raw in knowledge.under("effects")}


def relief_prior(knowledge: Knowledge, name: str) -> Prior:
    """The relief prior ``name`` (rct, routine); ValueError names those there are."""
    found = {Path(path).stem: (path, raw) for path, raw in knowledge.under("relief")}
    if name not in found:
        raise ValueError(f"There is no relief prior {name!r}: use one of {', '.join(found)}.")
    path, raw = found[name]
    return build_prior(raw, where=path)


def exposure_changes(knowledge: Knowledge) -> dict[str, Change]:
    """What changes exposure, by id."""
    return {Path(path).stem: build_change(raw) for path, raw in knowledge.under("exposure")}


def default_model(knowledge: Knowledge, regimen: Regimen, *, order: str = "default_order") -> Model:
    """The model taken when none is named; ValueError when no model has every route of ``regimen``.

    A model that fits is preferred; one that only shows the S half of a racemic dose is better than none.
    """
    names = knowledge.documents["model_choice.yaml"][order]
    able = [m for m in map(knowledge.model, names) if set(regimen.routes) <= set(m.routes)]
    fitting = [m for m in able if not reason_against(m, regimen)] if order == "default_order" else able
    if not able:
        raise ValueError(
            f"No model here has the routes {', '.join(regimen.routes)} together: simulate them one by one."
        )
    return (fitting or able)[0]


def build_effect(raw: Mapping[str, Any], *, where: str) -> Effect:
    """One effect from its document; KnowledgeError names the file and the key."""
    if raw["driver"] not in DRIVERS:
        raise KnowledgeError(f"{where}: driver: {raw['driver']!r} is not one of {', '.join(DRIVERS)}.")
    if raw["grade"] not in _GRADES:
        raise KnowledgeError(f"{where}: grade: {raw['grade']!r} is not one of {', '.join(_GRADES)}.")
    half_life = raw["half_life"]
    low, high = half_life.get("low"), half_life.get("high")
    bounds = {k: float(raw[k]) for k in ("floor", "ceiling") if k in raw}
    return Effect(
        id=raw["id"],
        title=raw["title"]["en"],
        unit=raw["unit"],
        driver=raw["driver"],
        site=raw.get("site", ""),
        half_life_min=float(half_life["value"]),
        half_life_ci_min=None if low is None else (float(low), float(high)),
        link=_link(raw["link"], where),
        tolerance=_tolerance(raw.get("tolerance")),
        antagonist=_antagonist(raw.get("antagonist")),
        between_log_sd=float(raw.get("between", {}).get("log_sd", 0)),
        grade=raw["grade"],
        sources=tuple(raw["source"]),
        limits=_sentences(raw),
        basis=_basis(raw, ("half_life", "link", "tolerance", "between", "antagonist")),
        **bounds,
    )


def _link(raw: Mapping[str, Any], where: str) -> Linear | Emax:
    base = float(raw.get("base", 0))
    if raw["kind"] == "linear":
        return Linear(slope=float(raw["slope"]), base=base)
    if raw["kind"] == "emax":
        return Emax(top=float(raw["top"]), c50_ng_per_ml=float(raw["c50"]), base=base)
    raise KnowledgeError(f"{where}: link: kind: {raw['kind']!r} is neither linear nor emax.")


def _tolerance(raw: Mapping[str, Any] | None) -> Tolerance | None:
    return None if raw is None else Tolerance(float(raw["share"]), float(raw["half_life"]), float(raw.get("sd", 0)))


def _antagonist(raw: Mapping[str, Any] | None) -> Antagonist | None:
    return None if raw is None else Antagonist(raw["analyte"], float(raw["doubling"]))


def build_prior(raw: Mapping[str, Any], *, where: str) -> Prior:
    """One relief prior from its document."""
    drug, placebo = raw["responders"]["drug"], raw["responders"]["placebo"]
    return Prior(
        id=raw["id"],
        title=raw["title"]["en"],
        drug_share=float(drug["value"]),
        drug_share_se=float(drug["se"]),
        placebo_share=float(placebo["value"]),
        placebo_share_se=float(placebo["se"]),
        c50_ng_per_ml=float(raw["c50"]["value"]),
        c50_log_sd=float(raw["c50"]["log_sd"]),
        half_life_days=float(raw["half_life"]["value"]),
        half_life_log_sd=float(raw["half_life"]["log_sd"]),
        between_log_sd=float(raw["between"]["log_sd"]),
        placebo_half_life_days=float(raw["placebo_half_life"]["value"]),
        acute_share=float(raw["acute_share"]["value"]),
        label=raw["label"],
        sources=tuple(raw["source"]),
        limits=_sentences(raw),
        basis=_basis(raw, ("c50", "half_life", "between", "placebo_half_life", "acute_share"))
        | _basis(raw["responders"], ("drug", "placebo")),
    )


def build_change(raw: Mapping[str, Any]) -> Change:
    """One change of exposure from its document."""
    return Change(
        id=raw["id"],
        title=raw["title"]["en"],
        applications=tuple(
            Application(tuple(a["models"]), tuple(a["routes"]), {n: float(f) for n, f in a["factors"].items()})
            for a in raw["apply"]
        ),
        say=raw["say"]["en"],
        otherwise=raw["otherwise"]["en"],
        sources=tuple(raw["source"]),
        conflict=bool(raw.get("conflict", False)),
    )


def _sentences(raw: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(limit["en"] for limit in raw.get("limits", ()))


def _basis(raw: Mapping[str, Any], keys: Sequence[str]) -> dict[str, str]:
    """How each number is known: its source key, or its grade, with the note."""
    said = {}
    for key in keys:
        if entry := raw.get(key):
            head = " ".join(filter(None, (entry.get("grade", ""), entry.get("source", ""))))
            said[key] = f"{head}: {entry['note']}" if "note" in entry else head
    return said
