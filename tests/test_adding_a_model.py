"""The worked example of the documentation, a model in two files, is a model like the others."""

import importlib

import numpy as np
import pytest
from conformance import (
    boltzmann,
    chi_square_p,
    final_configurations,
    state_numbers,
)

import montecarlo
import phase_diagrams
import theory
from hebbian import Dense, Model, Supervised, draw
from montecarlo.backend import resolve
from montecarlo.dynamics import SITE_ORDERS
from theory.conventions import finite_size_factor

SCHEDULE = montecarlo.Schedule(warmup=60, sweeps=100)


@pytest.fixture(scope="module")
def Diluted(request):
    """The two files, known to this module alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(request.config.rootpath / "docs" / "examples"))
        kind = importlib.import_module("diluted_network").Diluted
        importlib.import_module("diluted_theory")
        yield kind
    Model.kinds.pop("diluted", None)


@pytest.mark.parametrize("order", [3, 4, 5])
def test_capacity_falls_with_the_power_of_full_entries(Diluted, order):
    full = theory.critical_load(Dense(order=order))
    for d in (0.0, 0.25, 0.6):
        diluted = theory.critical_load(Diluted(order=order, dilution=d))
        assert diluted == pytest.approx((1 - d) ** (order - 2) * full, rel=1e-9)


def test_without_blanks_it_is_the_dense_network(Diluted):
    alpha, T = np.meshgrid([0.05, 0.2], [0.0, 0.3])
    ours, dense = (theory.solve(m, alpha=alpha, T=T) for m in (Diluted(order=4), Dense(order=4)))
    for name in ("m", "n", "q", "free_energy", "energy", "replicon"):
        np.testing.assert_array_equal(getattr(ours, name), getattr(dense, name))
    archetypes = draw(Dense(order=4), n_spins=8, alpha=0.2).archetypes
    ours, dense = (m.lower(archetypes, archetypes) for m in (Diluted(order=4), Dense(order=4)))
    assert (ours.order, ours.indices, ours.weight) == (dense.order, dense.indices, dense.weight)


@pytest.mark.parametrize("backend", ["numba", "reference"])
def test_chains_follow_boltzmann(Diluted, backend):
    memory = draw(Diluted(order=3, dilution=0.4), n_spins=6, alpha=0.3, seed=3).memory
    assert 0 in memory.rows
    n_chains, n_sweeps = (2000, 20) if backend == "numba" else (200, 5)
    final = final_configurations(
        resolve(backend), memory, 1.0,
        dynamics="glauber", order=SITE_ORDERS["sequential"], n_chains=n_chains, n_sweeps=n_sweeps,
    )  # fmt: skip
    counts = np.bincount(state_numbers(final), minlength=2**memory.n_spins)
    assert chi_square_p(counts, boltzmann(memory, 1.0)) > 1e-6


def test_theory_meets_simulation(Diluted):
    model, n_spins = Diluted(order=3, dilution=0.2), 200
    run = montecarlo.simulate(
        model, alpha=0.05, T=0.2, n_spins=n_spins, n_samples=16, seed=1, schedule=SCHEDULE
    )
    weaker = finite_size_factor(n_spins, order=3)
    s = theory.solve(model, alpha=0.05 / weaker, T=0.2 / weaker)
    # The archetype of a sample has 1 - d of its entries up to sqrt(d (1 - d) / N): the error bar.
    for seen, predicted in ((run.m, s.m), (run.q, s.q), (run.energy, weaker * s.energy)):
        assert abs(seen.mean - predicted) < 4 * seen.error
        assert seen.error < 0.02


def test_sweeps_and_comparisons_know_it(Diluted, tmp_path):
    tree = phase_diagrams.sweep(
        Diluted(order=3), {"dilution": [0.0, 0.2], "T": [0.1, 0.2], "alpha": 0.05},
        n_spins=40, n_samples=3, schedule=SCHEDULE, seed=1, out=tmp_path / "study.zarr",
    )  # fmt: skip
    assert tree["simulation/m"].dims == ("dilution", "T")
    assert (tree["simulation/status"] == 1).all()
    assert "disagrees" in phase_diagrams.compare(tree)
    again = phase_diagrams.open(tmp_path / "study.zarr")
    assert again["theory/m"].identical(tree["theory/m"])


def test_examples_are_refused(Diluted):
    with pytest.raises(ValueError, match=r"rule = Supervised\(.*stored, not learnt"):
        Diluted(order=3, rule=Supervised(quality=0.5, n_examples=3))
