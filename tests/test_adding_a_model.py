"""The worked examples of the documentation, models in two files, are models like the others."""

import importlib
import itertools
import math
import re
import sys

import device_emulator
import numpy as np
import pytest

import montecarlo
import phase_diagrams
import theory
from hebbian import Dense, Model, Multitasking, Supervised, draw
from hebbian.testing import check_model
from montecarlo import device
from theory.closure import equations
from theory.conventions import finite_size_factor
from theory.lines import LINES

SCHEDULE = montecarlo.Schedule(warmup=60, sweeps=100)


def example(request, name):
    """Yield the model of two files, known to this module alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(request.config.rootpath / "docs" / "examples"))
        known = set(LINES)
        kind = getattr(importlib.import_module(f"{name}_network"), name.title())
        importlib.import_module(f"{name}_theory")
        yield kind
    Model.kinds.pop(name, None)
    for line in set(LINES) - known:
        del LINES[line]
    for part in ("network", "theory"):
        sys.modules.pop(f"{name}_{part}", None)


@pytest.fixture(scope="module")
def Diluted(request):
    """A network with a load."""
    yield from example(request, "diluted")


@pytest.fixture(scope="module")
def Sharp(request):
    """A network that retrieves several patterns, without a load."""
    yield from example(request, "sharp")


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
    ours, dense = (m.lower(archetypes) for m in (Diluted(order=4), Dense(order=4)))
    assert (ours.order, ours.indices, ours.weight) == (dense.order, dense.indices, dense.weight)


def tuples(data, spins):
    """-(1/2) N^(1-P) times the sum over ordered tuples of P distinct sites."""
    P, N = data.model.order, data.n_spins
    terms = data.archetypes * spins.astype(int)
    distinct = itertools.combinations(range(N), P)
    total = sum(terms[:, list(sites)].prod(axis=1).sum() for sites in distinct)
    return -0.5 * math.factorial(P) * total / N ** (P - 1)


def powers(data, spins):
    """-(N/2) sum_mu m_mu^P."""
    m = data.archetypes @ spins.astype(float) / data.n_spins
    return -data.n_spins / 2 * (m**data.model.order).sum()


@pytest.mark.parametrize("order", [3, 4])
def test_they_keep_what_is_promised_of_a_model(Diluted, Sharp, order):
    diluted = Diluted(order=order, dilution=0.4)
    assert "as written" in check_model(diluted, energy=tuples).found["energies"]
    assert "as written" in check_model(Sharp(), energy=powers).found["energies"]
    with pytest.raises(AssertionError, match=re.escape(f"energies of {diluted!r}: H = ")):
        check_model(diluted, energy=powers)


@device_emulator.needed
def test_a_device_draws_what_they_draw(Diluted, Sharp, monkeypatch):
    device_emulator.install(monkeypatch)
    device_emulator.both(Diluted(order=3, dilution=0.3), alpha=0.05, T=[0.2, 0.9], n_spins=35)
    device_emulator.both(Sharp(), T=0.3, n_spins=35, start="hierarchical")
    device.name.cache_clear()


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


def test_without_a_load_pairs_are_the_multitasking_network(Sharp):
    T = [0.0, 0.1, 0.4, 0.68, 0.75]
    ours, known = (
        theory.solve(kind, T=T)
        for kind in (Sharp(order=2, n_patterns=3), Multitasking(n_patterns=3))
    )
    for name in ("m", "q", "energy", "free_energy"):
        np.testing.assert_allclose(getattr(ours, name), getattr(known, name), atol=1e-9)


def test_the_energy_is_a_derivative_of_the_free_energy(Sharp):
    T, step = 0.15, 1e-4
    f = theory.solve(Sharp(dilution=0.4), T=[T - step, T, T + step])
    assert f.m[1, 0] > 0.5
    entropy = (f.free_energy[0] - f.free_energy[2]) / (2 * step)
    assert f.free_energy[1] + T * entropy == pytest.approx(f.energy[1], abs=1e-8)


def test_a_line_of_its_own_is_where_retrieval_ends(Sharp):
    for d in (0.0, 0.3, 0.6):
        model = Sharp(dilution=d)
        (T,) = equations(model).line("one_pattern_temperature", np.array([d]))
        below, above = theory.solve(model, T=[0.999 * T, 1.001 * T]).m[:, 0]
        assert below > 0.85 * (1 - d)
        assert above == 0
    assert equations(Sharp(order=2)).line("one_pattern_temperature", np.array(0.3)) == 0.7
    with pytest.raises(ValueError, match="have no one pattern temperature"):
        equations(Multitasking()).line("one_pattern_temperature", np.array(0.3))


def test_sweeps_know_a_network_of_several_patterns(Sharp):
    tree = phase_diagrams.sweep(
        Sharp(), {"dilution": [0.1, 0.3, 0.5], "T": [0.02, 0.2, 0.3]},
        n_spins=400, n_samples=8, schedule=SCHEDULE, seed=2, start="hierarchical",
    )  # fmt: skip
    assert tree["theory/m"].dims == tree["simulation/m"].dims == ("dilution", "T", "pattern")
    assert not phase_diagrams.compare(tree)["disagrees"].any()
    names = {6: "pure", 5: "ergodic", 7: "hierarchical"}
    seen = [[names[code] for code in row] for row in tree["theory/phase"].values.tolist()]
    assert seen == [["pure"] * 3, ["pure"] * 2 + ["ergodic"], ["pure", "ergodic", "ergodic"]]
    assert phase_diagrams.figures.draw(tree, variable="phase").get_xlabel().startswith("dilution")


def test_a_notebook_shows_it(Diluted, Sharp):
    page = Diluted(order=3, dilution=0.25)._repr_html_()
    assert all(words in page for words in ("Diluted", "dilution", "$d$", "0.25", "load alpha"))
    assert "without a load" in Sharp()._repr_html_()
