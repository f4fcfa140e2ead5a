"""The peers that install from the package registries, each used the fastest way it offers.

Every peer gets the same table of parameters and returns people × times; sampling is outside the timed region.
ODE solvers restart at every rate change, at relative tolerance 1e-8.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
from numpy.typing import NDArray

from bench.pkpd_workloads import DOSE_MG, INFUSION_MIN, ONE_DAY_MIN, STARTS_MIN, WEEKS_MIN, People

Floats = NDArray[np.float64]
RTOL, ATOL = 1e-8, 1e-12


def numbalsoda_entries() -> dict[str, Callable[[People], Floats]]:
    """LSODA compiled into a parallel loop over people, with a hand-written right-hand side."""
    from bench.pkpd_numbalsoda import w1, w2

    return {"w1": w1, "w2": w2}


def opentiva_w1(who: People) -> Floats:
    """opentiva's compiled closed form, its point evaluator called directly: whole seconds, one patient at a time."""
    from opentiva.pkpd import PkPdModel

    seconds = (ONE_DAY_MIN * 60).astype(int).tolist()
    length = int(INFUSION_MIN * 60)
    doses = np.array([[0.0, DOSE_MG / length, length, length]])
    out = np.empty((len(who), len(seconds)))
    for i, (v1, k10, k12, k13, k21, k31, ke0, *_) in enumerate(who.values):
        model = PkPdModel(SimpleNamespace(compartments=3, v1=v1, k10=k10, k12=k12, k13=k13, k21=k21, k31=k31, ke0=ke0))
        out[i] = [model.calculate_cp(doses, t) for t in seconds]
    return out


def odeint_w1(who: People) -> Floats:
    """SciPy's odeint (LSODA in Fortran) with a compiled right-hand side, restarted at the end of the infusion."""
    from scipy.integrate import odeint

    from bench.pkpd_numbalsoda import three_compartments

    on, off = ONE_DAY_MIN[ONE_DAY_MIN <= INFUSION_MIN], ONE_DAY_MIN[ONE_DAY_MIN >= INFUSION_MIN]
    out = np.empty((len(who), ONE_DAY_MIN.size))
    for i, (v1, k10, k12, k13, k21, k31, *_) in enumerate(who.values):
        args = (k10, k12, k13, k21, k31)
        first = odeint(three_compartments, np.zeros(3), on, (*args, DOSE_MG / INFUSION_MIN), rtol=RTOL, atol=ATOL)
        second = odeint(three_compartments, first[-1], off, (*args, 0.0), rtol=RTOL, atol=ATOL)
        out[i, : on.size], out[i, on.size - 1 :] = first[:, 0] / v1, second[:, 0] / v1
    return out


def odeint_w2(who: People) -> Floats:
    """The same for ten infusions with effect site and relief: restarts at every rate change."""
    from scipy.integrate import odeint

    from bench.pkpd_numbalsoda import five_states

    edges = np.unique(np.concatenate((STARTS_MIN, STARTS_MIN + INFUSION_MIN, WEEKS_MIN[-1:])))
    out = np.empty((3, len(who), WEEKS_MIN.size))
    for i, (v1, k10, k12, k13, k21, k31, ke0, kl, c50) in enumerate(who.values):
        y = np.zeros(5)
        out[:, i, 0] = 0
        for a, b in itertools.pairwise(edges):
            inside = (a < WEEKS_MIN) & (b >= WEEKS_MIN)
            grid = np.unique(np.concatenate(([a], WEEKS_MIN[inside], [b])))
            rate = DOSE_MG / INFUSION_MIN if a in STARTS_MIN else 0.0
            args = (v1, k10, k12, k13, k21, k31, ke0, kl, rate)
            states = odeint(five_states, y, grid, args, rtol=RTOL, atol=ATOL)
            at = np.searchsorted(grid, WEEKS_MIN[inside])
            out[0, i, inside], out[1, i, inside] = states[at, 0] / v1, states[at, 3]
            out[2, i, inside] = states[at, 4] / (states[at, 4] + c50)
            y = states[-1]
    return out


def roadrunner(relief: bool) -> Callable[[People], Floats]:
    """libroadrunner: SBML compiled once, parameters set per person, infusions as events."""
    import roadrunner as rr

    rr.Logger.setLevel(rr.Logger.LOG_FATAL)
    machine = rr.RoadRunner(_sbml(relief))
    machine.integrator.relative_tolerance, machine.integrator.absolute_tolerance = RTOL, ATOL
    grid = WEEKS_MIN if relief else ONE_DAY_MIN
    wanted = ["x1", "ce", "cl"] if relief else ["x1"]
    machine.timeCourseSelections = wanted

    def run(who: People) -> Floats:
        out = np.empty((len(wanted), len(who), grid.size))
        for i, (v1, k10, k12, k13, k21, k31, ke0, kl, c50) in enumerate(who.values):
            machine.resetToOrigin()
            values = {"v1": v1, "k10": k10, "k12": k12, "k13": k13, "k21": k21, "k31": k31}
            for name, value in {**values, **({"ke0": ke0, "kl": kl} if relief else {})}.items():
                machine[name] = value
            with _silent():
                states = np.asarray(machine.simulate(0, grid[-1], grid.size))
            out[0, i] = states[:, 0] / v1
            if relief:
                out[1, i], out[2, i] = states[:, 1], states[:, 2] / (states[:, 2] + c50)
        return out if relief else out[0]

    return run


@contextmanager
def _silent() -> Iterator[None]:
    """The solver's own warnings about tiny steps at events, printed from C, left out of the console."""
    kept, nowhere = [os.dup(1), os.dup(2)], os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    try:
        yield
    finally:
        for stream, old in zip((1, 2), kept, strict=True):
            os.dup2(old, stream)
            os.close(old)
        os.close(nowhere)


def _sbml(relief: bool) -> str:
    """The model in SBML level 3: rate rules and a rate that events switch on and off."""
    states = ["x1", "x2", "x3", *(["ce", "cl"] if relief else [])]
    constants = ["v1", "k10", "k12", "k13", "k21", "k31", *(["ke0", "kl"] if relief else [])]
    rules = {
        "x1": "rate - (k10 + k12 + k13)*x1 + k21*x2 + k31*x3", "x2": "k12*x1 - k21*x2", "x3": "k13*x1 - k31*x3",
        **({"ce": "ke0*(x1/v1 - ce)", "cl": "kl*(x1/v1 - cl)"} if relief else {}),
    }  # fmt: skip
    switches = [(INFUSION_MIN, 0.0)] if not relief else []
    if relief:
        for start in STARTS_MIN.tolist():
            switches += [(start, DOSE_MG / INFUSION_MIN)] * (start > 0) + [(start + INFUSION_MIN, 0.0)]
    first = DOSE_MG / INFUSION_MIN
    parameters = (
        [(s, 0.0, "false") for s in states] + [(c, 1.0, "true") for c in constants] + [("rate", first, "false")]
    )
    listed = "".join(f'<parameter id="{n}" value="{v!r}" constant="{c}"/>' for n, v, c in parameters)
    ruled = "".join(f'<rateRule variable="{n}">{_math(f)}</rateRule>' for n, f in rules.items())
    events = "".join(
        f'<event id="e{i}" useValuesFromTriggerTime="true"><trigger initialValue="false" persistent="true">'
        f"<math xmlns='http://www.w3.org/1998/Math/MathML'><apply><geq/><csymbol encoding='text' "
        f"definitionURL='http://www.sbml.org/sbml/symbols/time'>t</csymbol><cn>{at!r}</cn></apply></math></trigger>"
        f'<listOfEventAssignments><eventAssignment variable="rate"><math xmlns='
        f"'http://www.w3.org/1998/Math/MathML'><cn>{to!r}</cn></math></eventAssignment></listOfEventAssignments></event>"
        for i, (at, to) in enumerate(switches)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><sbml xmlns="http://www.sbml.org/sbml/level3/version1/core" level="3" '
        f'version="1"><model id="m"><listOfParameters>{listed}</listOfParameters><listOfRules>{ruled}</listOfRules>'
        f"<listOfEvents>{events}</listOfEvents></model></sbml>"
    )


def _math(formula: str) -> str:
    """MathML of an arithmetic formula of names, + - * / and brackets."""
    import ast

    words = {ast.Add: "plus", ast.Sub: "minus", ast.Mult: "times", ast.Div: "divide"}

    def walk(node: ast.expr) -> str:
        if isinstance(node, ast.BinOp):
            return f"<apply><{words[type(node.op)]}/>{walk(node.left)}{walk(node.right)}</apply>"
        assert isinstance(node, ast.Name)
        return f"<ci>{node.id}</ci>"

    body = walk(ast.parse(formula, mode="eval").body)
    return f"<math xmlns='http://www.w3.org/1998/Math/MathML'>{body}</math>"
