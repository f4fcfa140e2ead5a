"""solve, solve_many and bands: what they accept, refuse and say; routes against their closed forms."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from scipy.special import lambertw

from surcease import knowledge
from surcease.pkpd import absorption, band, engine, exponential, ode
from surcease.pkpd.individual import individual
from surcease.pkpd.many import bands, solve_many
from surcease.pkpd.model import (
    Analyte,
    Covariate,
    Devices,
    Flow,
    Model,
    Parameter,
    Part,
    Population,
    Route,
    Variability,
)
from surcease.pkpd.regimen import parse
from surcease.pkpd.schedule import Piece, build
from surcease.pkpd.solve import solve
from surcease.pkpd.system import EffectSite, System

T = np.linspace(0, 12, 49)


def one(routes=None, flows=None, analytes=None, substance="any", covariates=(), **values: float) -> Model:
    """One compartment: clearance 7 L/h, volume 35 L, so 0.2/h; what else is wanted beside it."""
    numbers = {"cl": 7.0, "v": 35.0, **values}
    return Model(
        id="one", title="", substance=substance, site="venous", population=Population(""), citation="", source="",
        grade="", parameters={n: Parameter(n, x, "", variability=Variability(0.04)) for n, x in numbers.items()},
        flows=flows or (Flow("central", "out", clearance="cl", volume="v"),),
        routes=routes or {"iv": Route("iv", (Part("central"),))},
        analytes=analytes or {"ketamine": Analyte("ketamine", "central", "v")}, covariates=covariates,
    )  # fmt: skip


def cp(model: Model, text: str, times=T, **more) -> np.ndarray:
    return solve(model, parse(text), times, **more).cp_ng_per_ml


def decay(times, k=0.2):
    return np.where(times >= 0, np.exp(-k * np.maximum(times, 0)), 0.0)


def test_bolus_and_infusion():
    assert cp(one(), "35 mg iv") == pytest.approx(1000 * decay(T))
    held = np.minimum(T, 2)
    expected = 1000 * 7 / 7 * (1 - np.exp(-0.2 * held)) * decay(np.maximum(T - 2, 0))
    assert cp(one(), "7 mg/h for 2 h iv") == pytest.approx(expected)


def test_a_ramp():
    """x' = −k x + r₀ + r t: x = r₀ (1 − e^{−kt})/k + r (t/k − (1 − e^{−kt})/k²)."""
    t = np.linspace(0, 4, 17)
    filled = (1 - np.exp(-0.2 * t)) / 0.2
    expected = 1000 * (2 * filled + (t - filled) / 0.2) / 35
    # from 2 to 42 mg/h over 40 h is 1 mg/h more each hour
    assert cp(one(), "2 to 42 mg/h for 40 h iv", t) == pytest.approx(expected, rel=1e-12)


def bateman(times, ka, k=0.2):
    return ka / (ka - k) * (np.exp(-k * times) - np.exp(-ka * times))


def test_first_order_with_lag_and_fraction():
    routes = {"po": Route("po", (Part("central", fraction=("f", "g"), absorption="ka", lag="lag"),))}
    found = cp(one(routes, f=0.5, g=0.4, ka=1.5, lag=0.75), "35 mg po")
    late = np.maximum(T - 0.75, 0)
    assert found == pytest.approx(0.2 * 1000 * bateman(late, 1.5), abs=1e-9)


def test_equal_rates_of_absorption_and_elimination():
    routes = {"po": Route("po", (Part("central", absorption="ka"),))}
    answer = solve(one(routes, ka=0.2), parse("35 mg po"), T)
    assert answer.status.method == "exponential"
    assert answer.cp_ng_per_ml == pytest.approx(1000 * 0.2 * T * np.exp(-0.2 * T), rel=1e-12)
    with pytest.raises(ValueError, match="too close for its modes"):
        solve(one(routes, ka=0.2), parse("35 mg po"), T, method="modes")


def test_zero_order_and_the_remainder():
    routes = {"in": Route("in", (
        Part("central", fraction=("f",)), Part("central", remainder_of="f", duration="d"),
    ))}  # fmt: skip
    found = cp(one(routes, f=0.25, d=2.0), "35 mg in")
    held = np.minimum(T, 2)
    slow = 1000 * 0.75 / 2 * (1 - np.exp(-0.2 * held)) / 0.2 * decay(np.maximum(T - 2, 0))
    assert found == pytest.approx(0.25 * 1000 * decay(T) + slow)


def test_devices_come_one_after_another_and_the_later_absorb_less():
    devices = Devices(10.0, 0.5, "further")
    routes = {"in": Route("in", (Part("central", fraction=("f",)),), devices=devices)}
    found = cp(one(routes, f=0.5, further=0.6), "25 mg in")
    expected = sum(a * s * 1000 / 35 * decay(T - t) for a, s, t in ((10, 0.5, 0), (10, 0.3, 0.5), (5, 0.3, 1.0)))
    assert found == pytest.approx(expected)


def test_devices_for_many_weights():
    devices = Devices(10.0, 0.5, "further")
    routes = {"in": Route("in", (Part("central", fraction=("f",)),), devices=devices)}
    model = one(routes, f=0.5, further=0.6)
    found = solve_many(model, parse("0.2 mg/kg in"), T, weight_kg=np.array([40.0, 125.0])).cp_ng_per_ml
    assert found[0] == pytest.approx(cp(model, "8 mg in"))
    assert found[1] == pytest.approx(cp(model, "25 mg in"))


def test_a_delay_in_stages_and_what_it_yields():
    """Two stages of 2/MTT: gamma-distributed arrival; 80 % arrives in a compartment that keeps it."""
    flows = (
        Flow("central", "wait", rate="k"),
        Flow("wait", "kept", mean_time="mtt", stages=2, yields="share"),
    )
    analytes = {
        "ketamine": Analyte("ketamine", "central", "v"),
        "norketamine": Analyte("norketamine", "kept", "v", 0.5),
    }
    model = one(flows=flows, analytes=analytes, k=3.0, mtt=4.0, share=0.8)
    found = solve(model, parse("35 mg iv"), T).concentrations
    assert found["ketamine"] == pytest.approx(1000 * np.exp(-3 * T))
    # arrival of an exponential (3/h) and two stages (0.5/h each): residues of 3·0.5² / (s (s + 3)(s + 0.5)²)
    r, k = 0.5, 3.0
    simple, double = -(r**2) / (k - r) ** 2, k * r / (r - k)
    arrived = 1 + simple * np.exp(-k * T) + (double * T - 1 - simple) * np.exp(-r * T)
    assert found["norketamine"] == pytest.approx(0.5 * 0.8 * 1000 * arrived, rel=1e-9, abs=1e-9)


def test_effect_site():
    found = solve(one(), parse("35 mg iv"), T, effect_sites={"pain": EffectSite(1.5)})
    assert found.effect_sites["pain"] == pytest.approx(1000 * bateman(T, 1.5), abs=1e-9)
    assert list(found.concentrations) == ["ketamine"]


def test_michaelis_menten_by_lambert_w():
    """x' = −Vmax x / (Km + x) after a bolus has a closed form in Lambert's W."""
    flows = (Flow("central", "out", clearance="cl", volume="v", km="km"),)
    model = one(flows=flows, km=2.0)  # clearance is Vmax/Km
    answer = solve(model, parse("350 mg iv"), T)
    half, rate = 2.0 * 35, 7.0 / 35 * (2.0 * 35)  # mg, mg/h
    expected = half * lambertw(350 / half * np.exp((350 - rate * T) / half)).real / 35 * 1000
    assert answer.status.method == "ode"
    assert not answer.status.exact
    assert answer.cp_ng_per_ml == pytest.approx(expected, rel=1e-9)
    with pytest.raises(ValueError, match="not linear"):
        solve_many(model, parse("350 mg iv"), T)


def test_a_saturable_flow_into_a_metabolite_and_one_that_nobody_asks_for():
    flows = (Flow("central", "more", clearance="cl", volume="v", km="km"), Flow("more", "out", rate="k"))
    analytes = {"ketamine": Analyte("ketamine", "central", "v"), "norketamine": Analyte("norketamine", "more", "v")}
    model = one(flows=flows, analytes=analytes, km=2.0, k=0.0)
    both = solve(model, parse("350 mg iv"), T)
    assert sum(both.concentrations.values()) == pytest.approx(10000, rel=1e-10)  # nothing leaves
    alone = solve(model, parse("350 mg iv"), T, analytes=["ketamine"])
    assert alone.cp_ng_per_ml == pytest.approx(both.cp_ng_per_ml, rel=1e-10)
    beyond = one(flows=(Flow("central", "out", clearance="cl", volume="v"), Flow("elsewhere", "out", rate="cl", km="km",
                 volume="v")), km=2.0)  # fmt: skip
    assert solve(beyond, parse("35 mg iv"), T).cp_ng_per_ml == pytest.approx(1000 * decay(T))


def test_ode_takes_one_person():
    system = System(("a",), ("a",), -np.ones((2, 1, 1)), np.ones((1, 1, 1)))
    with pytest.raises(ValueError, match="one person at a time"):
        ode.propagate(system, build([Piece("a", 0.0, amount=1.0)]), T)


def test_ode_that_cannot_go_on():
    """A right-hand side that is no number ends in an error, not in a wrong curve."""
    system = System(("a",), ("a",), np.full((1, 1, 1), np.nan), np.ones((1, 1, 1)))
    with pytest.raises(ArithmeticError, match="no finite number at 0 h"):
        ode.propagate(system, build([Piece("a", 0.0, amount=1.0)]), T)


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: cp(one(), "1 mg po"), "no route po"),
        (lambda: cp(one(), "1 mg iv", analytes=["norketamine"]), "does not describe 'norketamine'"),
        (lambda: cp(one(), "1 mg iv", parameters={"q": 1.0}), "no parameter 'q'"),
        (lambda: cp(one(), "1 mg iv", etas={"q": 1.0}), "no parameter 'q'"),
        (lambda: cp(one(), "1 mg iv", times=[]), "ascending list"),
        (lambda: cp(one(), "1 mg iv", times=[1, 0]), "ascending list"),
        (lambda: cp(one(), "1 mg iv", times=[[0, 1]]), "ascending list"),
        (lambda: cp(one(), "1 mg iv", times=[0, np.nan]), "ascending list"),
        (lambda: solve_many(one(), parse("1 mg iv"), T, out=np.empty((2, 3))), "has the shape"),
        (lambda: bands(one(), parse("1 mg iv"), T, quantiles=[1.5]), "between 0 and 1"),
    ],
)
def test_misuse_is_one_sentence(call, named):
    with pytest.raises(ValueError, match=named) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_individual_parameters():
    model = one(f=0.5)
    values = individual(model, etas={"cl": 0.3, "f": np.array([0.0, 1.0])}, parameters={"v": 20.0})
    assert values["cl"] == pytest.approx(7 * np.exp(0.3))
    assert values["v"] == 20.0
    shipped = knowledge.model("kamp_2020")
    found = individual(shipped, weight_kg=35.0, etas={"f_im": np.array([0.0, 1.0])})
    assert found["v1"] == 12.5
    assert found["cl"] == pytest.approx(84 * 0.5**0.75)
    odds = 0.93 / 0.07 * np.exp([0, 1])
    assert found["f_im"] == pytest.approx(odds / (1 + odds))


def test_covariates_of_the_nasal_model():
    shipped = knowledge.model("perez_ruixo_2021")
    old = individual(shipped, known={"age_years": 70, "ancestry": "japanese"})
    assert old["qh"] == pytest.approx(151 - 21.9)
    assert old["f_nasal"] == pytest.approx(0.54 * 1.34)
    many = individual(shipped, known={"age_years": np.array([50.0, 80.0]), "ancestry": np.array(["asian", "other"])})
    assert many["qh"] == pytest.approx([151, 151 - 43.8])
    assert many["kel"] == pytest.approx([1.11 * 0.36, 1.11])
    assert many["f_nasal"] == pytest.approx([0.54, 0.54])
    plain = one(covariates=(Covariate("cl", "age_years", above=60, add_per_unit=-0.1),))
    assert individual(plain)["cl"] == 7.0


def test_what_the_reader_is_told():
    kamp, otto, domino = (knowledge.model(m) for m in ("kamp_2020", "otto_2021", "domino_1982"))
    racemic, s = parse("10 mg iv racemic"), parse("10 mg iv esketamine")
    assert any("S half" in t for t in absorption.limits(otto, racemic))
    assert any("total mass" in t for t in absorption.limits(domino, s))
    assert any("calibrated, not published" in t for t in absorption.limits(kamp, parse("10 mg im")))
    assert any("28 mg" in t for t in absorption.limits(knowledge.model("perez_ruixo_2021"), parse("28 mg in")))
    assert any("borrowed" in t for t in absorption.limits(kamp, s))
    assert not any("borrowed" in t for t in absorption.limits(otto, s))
    herd, film = knowledge.model("herd_2007"), knowledge.model("simons_2022")
    assert any("age there was 1.5 to 15 years" in t for t in absorption.limits(herd, racemic, age_years=40))
    assert any("weight there was 53 to 93 kg" in t for t in absorption.limits(film, s, weight_kg=np.array([70, 120])))
    assert any("age there was 18 and more" in t for t in absorption.limits(domino, racemic, age_years=9))
    assert not any("Outside" in t for t in absorption.limits(film, s, weight_kg=70, age_years=25))


def test_half_of_racemic_is_esketamine():
    otto = knowledge.model("otto_2021")
    assert cp(otto, "20 mg iv racemic") == pytest.approx(cp(otto, "10 mg iv esketamine"))
    kamp = knowledge.model("kamp_2020")
    assert cp(kamp, "20 mg iv racemic") == pytest.approx(cp(kamp, "20 mg iv esketamine"))


def test_a_cap_for_each_weight():
    found = solve_many(
        one(), parse("0.35 mg/kg/h max 25 mg/h for 4 h iv"), T, weight_kg=np.array([50.0, 100.0])
    ).cp_ng_per_ml
    assert found[0] == pytest.approx(cp(one(), "17.5 mg/h for 4 h iv"))
    assert found[1] == pytest.approx(cp(one(), "25 mg/h for 4 h iv"))


BOTH = pytest.mark.parametrize("backend", ["numpy", "compiled"])


@BOTH
def test_many_are_each_as_alone(backend):
    model, dose = knowledge.model("simons_2022"), parse("50 mg sl esketamine then after 3 h 20 mg over 20 min iv")
    etas = {
        "d_mucosa": np.array([-0.4, 0.0, 0.5]),
        "cl": np.array([0.2, 0.0, -0.3]),
        "f_mucosa": np.array([0.1, 0, -0.1]),
    }
    weights = np.array([50.0, 70.0, 95.0])
    many = solve_many(
        model, dose, T, weight_kg=weights, etas=etas, backend=backend, effect_sites={"x": EffectSite(5.0)}
    )
    for p in range(3):
        alone = solve(model, dose, T, weight_kg=weights[p], etas={n: float(e[p]) for n, e in etas.items()},
                      analytes=["ketamine"], effect_sites={"x": EffectSite(5.0)})  # fmt: skip
        assert many.cp_ng_per_ml[p] == pytest.approx(alone.cp_ng_per_ml, rel=1e-9, abs=1e-9)
        assert many.effect_sites["x"][p] == pytest.approx(alone.effect_sites["x"], rel=1e-9, abs=1e-9)


@BOTH
def test_some_of_many_need_the_exponential(backend):
    routes = {"po": Route("po", (Part("central", absorption="ka"),))}
    ka = np.array([0.1, 0.2, 0.2 * (1 + 1e-9), 5.0])
    answer = solve_many(one(routes, ka=1.0), parse("35 mg po"), T, parameters={"ka": ka}, backend=backend)
    assert answer.status.sentence.endswith("matrix exponential for 2 of 4 people, whose rates coincide.")
    assert answer.status.method == "modes"
    assert answer.cp_ng_per_ml[1] == pytest.approx(1000 * 0.2 * T * np.exp(-0.2 * T), rel=1e-9)
    assert answer.cp_ng_per_ml[3] == pytest.approx(1000 * bateman(T, 5.0), abs=1e-9)
    all_of_them = solve_many(
        one(routes, ka=0.2), parse("35 mg po"), T, weight_kg=np.array([50.0, 60.0]), backend=backend
    )
    assert all_of_them.status.method == "exponential"
    assert bands(one(routes, ka=0.2), parse("35 mg po"), T, backend=backend).status.method == "exponential"


@BOTH
def test_bands_are_numpys_quantiles(backend):
    rng = np.random.default_rng(3)
    etas, q = {"cl": 0.4 * rng.standard_normal(201), "v": 0.3 * rng.standard_normal(201)}, (0.0, 0.025, 0.5, 0.9, 1.0)
    dose = parse("20 mg/h for 3 h iv then after 1 h 10 mg iv")
    curves = solve_many(one(), dose, T, etas=etas, backend=backend).cp_ng_per_ml
    found = bands(one(), dose, T, etas=etas, quantiles=q, backend=backend)
    assert found.people == 201
    assert found.curves["ketamine"] == pytest.approx(np.quantile(curves, q, axis=0), rel=1e-13)


def test_bands_go_through_stretches_of_time(monkeypatch):
    monkeypatch.setattr(band, "_HELD", 50)
    etas = {"cl": np.linspace(-0.5, 0.5, 20)}
    found = bands(one(), parse("20 mg iv"), T, etas=etas, backend="numpy")
    whole = solve_many(one(), parse("20 mg iv"), T, etas=etas, backend="numpy").cp_ng_per_ml
    assert found.curves["ketamine"] == pytest.approx(np.quantile(whole, (0.1, 0.5, 0.9), axis=0))


@BOTH
def test_into_the_callers_memory(backend):
    weights = np.array([50.0, 70.0])
    expected = solve_many(one(), parse("1 mg/kg iv"), T, weight_kg=weights, backend=backend).cp_ng_per_ml
    for shape, dtype, near in (((2, 49), np.float64, 1e-15), ((1, 2, 49), np.float32, 1e-6)):
        out = np.zeros(shape, dtype)
        answer = solve_many(one(), parse("1 mg/kg iv"), T, weight_kg=weights, out=out, backend=backend)
        assert np.shares_memory(answer.cp_ng_per_ml, out)
        assert out.reshape(2, 49) == pytest.approx(expected, rel=near)
    assert solve_many(one(), parse("1 mg iv"), T, dtype=np.float32, backend=backend).cp_ng_per_ml.dtype == np.float32


def test_auto_depends_on_the_size_alone(monkeypatch):
    assert engine.backend_for(engine.COMPILED_FROM - 1, "auto") == "numpy"
    assert engine.backend_for(engine.COMPILED_FROM, "auto") == "compiled"
    assert engine.backend_for(1, "compiled") == "compiled"
    monkeypatch.setattr(engine, "_CHUNK", 100)
    etas = {"cl": np.linspace(-0.5, 0.5, 9)}
    small = solve_many(one(), parse("20 mg iv"), T, etas=etas).cp_ng_per_ml
    monkeypatch.undo()
    assert np.array_equal(small, solve_many(one(), parse("20 mg iv"), T, etas=etas).cp_ng_per_ml)


def test_nothing_before_the_first_input_and_a_reading_on_it():
    assert cp(one(), "35 mg iv", times=[-1.0, 0.0]) == pytest.approx([0.0, 1000.0])
    late = parse("35 mg over 1 h iv").inputs()
    assert late[0].start_h == 0
    system, schedule = (
        System(("a",), ("a",), -np.full((1, 1, 1), 0.2), np.ones((1, 1, 1))),
        build([Piece("a", 5.0, amount=1.0)]),
    )
    for curves in (exponential.propagate(system, schedule, T), ode.propagate(system, schedule, T)):
        assert curves[0, 0] == pytest.approx(decay(T - 5), abs=1e-12)


def test_one_person_needs_neither_numba_nor_scipy():
    code = (
        "import sys; from surcease import knowledge; from surcease.pkpd.regimen import parse;"
        "from surcease.pkpd.solve import solve;"
        "solve(knowledge.model('kamp_2020'), parse('1 mg iv'), [1.0]);"
        "print([m for m in ('numba', 'scipy', 'django') if m in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
