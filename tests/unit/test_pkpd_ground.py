"""Under solve: modes and when there are none, schedules, and the memory that is used again."""

from __future__ import annotations

import numpy as np
import pytest

from surcease import knowledge
from surcease.pkpd import buffers, engine, modal, ode
from surcease.pkpd.model import Analyte, Flow, Model, Parameter, Part, Population, Route
from surcease.pkpd.person_pk import fit_levels, levels
from surcease.pkpd.regimen import parse
from surcease.pkpd.schedule import Piece, build
from surcease.pkpd.solve import solve
from surcease.pkpd.system import Saturable, System

T = np.linspace(0, 12, 49)


def test_compartments_in_a_ring_have_no_modes():
    """Flow round and round: complex rates; solved by the exponential."""
    ring = np.array([[[-1.0, 0.0, 0.9], [1.0, -1.0, 0.0], [0.0, 1.0, -1.0]]])
    system = System(("a", "b", "c"), ("a",), ring, np.eye(3)[None, :1])
    schedule = build([Piece("a", 0.0, amount=1.0)])
    assert modal.decompose(system, ("a",)) is None
    curves, others = engine.curves(system, schedule, T)
    compiled, _ = engine.curves(system, schedule, T, backend="compiled")
    assert others == 1
    assert curves[0, 0] == pytest.approx(ode.propagate(system, schedule, T)[0, 0], rel=1e-10)
    assert np.array_equal(curves, compiled)


def test_one_way_exchange_of_one_person_among_many():
    """Someone whose way back is closed cannot be made symmetric; the others can."""

    def two(back):
        return [[-1.0, back], [0.5, -back]]

    system = System(("a", "b"), ("a",), np.array([two(0.3), two(0.0), two(0.3)]), np.eye(2)[None, :1])
    modes = modal.decompose(system, ("a",))
    assert modes.sound.tolist() == [True, False, True]
    curves, others = engine.curves(system, build([Piece("a", 0.0, amount=1.0)]), T)
    assert others == 1
    assert curves[0, 1] == pytest.approx(np.exp(-T), rel=1e-9)


def test_schedules_of_different_people():
    """Breakpoints that differ between people, ramps, and pieces of no length."""
    pieces = [
        Piece("a", np.array([0.0, 1.0]), end_h=np.array([2.0, 1.0]), rate=1.0, to_rate=np.array([3.0, 5.0])),
        Piece("a", 0.5, amount=2.0), Piece("b", 0.5, amount=np.array([1.0, 0.0])),
    ]  # fmt: skip
    schedule = build(pieces)
    assert schedule.channels == ("a", "b")
    assert schedule.times.tolist() == [[0.0, 0.5, 2.0], [0.5, 1.0, 1.0]]
    assert schedule.jumps[:, :, 0].tolist() == [[0, 2, 0], [2, 0, 0]]
    assert schedule.rates[:, :, 0].tolist() == [[1, 1.5, 0], [0, 0, 0]]
    assert schedule.slopes[0, :, 0].tolist() == [1, 1, 0]


def test_memory_is_used_again_only_when_nobody_holds_it():
    shape = (1, 1000, 200)  # 1.6 MB
    first = buffers.empty(shape)
    first[:] = 1.0
    view, second = first[0, 10], buffers.empty(shape)
    assert not np.shares_memory(first, second)
    del first
    third = buffers.empty(shape)
    assert not np.shares_memory(third, view)
    assert view[0] == 1.0
    address = second.__array_interface__["data"][0]
    del second
    again = buffers.empty((1, 999, 200))
    assert again.__array_interface__["data"][0] == address
    assert buffers.empty((3, 3)).shape == (3, 3)


def test_memory_kept_has_a_limit(monkeypatch):
    monkeypatch.setattr(buffers, "MOST_BYTES", 3 << 20)
    held = [buffers.empty((1, 1, (2 << 20) // 8)) for _ in range(3)]
    assert sum(b.nbytes for b in buffers._kept) <= 3 << 20
    held[0][:] = 7.0
    assert not np.shares_memory(held[0], held[1])
    assert held[0][0, 0, 0] == 7.0
    assert buffers.empty((1, 1, 1 << 20)).nbytes == 8 << 20  # larger than the limit: not kept


def test_a_solver_that_cannot_go_on_says_where():
    """x' = x / (1 − x/100) from 60 mg reaches a wall in finite time."""
    wall = Saturable(0, None, -1.0, -100.0)
    system = System(("a",), ("a",), np.zeros((1, 1, 1)), np.ones((1, 1, 1)), (wall,))
    with pytest.raises(ArithmeticError, match=r"stopped at 0\.\d+ h"):
        ode.propagate(system, build([Piece("a", 0.0, amount=60.0)]), T)


def test_what_is_read_where_nothing_comes_is_zero():
    flows = (Flow("central", "out", rate="k"), Flow("apart", "out", rate="k"))
    analytes = {"drug": Analyte("drug", "central", "v"), "other": Analyte("other", "apart", "v")}
    model = Model(
        id="two", title="", substance="any", site="venous", population=Population(""), citation="", source="",
        grade="", parameters={"k": Parameter("k", 0.5, ""), "v": Parameter("v", 10.0, "")}, flows=flows,
        routes={"iv": Route("iv", (Part("central"),))}, analytes=analytes,
    )  # fmt: skip
    found = solve(model, parse("10 mg iv"), T).concentrations
    assert found["drug"] == pytest.approx(1000 * np.exp(-0.5 * T))
    assert (found["other"] == 0).all()
    assert not model.borrowed
    with pytest.raises(ValueError, match="no variability between people"):
        fit_levels(model, parse("10 mg iv"), levels([1.0], [500.0]))


def test_a_model_says_that_it_borrows():
    assert knowledge.model("kamp_2020").borrowed
