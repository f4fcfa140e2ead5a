"""Laws that hold for any linear model and any regimen, on random ones."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surcease import knowledge
from surcease.pkpd import engine, exponential, modal
from surcease.pkpd.regimen import parse
from surcease.pkpd.schedule import Piece, Schedule, build
from surcease.pkpd.solve import solve
from surcease.pkpd.system import EffectSite, System

IDS = ("kamp_2020", "otto_2021", "noppers_2011", "perez_ruixo_2021", "simons_2022", "domino_1982", "clements_1981",
       "herd_2007", "hijazi_2003")  # fmt: skip
TIMES = np.linspace(0, 30, 121)
few = settings(max_examples=25, deadline=None)
rates = st.floats(-4, 4).map(lambda x: 10.0**x)


@st.composite
def trees(draw) -> System:
    """A random tree of compartments with exchange or one-way flow, loss from one, random rates over eight decades."""
    n = draw(st.integers(1, 6))
    matrix = np.zeros((1, n, n))
    for child in range(1, n):
        parent = draw(st.integers(0, child - 1))
        there, back = draw(rates), draw(st.one_of(st.just(0.0), rates))
        matrix[0, child, parent] += there
        matrix[0, parent, parent] -= there
        matrix[0, parent, child] += back
        matrix[0, child, child] -= back
    matrix[0, 0, 0] -= draw(rates)
    return System(tuple("abcdef"[:n]), tuple("abcdef"[:n]), matrix, np.eye(n)[None])


@st.composite
def inputs(draw, states: tuple[str, ...]) -> Schedule:
    """Random boluses, infusions and ramps."""
    pieces = []
    for _ in range(draw(st.integers(1, 4))):
        state, start = draw(st.sampled_from(states)), draw(st.floats(0, 10))
        if draw(st.booleans()):
            pieces.append(Piece(state, start, amount=draw(st.floats(0.1, 10))))
        else:
            first, last = draw(st.floats(0, 5)), draw(st.floats(0, 5))
            end = start + draw(st.floats(0.01, 10))
            pieces.append(Piece(state, start, end_h=end, rate=first, to_rate=last))
    return build(pieces)


@few
@given(st.data())
def test_any_tree_of_compartments_agrees_with_the_exponential(data):
    system = data.draw(trees())
    schedule = data.draw(inputs(system.states))
    modes = modal.decompose(system, schedule.channels)
    exact = exponential.propagate(system, schedule, TIMES)
    assert modes is not None
    if modes.sound.all():
        found = modal.propagate(modes, schedule, TIMES)
        assert np.abs(found - exact).max() <= 1e-9 * np.abs(exact).max()


@few
@given(st.data())
def test_what_goes_in_is_in_or_has_left(data):
    """Mass balance: with a state that collects what leaves, the sum is what was given so far."""
    inner = data.draw(trees())
    n = len(inner.states)
    matrix = np.zeros((1, n + 1, n + 1))
    matrix[:, :n, :n] = inner.matrix
    matrix[:, n, :n] = -inner.matrix.sum(axis=1)
    closed = System((*inner.states, "gone"), (*inner.states, "gone"), matrix, np.eye(n + 1)[None])
    schedule = data.draw(inputs(inner.states))
    curves, _ = engine.curves(closed, schedule, TIMES)
    given_so_far = _given(schedule, TIMES)
    assert curves.sum(axis=0)[0] == pytest.approx(given_so_far, rel=1e-9, abs=1e-9 * given_so_far.max())


def _given(schedule: Schedule, times: np.ndarray) -> np.ndarray:
    total, ends = np.zeros(len(times)), np.append(schedule.times[0][1:], np.inf)
    slopes = np.zeros_like(schedule.rates) if schedule.slopes is None else schedule.slopes
    for k, (start, end) in enumerate(zip(schedule.times[0], ends, strict=True)):
        span = np.clip(times, start, end) - start
        total += np.where(times >= start, schedule.jumps[0, k].sum(), 0.0)
        total += schedule.rates[0, k].sum() * span + slopes[0, k].sum() * span**2 / 2
    return total


def dose_of(model_id: str) -> str:
    """A dose by the first route that is not intravenous, and one that is."""
    model = knowledge.model(model_id)
    drug = " esketamine" if model.substance == "esketamine" else ""
    other = next((r for r in model.routes if r != "iv"), "iv")
    return f"20 mg {other}{drug} then after 2 h 5 to 15 mg/h for 3 h iv{drug} then 8 mg iv{drug}"


@pytest.mark.parametrize("model_id", IDS)
def test_modes_exponential_and_ode_agree(model_id):
    model, dose = knowledge.model(model_id), parse(dose_of(model_id))
    site = {"effect": EffectSite(5.01)}
    exact = solve(model, dose, TIMES, effect_sites=site)
    curves = {**exact.concentrations, **exact.effect_sites}
    for method in ("exponential", "ode"):
        other = solve(model, dose, TIMES, effect_sites=site, method=method)
        for name, curve in {**other.concentrations, **other.effect_sites}.items():
            assert np.abs(curve - curves[name]).max() <= 1e-9 * curve.max(), (method, name)


@pytest.mark.parametrize("model_id", IDS)
def test_linearity_superposition_shift_and_order(model_id):
    model = knowledge.model(model_id)
    drug = " esketamine" if model.substance == "esketamine" else ""
    one, two = f"10 mg over 30 min iv{drug}", f"4 mg iv{drug}"

    def curve(text: str, at=TIMES) -> np.ndarray:
        return np.stack(list(solve(model, parse(text), at).concentrations.values()))

    near = 4e-12 * curve(one).max()
    assert np.abs(3 * curve(one) - curve(one.replace("10 mg", "30 mg"))).max() <= near
    later = TIMES[TIMES >= 3]
    shifted = np.zeros_like(curve(two))
    shifted[:, TIMES >= 3] = curve(two, later - 3)  # the same dose three hours later
    assert np.abs(curve(f"{one} and after 3 h {two}") - curve(one) - shifted).max() <= near
    assert np.abs(curve(f"{one} and {two}") - curve(f"{two} and {one}")).max() <= near


@few
@given(st.decimals("0.01", "500", places=2), st.integers(1, 20), st.integers(1, 48))
def test_splitting_a_dose_in_time_changes_nothing_after_it(amount, parts, hours):
    """n boluses at the same instant are one; n infusion pieces in a row are one."""
    model = knowledge.model("kamp_2020")
    whole = solve(model, parse(f"{amount} mg/h for {hours} h iv"), TIMES).cp_ng_per_ml
    piece = Decimal(hours) * 60 / parts
    if piece == piece.quantize(Decimal("0.000001")):
        text = " then ".join([f"{amount} mg/h for {piece.normalize():f} min iv"] * parts)
        split = solve(model, parse(text), TIMES).cp_ng_per_ml
        assert np.abs(split - whole).max() <= 1e-12 * whole.max()


@pytest.mark.parametrize("model_id", ["kamp_2020", "noppers_2011", "herd_2007"])
def test_repeated_doses_reach_the_steady_state_of_a_constant_rate(model_id):
    """At steady state the mean over an interval is dose over clearance and interval."""
    model = knowledge.model(model_id)
    drug = " esketamine" if model.substance == "esketamine" else ""
    hours = np.linspace(40 * 6, 41 * 6, 20001)
    found = solve(model, parse(f"6 mg over 30 min iv{drug} every 6 h x 60"), hours).cp_ng_per_ml
    expected = 1000 * 6 / (model.parameters["cl"].value * 6)
    assert np.trapezoid(found, hours) / 6 == pytest.approx(expected, rel=1e-6)
