"""Write docs/reference/validation.md: every public case, what the models predict, and every miss.

python -m docs.pages.validation          writes the page, its figures (JSON) and its pictures
python -m docs.pages.validation --check  says whether the page still holds and ends with 1 when it does not
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
from docs.pages.validation_figures import METABOLITE, PARENT, PEOPLE, TIMING, Comparison, Row, cases, comparisons

from surcease.charts.theme import LIGHT, svg
from surcease.knowledge.library import load
from surcease.pkpd.regimen import parse
from surcease.pkpd.solve import solve
from surcease.pkpd.substance import MOLAR_MASS

DOCS = Path(__file__).parents[1]
PAGE = DOCS / "reference" / "validation.md"
FIGURES = DOCS / "reference" / "validation.json"
PICTURES = DOCS / "reference" / "images"
DRAWN = ("P01", "P02a", "P02b", "P03", "P06", "P20")  # cases with levels over time

INTRODUCTION = f"""# Validation of the models

Made by `python -m docs.pages.validation`; do not edit.

Each public case that was found is here, none left out. A model is compared with a case when it claims the case's route,
substance and population; the rest are listed below as not claimed, with the reason. Predictions are of the typical
person at the weight of the case. The band is 80 % of {PEOPLE} virtual people, without the error of an assay.

* **ratio**: geometric mean of predicted over observed; a parent within {PARENT[0]}–{PARENT[1]} agrees, a metabolite
  within {METABOLITE[0]}–{METABOLITE[1]}. **MPE**, **MAPE**: mean and mean absolute prediction error of the parent.
* **site**: whether the model and the samples are of the same blood. At the end of an infusion arterial samples read
  25–60 % above venous ones; one to two hours later they agree.
* Times of peak are shown and are not part of a ratio.
"""


def overview(found: tuple[Comparison, ...]) -> str:
    """The table of all comparisons."""
    head = "| case | model | same site | ratio | metabolites | MPE, % | MAPE, % | in the band | |\n" + "|-" * 9 + "|"
    return "\n".join([head, *(_overview_row(c) for c in found)])


def _overview_row(c: Comparison) -> str:
    metabolites = c.gmr(parent=False)
    judged = [r.covered for r in c.rows if r.covered is not None]
    cells = [
        c.case, f"`{c.model}`", "yes" if c.same_site else "no", f"{c.gmr():.2f}",
        "" if math.isnan(metabolites) else f"{metabolites:.2f}", f"{c.mpe():+.0f}", f"{c.mape():.0f}",
        f"{sum(judged)}/{len(judged)}" if judged else "", "agrees" if c.agrees else "**miss**",
    ]  # fmt: skip
    return "| " + " | ".join(cells) + " |"


def section(case: Mapping[str, Any], found: list[Comparison]) -> str:
    """One case: what was seen, what each model says, its picture, and why it misses where it does."""
    parts = [f"## {case['id']} {case['title']}", f"{case['source']}. `{case['regimen']}`, {case['site']} samples."]
    parts += [case[key] for key in ("note", "remark") if key in case]
    if case["id"] in DRAWN:
        parts.append(f"![Observed and predicted levels of case {case['id']}](images/validation-{case['id']}.svg)")
    head = "| model | what | observed | predicted | 80 % of people | ratio |\n" + "|-" * 6 + "|"
    parts.append("\n".join([head, *(_row(c, r) for c in found for r in c.rows)]))
    parts += [f"`{c.model}`: {c.explain}" for c in found if c.explain]
    return "\n\n".join(parts)


def _row(c: Comparison, r: Row) -> str:
    what = r.what if r.analyte == "ketamine" else f"{r.what}, {r.analyte}"
    unit = "" if r.unit == "1" else f" {r.unit}"
    band = "" if r.covered is None else f"{r.q10:.3g}–{r.q90:.3g}" + ("" if r.covered else " ✗")
    return f"| `{c.model}` | {what} | {r.observed:.3g}{unit} | {r.predicted:.3g} | {band} | {r.ratio:.2f} |"


def not_claimed() -> str:
    """The cases no model claims, with the reason."""
    rows = [f"| {c['id']} | {c['title']} | {c['not_claimed']} |" for c in cases().values() if "not_claimed" in c]
    return "## Not claimed\n\n| case | what | why |\n|-|-|-|\n" + "\n".join(rows)


def page(found: tuple[Comparison, ...]) -> str:
    """The whole page."""
    misses = [c for c in found if not c.agrees]
    summary = (
        f"{len(found)} comparisons of {len({c.case for c in found})} cases; {len(found) - len(misses)} agree. "
        f"Where model and samples are of the same blood, "
        f"{sum(c.agrees for c in found if c.same_site)} of {sum(c.same_site for c in found)} agree."
    )
    parts = [
        INTRODUCTION,
        summary,
        "![Predicted over observed, all comparisons](images/validation.svg)",
        overview(found),
    ]
    parts += [
        section(case, [c for c in found if c.case == name]) for name, case in cases().items() if "observed" in case
    ]
    return "\n\n".join([*parts, not_claimed()]) + "\n"


def ratios(found: tuple[Comparison, ...]) -> alt.LayerChart | alt.FacetChart:
    """Every comparison as a dot on a logarithmic scale, the range of agreement shaded."""
    rows = [
        {"label": f"{c.case} {c.model}", "ratio": c.gmr(), "site": "same site" if c.same_site else "other site"}
        for c in found
    ]
    scale = alt.Scale(type="log", domain=[0.3, 3])
    x = alt.X(
        "ratio:Q", title="predicted over observed, parent", scale=scale, axis=alt.Axis(values=[0.5, 0.67, 1, 1.5, 2])
    )
    shade = alt.Chart(alt.Data(values=[{"a": PARENT[0], "b": PARENT[1]}])).mark_rect(color=LIGHT["line"], opacity=0.5)
    colours = alt.Scale(domain=["same site", "other site"], range=[LIGHT["drug"], LIGHT["amber"]])
    shapes = alt.Scale(domain=["same site", "other site"], range=["circle", "triangle-up"])
    dots = alt.Chart(alt.Data(values=rows)).mark_point(filled=True, size=55)
    drawn = dots.encode(
        x=x, y=alt.Y("label:N", title=None, sort=None), color=alt.Color("site:N", title=None, scale=colours),
        shape=alt.Shape("site:N", title=None, scale=shapes),
    )  # fmt: skip
    return alt.layer(shade.encode(x=alt.X("a:Q", scale=scale), x2="b:Q"), drawn).properties(width=420)


def levels(case: Mapping[str, Any], found: list[Comparison]) -> alt.LayerChart | alt.FacetChart:
    """The curves of every claiming model, and what was observed as rings."""
    last = {"P01": 2.0, "P02a": 5.2, "P02b": 5.2, "P03": 6.0, "P06": 2.0, "P20": 2.0}[case["id"]]
    times = np.unique(np.append(np.linspace(0, last, 241), [1e-3]))
    regimen, lines = parse(case["regimen"]), []
    for c in found:
        curve = solve(
            load().model(c.model), regimen, times, weight_kg=float(case["weight_kg"]), known=case.get("known", {})
        ).cp_ng_per_ml
        lines += [{"h": float(t), "v": float(v), "model": c.model} for t, v in zip(times, curve, strict=True)]
    seen = [{"h": t, "v": v} for t, v in _seen(case) if t <= last]
    x, y = alt.X("h:Q", title="hours"), alt.Y("v:Q", title="ketamine, ng/mL")
    curves = alt.Chart(alt.Data(values=lines)).mark_line(strokeWidth=1.6, clip=True)
    rings = alt.Chart(alt.Data(values=seen)).mark_point(filled=False, color=LIGHT["ink"], size=50, strokeWidth=1.6)
    top = 1.3 * max([s["v"] for s in seen] + [r.predicted for c in found for r in c.rows if r.what == "peak"])
    scaled = alt.Y("v:Q", title="ketamine, ng/mL", scale=alt.Scale(domain=[0, top]))
    return alt.layer(
        curves.encode(x=x, y=scaled, color=alt.Color("model:N", title=None)), rings.encode(x=x, y=y)
    ).properties(width=520, height=220)


def _seen(case: Mapping[str, Any]) -> list[tuple[float, float]]:
    points: list[tuple[float, float]] = []
    parent = {o["what"]: o["value"] for o in case["observed"] if o.get("analyte", "ketamine") == "ketamine"}
    if TIMING in parent:
        points.append((float(parent[TIMING]) / 60, float(parent["peak"])))
    for o in case["observed"]:
        mass = MOLAR_MASS["ketamine"] if o["unit"] == "nmol/mL" else 1.0
        if o["what"] == "curve":
            points += [(float(t), float(v) * mass) for t, v in zip(o["at_h"], o["value"], strict=True)]
        elif o["what"] == "level":
            points.append((float(o["at_min"]) / 60, float(o["value"]) * mass))
    return points


def figures(found: tuple[Comparison, ...]) -> dict[str, dict[str, float]]:
    """Parent ratio of each comparison, by case and model: what --check and the tests hold the page to."""
    kept: dict[str, dict[str, float]] = {}
    for c in found:
        kept.setdefault(c.case, {})[c.model] = round(c.gmr(), 3)
    return kept


def write() -> None:
    """The page, its figures and its pictures."""
    found = comparisons()
    PICTURES.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(found), encoding="utf-8")
    FIGURES.write_text(json.dumps(figures(found), indent=1) + "\n", encoding="utf-8")
    (PICTURES / "validation.svg").write_text(svg(ratios(found)), encoding="utf-8")
    for name in DRAWN:
        picture = svg(levels(cases()[name], [c for c in found if c.case == name]))
        (PICTURES / f"validation-{name}.svg").write_text(picture, encoding="utf-8")


def stale() -> bool:
    """Whether the page's figures are not those of the models as they are."""
    return not FIGURES.exists() or json.loads(FIGURES.read_text(encoding="utf-8")) != figures(comparisons(0))


if __name__ == "__main__":
    if "--check" in sys.argv:
        if stale():
            sys.exit("docs/reference/validation.md is stale: run python -m docs.pages.validation.")
    else:
        write()
