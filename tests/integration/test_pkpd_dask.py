"""A population on a real cluster: two Dask worker processes on loopback give the same bits as one process."""

import os

import numpy as np
import pytest

from surcease.knowledge.library import load
from surcease.pkpd import population
from surcease.pkpd.population import bands, sample
from surcease.pkpd.regimen import parse

MODEL, GIVEN, TIMES = (
    load().model("kamp_2020"),
    parse("0.5 mg/kg over 40 min iv every 24 h x 3"),
    np.linspace(0, 72, 37),
)


@pytest.fixture(scope="module")
def cluster():
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
        ) as local,
        distributed.Client(local) as client,
    ):
        yield client


def test_two_worker_processes_give_the_same_bits(cluster, monkeypatch):
    monkeypatch.setattr(population, "_BLOCK", 250)
    monkeypatch.setattr(population, "_TOGETHER", 1000)
    with cluster.get_executor() as executor:
        curves = sample(MODEL, GIVEN, TIMES, people=1000, seed=7, executor=executor).cp_ng_per_ml
        seen = bands(MODEL, GIVEN, TIMES, people=1000, seed=7, executor=executor).curves["ketamine"]
    assert np.array_equal(curves, sample(MODEL, GIVEN, TIMES, people=1000, seed=7).cp_ng_per_ml)
    assert np.array_equal(seen, bands(MODEL, GIVEN, TIMES, people=1000, seed=7).curves["ketamine"])


def test_the_work_goes_to_two_processes_that_are_not_this_one(cluster):
    places = set(cluster.run(os.getpid).values())
    assert len(places) == 2
    assert os.getpid() not in places
