"""Matrix, schedule, exponential and ODE of linear systems: by hand where a hand suffices, by closed forms elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from surcease.pkpd import exponential, modal, ode
from surcease.pkpd.individual import individual
from surcease.pkpd.model import Analyte, Covariate, Flow, Model, Parameter, Part, Population, Route
from surcease.pkpd.regimen import parse
from surcease.pkpd.schedule import Piece, build
from surcease.pkpd.solve import as_times, equations, solve
from surcease.pkpd.system import EffectSite, System, assemble, depot_name, flow_rate

T = np.array([0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 3.0, 4.5, 7.0])
VALUES = {"cl": 6.0, "v": 30.0, "q": 3.0, "v2": 60.0, "km": 2.0, "mtt": 4.0, "share": 0.8, "ka": 1.5, "k": 0.25}


def model(flows, routes=None, analytes=None, **more) -> Model:
    return Model(
        id="some", title="", substance="any", site="venous", population=Population(""), citation="", source="",
        grade="", parameters={n: Parameter(n, x, "") for n, x in VALUES.items()}, flows=tuple(flows),
        routes=routes or {"iv": Route("iv", (Part("central"),))},
        analytes=analytes or {"drug": Analyte("drug", "central", "v")}, **more,
    )  # fmt: skip


TWO = (
    Flow("central", "out", clearance="cl", volume="v"), Flow("central", "deep", clearance="q", volume="v"),
    Flow("deep", "central", clearance="q", volume="v2"),
)  # fmt: skip
CHAIN = (
    *TWO, Flow("central", "more", mean_time="mtt", stages=2, yields="share"), Flow("more", "out", rate="k"),
    Flow("elsewhere", "out", rate="k"),
)  # fmt: skip
BOTH = {"drug": Analyte("drug", "central", "v"), "more": Analyte("more", "more", "v2", 0.9)}
PO = {"po": Route("po", (Part("central", fraction=("share",)), Part("deep", absorption="ka")))}


def one(rate: float = 0.4) -> System:
    return System(("a",), ("a",), np.array([[[-rate]]]), np.ones((1, 1, 1)))


def test_the_matrix_of_two_compartments():
    system = assemble(model(TWO), VALUES, routes=["iv"], analytes=["drug"])
    assert system.states == ("central", "deep")
    assert system.outputs == ("drug",)
    assert system.matrix[0] == pytest.approx(np.array([[-0.3, 0.05], [0.1, -0.05]]))
    assert system.read[0] == pytest.approx(np.array([[1000 / 30, 0.0]]))
    assert (system.people, system.saturable) == (1, ())


def test_the_matrix_of_a_delay_a_depot_and_an_effect_site():
    sites = {"pain": EffectSite(2.0), "late": EffectSite(0.5, "more")}
    system = assemble(model(CHAIN, PO, BOTH), VALUES, routes=["po"], analytes=["drug", "more"], effect_sites=sites)
    at = {name: i for i, name in enumerate(system.states)}
    assert set(at) == {"central", "deep", "central to more 1", "more", "po depot 2", "effect pain", "effect late"}
    expected = np.zeros((7, 7))
    for source, target, rate in (
        ("central", "deep", 0.1), ("deep", "central", 0.05), ("central", "central to more 1", 0.5),
        ("central to more 1", "more", 0.8 * 0.5), ("po depot 2", "deep", 1.5),
        ("central", "effect pain", 2.0 * 1000 / 30), ("more", "effect late", 0.5 * 900 / 60),
    ):  # fmt: skip
        expected[at[target], at[source]] = rate
    leaving = {"central": 0.2 + 0.1 + 0.5, "deep": 0.05, "central to more 1": 0.5, "more": 0.25, "po depot 2": 1.5,
               "effect pain": 2.0, "effect late": 0.5}  # fmt: skip
    for name, rate in leaving.items():
        expected[at[name], at[name]] = -rate
    assert system.matrix[0] == pytest.approx(expected)
    read = np.zeros((4, 7))
    read[0, at["central"]], read[1, at["more"]] = 1000 / 30, 900 / 60
    read[2, at["effect pain"]] = read[3, at["effect late"]] = 1.0
    assert system.read[0] == pytest.approx(read)
    assert system.outputs == ("drug", "more", "pain", "late")


def test_what_saturates_stays_out_of_the_matrix():
    flows = (Flow("central", "more", clearance="cl", volume="v", km="km"), Flow("more", "out", rate="k"))
    system = assemble(model(flows, analytes=BOTH), VALUES, routes=["iv"], analytes=["drug", "more"])
    assert system.matrix[0] == pytest.approx(np.array([[0.0, 0.0], [0.0, -0.25]]))
    (only,) = system.saturable
    assert (only.source, only.target, only.rate_per_h, only.half_mg) == (0, 1, 0.2, 60.0)
    (alone,) = assemble(model(flows), VALUES, routes=["iv"], analytes=["drug"]).saturable
    assert alone.target is None


def test_rates_of_people_who_differ():
    values = {**VALUES, "cl": np.array([6.0, 3.0]), "v2": np.array([60.0, 30.0])}
    system = assemble(model(TWO), values, routes=["iv"], analytes=["drug"])
    assert system.matrix[:, 0, 0] == pytest.approx([-0.3, -0.2])
    assert system.matrix[:, 0, 1] == pytest.approx([0.05, 0.1])
    assert (system.people, len(system.read)) == (2, 1)
    wide = assemble(model(TWO), {**VALUES, "v": np.array([30.0, 60.0])}, routes=["iv"], analytes=["drug"])
    assert wide.read[:, 0, 0] == pytest.approx([1000 / 30, 1000 / 60])


def test_three_ways_to_say_a_rate():
    assert flow_rate(Flow("a", "b", rate="k"), VALUES) == 0.25
    assert flow_rate(Flow("a", "b", clearance="cl", volume="v"), VALUES) == 0.2
    assert flow_rate(Flow("a", "b", mean_time="mtt", stages=3), VALUES) == 0.75
    assert [depot_name("in", 0), depot_name("po", 1)] == ["in depot 1", "po depot 2"]


PIECES = (
    Piece("a", 0.5, end_h=3.0, rate=1.0, to_rate=6.0), Piece("b", 1.0, amount=2.0), Piece("a", 1.0, amount=4.0),
    Piece("a", 1.0, amount=0.5), Piece("b", 1.0, end_h=4.0, rate=3.0, to_rate=3.0),
)  # fmt: skip


def check(schedule, rows=slice(None)):
    assert schedule.channels == ("a", "b")
    assert schedule.times[rows][0].tolist() == [0.5, 1.0, 3.0, 4.0]
    assert schedule.jumps[rows][0].tolist() == [[0, 0], [4.5, 2], [0, 0], [0, 0]]
    assert schedule.rates[rows][0].tolist() == [[1, 0], [2, 3], [0, 3], [0, 0]]
    assert schedule.slopes[rows][0].tolist() == [[2, 0], [2, 0], [0, 0], [0, 0]]


def test_a_schedule_for_everybody():
    check(build(PIECES))
    assert build(PIECES[1:]).slopes is None
    doubled = build([Piece("a", 0.0, end_h=2.0, rate=np.array([1.0, 3.0]), to_rate=np.array([1.0, 3.0]))])
    assert doubled.rates[:, :, 0].tolist() == [[1, 0], [3, 0]]
    assert len(doubled.times) == 1


def test_a_schedule_with_a_time_of_each_person():
    late = Piece("b", np.array([1.0, 2.0]), amount=2.0)
    schedule = build([PIECES[0], late, *PIECES[2:]])
    assert schedule.times.tolist() == [[0.5, 1.0, 1.0, 3.0, 4.0], [0.5, 1.0, 2.0, 3.0, 4.0]]
    assert schedule.jumps[:, :, 1].tolist() == [[0, 2, 0, 0, 0], [0, 0, 2, 0, 0]]
    assert schedule.jumps[0, :, 0].tolist() == [0, 4.5, 0, 0, 0]
    assert schedule.rates[1].tolist() == [[1, 0], [2, 3], [4, 3], [0, 3], [0, 0]]
    assert schedule.slopes[1, :, 0].tolist() == [2, 2, 2, 0, 0]


def ramped(t, rate=0.4):
    """One compartment under 2 mg at 1 h, and 1 to 4 mg/h from 1.5 to 3 h: the integrals by hand."""
    since = np.clip(t - 1.5, 0.0, 1.5)
    filled = (1 - np.exp(-rate * since)) / rate
    held = filled + 2.0 * (since - filled) / rate
    bolus = np.where(t >= 1, 2 * np.exp(-rate * np.maximum(t - 1, 0)), 0.0)
    return bolus + held * np.exp(-rate * np.maximum(t - 3.0, 0))


RAMP = [Piece("a", 1.0, amount=2.0), Piece("a", 1.5, end_h=3.0, rate=1.0, to_rate=4.0)]


@pytest.mark.parametrize("by", [exponential, ode], ids=["exponential", "ode"])
@pytest.mark.parametrize("times", [T, np.linspace(0, 8, 33), np.array([2.9]), np.array([0.1, 0.7])], ids=len)
def test_a_bolus_and_a_ramp(by, times):
    assert by.propagate(one(), build(RAMP), times)[0, 0] == pytest.approx(ramped(times), abs=1e-12)


def test_a_bolus_and_a_ramp_by_modes():
    modes = modal.decompose(one(), ("a",))
    assert modal.propagate(modes, build(RAMP), T)[0, 0] == pytest.approx(ramped(T), abs=1e-14)


def test_the_exponential_of_people_who_differ():
    system = System(("a",), ("a",), np.array([[[-0.4]], [[-0.1]]]), np.ones((1, 1, 1)))
    moved = build([RAMP[0], Piece("a", 1.5, end_h=np.array([3.0, 3.0]), rate=1.0, to_rate=4.0)])
    for schedule in (build(RAMP), moved):
        found = exponential.propagate(system, schedule, T)
        assert found[:, 0] == pytest.approx(np.stack([ramped(T), ramped(T, 0.1)]), abs=1e-13)
    apart = build([Piece("a", np.array([0.5, 1.0]), amount=np.array([1.0, 3.0]))])
    found = exponential.propagate(system, apart, T)[:, 0]
    assert found[0] == pytest.approx(np.where(T >= 0.5, np.exp(-0.4 * (T - 0.5)), 0))
    assert found[1] == pytest.approx(np.where(T >= 1.0, 3 * np.exp(-0.1 * (T - 1.0)), 0))


def test_the_exponential_computes_each_step_once(monkeypatch):
    import scipy.linalg

    seen = []
    whole = scipy.linalg.expm
    monkeypatch.setattr(scipy.linalg, "expm", lambda a: seen.append(a) or whole(a))
    exponential.propagate(one(), build(RAMP[:1]), np.arange(50) * 0.25)
    assert len(seen) == 2  # the wait from the bolus to its reading, and the step of the grid


@pytest.mark.parametrize("by", [exponential, ode], ids=["exponential", "ode"])
def test_two_channels_and_two_outputs(by):
    matrix = np.array([[[-0.6, 0.0], [0.2, -0.1]]])
    system = System(("a", "b"), ("b", "both"), matrix, np.array([[[0.0, 1.0], [1.0, 1.0]]]))
    schedule = build([Piece("a", 0.0, amount=5.0), Piece("b", 1.0, end_h=2.0, rate=3.0, to_rate=3.0)])
    a = 5 * np.exp(-0.6 * T)
    held = np.clip(T - 1, 0, 1)
    b = 2 * (np.exp(-0.1 * T) - np.exp(-0.6 * T)) + 30 * (1 - np.exp(-0.1 * held)) * np.exp(-0.1 * np.maximum(T - 2, 0))
    assert by.propagate(system, schedule, T)[0] == pytest.approx(np.stack([b, a + b]), abs=1e-11)


def test_ramps_of_several_people_by_modes():
    """Modes of each person, with one schedule and with one of each."""
    system = System(("a",), ("a",), np.array([[[-0.4]], [[-0.1]]]), np.ones((1, 1, 1)))
    modes = modal.decompose(system, ("a",))
    assert modal.propagate(modes, build(RAMP), T)[:, 0] == pytest.approx(np.stack([ramped(T), ramped(T, 0.1)]))
    apart = build([Piece("a", np.array([0.5, 1.0]), amount=np.array([1.0, 3.0]))])
    assert modal.propagate(modes, apart, T)[1, 0] == pytest.approx(np.where(T >= 1, 3 * np.exp(-0.1 * (T - 1)), 0))


DOSE = parse("10 mg iv esketamine")


@pytest.mark.parametrize(
    ("method", "named", "exact", "sentence"),
    [
        ("auto", "modes", True, "Exact: sums of exponentials."),
        ("modes", "modes", True, "Exact: sums of exponentials."),
        ("exponential", "exponential", True, "Exact: matrix exponential."),
        ("ode", "ode", False, "Solved by adaptive steps, relative tolerance 1e-12."),
    ],
)  # fmt: skip
def test_a_solution_says_how_it_was_found(method, named, exact, sentence):
    answer = solve(model(TWO), DOSE, T, method=method)
    assert (answer.status.method, answer.status.exact, answer.status.sentence) == (named, exact, sentence)
    k = np.sort(np.linalg.eigvals(np.array([[-0.3, 0.05], [0.1, -0.05]])))  # by the two-compartment formula
    fast, slow = -k
    expected = (10e3 / 30) * ((fast - 0.05) * np.exp(-fast * T) - (slow - 0.05) * np.exp(-slow * T)) / (fast - slow)
    assert answer.cp_ng_per_ml == pytest.approx(expected, rel=1e-9)


def test_equal_rates_are_said():
    routes = {"po": Route("po", (Part("central", absorption="k"),))}
    same = model((Flow("central", "out", rate="k"),), routes)
    answer = solve(same, parse("10 mg po"), T)
    assert answer.status.sentence == "Exact: matrix exponential, because rates coincide."
    assert answer.cp_ng_per_ml == pytest.approx(1e4 / 30 * 0.25 * T * np.exp(-0.25 * T))
    with pytest.raises(ValueError, match=r"^The rates of this model are too close for its modes: use method='auto'\.$"):
        solve(same, parse("10 mg po"), T, method="modes")


def test_what_a_solution_carries():
    old = model(
        TWO, limits=("Read with care.",), covariates=(Covariate("cl", "age_years", above=60, add_per_unit=-0.1),)
    )
    answer = solve(old, parse("10 mg iv"), T, known={"age_years": 80}, effect_sites={"pain": EffectSite(2.0)})
    assert (answer.model, list(answer.concentrations), list(answer.effect_sites)) == ("some", ["drug"], ["pain"])
    assert answer.limits == ("Read with care.",)
    assert answer.assumptions == ("assumed racemic ketamine",)
    assert answer.times_h.tolist() == T.tolist()
    slower = solve(model(TWO), parse("10 mg iv"), T, parameters={"cl": 4.0}).cp_ng_per_ml
    assert answer.cp_ng_per_ml == pytest.approx(slower)
    assert solve(model(TWO), parse("10 mg iv"), T, etas={"cl": np.log(4 / 6)}).cp_ng_per_ml == pytest.approx(slower)
    few = solve(model(CHAIN, analytes=BOTH), parse("10 mg iv"), T, analytes=["more"])
    assert list(few.concentrations) == ["more"]
    assert (few.cp_ng_per_ml >= 0).all()


def test_a_weight_scales_dose_and_limits():
    found = solve(model(TWO), parse("0.1 mg/kg iv"), [0.0], weight_kg=50.0)
    assert found.cp_ng_per_ml == pytest.approx([5e3 / 30])
    narrow = model(TWO)
    object.__setattr__(narrow, "population", Population("", weight_kg=(60.0, 90.0), age_years=(18.0, 60.0)))
    said = solve(narrow, parse("5 mg iv"), [0.0], weight_kg=50.0, known={"age_years": 70}).limits
    assert said == (
        "Outside the people it was fitted on: weight there was 60 to 90 kg.",
        "Outside the people it was fitted on: age there was 18 to 60 years.",
    )


def test_what_is_refused():
    with pytest.raises(ValueError, match=r"^some does not describe 'other': it has drug, more\.$"):
        solve(model(CHAIN, analytes=BOTH), DOSE, T, analytes=["other"])
    for wrong in ([], [[1.0]], [1.0, np.nan], [2.0, 1.0]):
        with pytest.raises(ValueError, match=r"^The times must be one ascending list of finite hours, for example"):
            as_times(wrong)
    assert as_times([1, 1, 2]).tolist() == [1.0, 1.0, 2.0]


def test_deliveries_to_states_that_nobody_reads_are_left_out():
    routes = {"po": Route("po", (Part("central", fraction=("share",)), Part("aside", absorption="ka")))}
    system, schedule = equations(model(TWO, routes), parse("10 mg po"), individual(model(TWO)), weight_kg=70,
                                 analytes=("drug",))  # fmt: skip
    assert schedule.channels == ("central",)
    assert "aside" not in system.states
    assert schedule.jumps.tolist() == [[[8.0]]]
