"""W3: the most likely relief parameters of one person from 90 daily scores, four random effects.

The model is the shipped one (delay on concentration, then Emax; whole scores from 0 to 10) with baseline, C50,
half-life and day-to-day scatter as random effects, after the ten infusions of W2 by the Domino model. Peers minimise
the same −log posterior with SciPy's L-BFGS-B over their own solution of the equations at every step. Ours includes
everything from the regimen on: the surface of the slow site, then Levenberg–Marquardt.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from bench.pkpd_peers import ATOL, RTOL, _sbml, _silent
from bench.pkpd_workloads import DOSE_MG, INFUSION_MIN, STARTS_MIN, TYPICAL
from bench.rounds import interleave
from surcease.care.forecast import belief_in
from surcease.knowledge import load
from surcease.knowledge.effect import relief_prior
from surcease.pkpd.many import solve_many
from surcease.pkpd.person import NAMES, Belief, Course, _Problem, most_likely
from surcease.pkpd.posterior import Peak
from surcease.pkpd.regimen import parse
from surcease.pkpd.relief import SITE
from surcease.pkpd.scores import TOP, Scores, log_likelihood, observed, scores
from surcease.pkpd.slow_site import REACH, slow_site
from surcease.pkpd.system import EffectSite

Floats = NDArray[np.float64]
Slow = Callable[[float], Floats]  # k per hour -> ng/mL at DAYS
DAYS = np.arange(1, 91)
TIMES_H = DAYS * 24.0
REGIMEN = parse("35 mg over 40 min iv esketamine every 84 h x 10").for_weight(70)
KIND, SEED = (1,), 20261125  # responds to the drug and not to placebo


def run(rounds: int) -> dict[str, Any]:
    """The W3 block of the benchmark."""
    knowledge = load()
    belief, model = belief_in(knowledge, relief_prior(knowledge, "rct")), knowledge.model("domino_1982")
    seen = _scores(belief, lambda k: _exact(model, np.array([k]))[0])

    def ours() -> Peak:
        surface = slow_site(model, REGIMEN, TIMES_H, middle_k_per_h=belief.relief.k_per_h, backend="compiled")
        return most_likely(belief, Course(surface, np.zeros(len(DAYS))), seen, kinds=KIND, backend="compiled")

    peers = {"odeint": _odeint, "libroadrunner": _roadrunner()}
    calls = {name: lambda slow=slow: _minimise(belief, seen, slow) for name, slow in peers.items()}  # type: ignore[misc]
    seconds = interleave({"ours": ours, **calls, "limit": _one_look(belief, model, seen)}, rounds=min(rounds, 5))
    shifts = np.linspace(-REACH, REACH, 31)
    exact = _exact(model, belief.relief.k_per_h * np.exp(shifts))
    surface = slow_site(model, REGIMEN, TIMES_H, middle_k_per_h=belief.relief.k_per_h)
    best = {"ours": -float(ours().height[0]), **{name: float(call().fun) for name, call in calls.items()}}
    return {
        "people": 1,
        "ours_s": seconds["ours"],
        "peers_s": {name: seconds[name] for name in peers},
        "limit_s": seconds["limit"],
        "max_rel_err": float(np.abs(surface(shifts) - exact).max() / exact.max()),
        "best_peer": min(peers, key=lambda name: seconds[name]),
        "times_faster": min(seconds[name] for name in peers) / seconds["ours"],
        "minus_log_posterior": best,
        "behind_best_optimum": best["ours"] - min(best[name] for name in peers),
        "steps": ours().steps,
    }


def _scores(belief: Belief, slow: Slow) -> Scores:
    """Ninety scores of one invented responder of higher than usual sensitivity."""
    drug = (lone := slow(belief.relief.k_per_h)) / (lone + 0.15 * belief.relief.c50_ng_per_ml)
    noise = np.random.default_rng(SEED).normal(size=len(DAYS))
    return scores(TIMES_H, observed(7.0 * (1 - drug) + noise))


def _exact(model: Any, k_per_h: Floats) -> Floats:
    return solve_many(model, REGIMEN, TIMES_H, effect_sites={SITE: EffectSite(k_per_h)}).effect_sites[SITE]


def _one_look(belief: Belief, model: Any, seen: Scores) -> Callable[[], object]:
    """The least that any fit needs: the likelihood of one set of parameters, the surface being there."""
    surface = slow_site(model, REGIMEN, TIMES_H, middle_k_per_h=belief.relief.k_per_h)
    problem = _Problem(belief, Course(surface, np.zeros(len(DAYS))), seen, np.array(KIND))
    return lambda: problem.height(np.zeros((1, 1, len(NAMES))))


def _minimise(belief: Belief, seen: Scores, slow: Slow) -> Any:
    def objective(u: Floats) -> float:
        raw = belief.middle + belief.spread * u
        site = slow(float(np.exp(raw[2])))
        pain = TOP / (1 + np.exp(-raw[0])) * (1 - site / (site + np.exp(raw[1])))
        prior = -0.5 * float(u @ u) - 0.5 * len(u) * float(np.log(2 * np.pi))
        return -float(log_likelihood(pain, np.exp(raw[3]), seen)) - prior

    return minimize(objective, np.zeros(len(NAMES)), method="L-BFGS-B")


def _edges() -> Floats:
    return np.unique(np.concatenate((STARTS_MIN, STARTS_MIN + INFUSION_MIN, DAYS[-1:] * 1440.0)))


def _odeint(k_per_h: float) -> Floats:
    """SciPy's odeint with the compiled right-hand side of W2, restarted at every rate change."""
    from scipy.integrate import odeint

    from bench.pkpd_numbalsoda import five_states

    v1, k10, k12, k13, k21, k31, ke0, *_ = TYPICAL
    wanted, out, y = DAYS * 1440.0, np.empty(len(DAYS)), np.zeros(5)
    for a, b in itertools.pairwise(_edges()):
        inside = (a < wanted) & (b >= wanted)
        grid = np.unique(np.concatenate(([a], wanted[inside], [b])))
        rate = DOSE_MG / INFUSION_MIN if a in STARTS_MIN else 0.0
        args = (v1, k10, k12, k13, k21, k31, ke0, k_per_h / 60, rate)
        states = odeint(five_states, y, grid, args, rtol=RTOL, atol=ATOL)
        out[inside], y = states[np.searchsorted(grid, wanted[inside]), 4] * 1000, states[-1]
    return out


def _roadrunner() -> Slow:
    """libroadrunner with the SBML of W2, infusions as events."""
    import roadrunner as rr

    rr.Logger.setLevel(rr.Logger.LOG_FATAL)
    machine = rr.RoadRunner(_sbml(True))
    machine.integrator.relative_tolerance, machine.integrator.absolute_tolerance = RTOL, ATOL
    machine.timeCourseSelections = ["cl"]
    fixed = dict(zip(("v1", "k10", "k12", "k13", "k21", "k31", "ke0"), TYPICAL[:7], strict=True))

    def slow(k_per_h: float) -> Floats:
        machine.resetToOrigin()
        for name, value in {**fixed, "kl": k_per_h / 60}.items():
            machine[name] = value
        with _silent():
            return np.asarray(machine.simulate(0, DAYS[-1] * 1440.0, len(DAYS) + 1))[1:, 0] * 1000

    return slow
