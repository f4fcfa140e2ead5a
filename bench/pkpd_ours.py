"""Our side of the workloads: the library as anybody calls it, a general model and a regimen text.

A warm process has the compiled back end loaded and asks for it; a new process (``surcease simulate``) leaves the
choice to the library, which takes NumPy for small work.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.pkpd_workloads import ONE_DAY_MIN, WEEKS_MIN, People
from surcease.knowledge.library import load
from surcease.pkpd.many import bands, solve_many
from surcease.pkpd.regimen import parse
from surcease.pkpd.relief import drug_term
from surcease.pkpd.solve import solve
from surcease.pkpd.system import EffectSite

Floats = NDArray[np.float64]

MODEL = load().model("domino_1982")
ONE, MANY = parse("35 mg over 40 min iv"), parse("35 mg over 40 min iv every 84 h x 10")
DAY_H, WEEKS_H = ONE_DAY_MIN / 60, WEEKS_MIN / 60
QUANTILES = (0.025, 0.5, 0.975)


def _parameters(who: People) -> dict[str, Any]:
    """Litres and per hour, as the library takes them."""
    rates = {name: who.column(name) * 60 for name in ("k10", "k12", "k13", "k21", "k31")}
    return {"v1": who.column("v1_l"), **rates}


def w1(who: People) -> Callable[[], Floats]:
    """People × 721 concentrations, ng/mL, in a new array."""
    parameters = _parameters(who)
    return lambda: solve_many(MODEL, ONE, DAY_H, parameters=parameters, backend="compiled").cp_ng_per_ml


def w1_into(who: People) -> Callable[[], Floats]:
    """The same into the caller's buffer."""
    parameters, buffer = _parameters(who), np.zeros((len(who), DAY_H.size))
    return lambda: solve_many(MODEL, ONE, DAY_H, parameters=parameters, out=buffer, backend="compiled").cp_ng_per_ml


def w2(who: People) -> Callable[[], tuple[Floats, Floats, Floats]]:
    """People × 2017, three times: plasma and effect site in ng/mL, relief share; new arrays."""
    parameters, c50 = _parameters(who), 1000 * who.column("c50")[:, None]
    sites = {"effect": EffectSite(who.column("ke0") * 60), "relief": EffectSite(who.column("kl") * 60)}

    def run() -> tuple[Floats, Floats, Floats]:
        solved = solve_many(MODEL, MANY, WEEKS_H, parameters=parameters, effect_sites=sites, backend="compiled")
        relief = drug_term(solved.effect_sites["relief"], c50)
        return solved.cp_ng_per_ml, solved.effect_sites["effect"], relief

    return run


def w4(who: People) -> Callable[[], tuple[Floats, Floats]]:
    """The typical curve, and exact 2.5, 50 and 97.5 % quantiles over people at 721 times."""
    parameters = _parameters(who)

    def run() -> tuple[Floats, Floats]:
        typical = solve(MODEL, ONE, DAY_H)
        return typical.cp_ng_per_ml, bands(
            MODEL, ONE, DAY_H, quantiles=QUANTILES, parameters=parameters, backend="compiled"
        ).curves["ketamine"]

    return run
