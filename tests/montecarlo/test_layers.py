"""Assemblies: fields by layer, exact laws, the same bits in every kernel, batch and form."""

import dataclasses
import itertools
import math
import re

import numpy as np
import pytest
from conformance import of_bits

import montecarlo
from hebbian import BAM, TAM, Assembly, Hopfield, Supervised, Unsupervised, draw, streams
from hebbian.testing import check_model
from montecarlo import Schedule
from montecarlo.backend import resolve
from montecarlo.dynamics import DYNAMICS, SEQUENTIAL
from montecarlo.kernels.parallel import heat_bath, rows_by_layer, steps
from montecarlo.kernels.shared import reference
from montecarlo.kernels.single import couplings, forms, layered
from montecarlo.testing import (
    P_VALUE,
    all_configurations,
    boltzmann,
    boltzmann_p,
    parallel_fields,
    parallel_law,
    parallel_p,
)

#: Integers and fractions, a diagonal that is negative, layers of any size, rows of sums.
FRACTIONS = Assembly(
    couplings=((-0.5, 0.3, -0.7), (0.3, 0.25, 0.1), (-0.7, 0.1, 0)), sizes=(2, 3, 4)
)
ROUNDED = Assembly(couplings=((0, math.pi, 0), (math.pi, 0, -1), (0, -1, 0)))
MODELS = [BAM(), TAM(sizes=(1, 2, 1)), FRACTIONS, ROUNDED]
MODELS += [BAM((1, 2), rule=rule(quality=0.7, n_examples=3)) for rule in (Supervised, Unsupervised)]
every_model = pytest.mark.parametrize(
    "model", MODELS, ids=[f"{m.n_layers}-{k}" for k, m in enumerate(MODELS)]
)
SMALL = {
    "alpha": 0.2,
    "n_spins": 29,
    "n_samples": 2,
    "schedule": Schedule(warmup=1, sweeps=6, stride=2),
}


def moves_of(model):
    return ("parallel", "layers") if model.layered else ("parallel",)


def written_energy(model, archetypes, s):
    """-(Nbar/2) sum G g g m m of every pattern, less the spins' interaction with themselves."""
    sizes = np.array(model.layers(len(s)))
    mean = np.exp(np.log(sizes).mean())
    ends = np.cumsum([0, *sizes])
    total = 0.0
    for xi in archetypes:
        M = np.array([xi[a:b] @ s[a:b].astype(float) for a, b in itertools.pairwise(ends)])
        total += (M @ model.matrix @ M - np.diagonal(model.matrix) @ sizes) / 2 / mean
    return -total


def advance(memory, dynamics, starts, T, n_sweeps=4):
    kernel, n = resolve("numba", dynamics), memory.n_spins
    keys = np.array([streams.key(1, "dynamics", chain=c) for c in range(len(starts))])
    network = kernel.lower(memory)
    state = kernel.prepare(network, starts)
    spins, energies = (
        np.empty((len(starts), n_sweeps, n), np.int8),
        np.empty((len(starts), n_sweeps)),
    )
    flips = kernel.run(
        network, state, keys, T, DYNAMICS[dynamics].move, 2**32 - 2, n_sweeps, 1, spins, energies
    )
    return flips, spins, energies, kernel.period(network, state)


@every_model
def test_spins_are_those_of_the_reference(model):
    memory = draw(model, n_spins=11, alpha=0.9, seed=4).memory
    starts = np.random.default_rng(0).choice(np.array([-1, 1], np.int8), (3, 11))
    for dynamics in moves_of(model):
        move = DYNAMICS[dynamics].move
        fields = [reference.parallel_field(memory, starts[0], i, move) for i in range(11)]
        T = np.abs(fields).max() * np.array([0.0, 0.5, 3.0])
        flips, snapshots, energies, period = advance(memory, dynamics, starts, T)
        for c in range(3):
            state, key = reference.prepare(memory, starts[c]), streams.key(1, "dynamics", chain=c)
            spins, energy = np.empty((4, 11), np.int8), np.empty(4)
            expected = reference.run(memory, state, key, T[c], move, 2**32 - 2, 4, 1, spins, energy)
            np.testing.assert_array_equal(snapshots[c], spins)
            np.testing.assert_allclose(energies[c], energy, rtol=1e-11, atol=1e-11)
            assert flips[c] == expected
            assert period[c] == reference.period(memory, state, move)


@of_bits
@pytest.mark.parametrize(
    ("sizes", "n_rows"),
    [
        ((7, 130, 63), 170),
        *(pytest.param((65, 66, 69), n, marks=pytest.mark.heavy) for n in (5, 170)),
        pytest.param((7, 130, 63), 5, marks=pytest.mark.heavy),
    ],
)
def test_bits_and_floats_and_the_definition_agree(sizes, n_rows, monkeypatch):
    """Layers that begin within a word; whole tiles and blocks, and parts of them."""
    model, n = dataclasses.replace(TAM(), sizes=sizes), sum(sizes)
    memory = draw(model, n_spins=n, alpha=n_rows / model.mean_size(n), seed=1).memory
    assert memory.n_rows == n_rows
    starts = np.random.default_rng(1).choice(np.array([-1, 1], np.int8), (9, n))
    T = np.resize([0.0, 0.4, 5.0], 9)
    for dynamics in ("layers", "parallel"):
        found = []
        for present in (True, False):
            monkeypatch.setattr(rows_by_layer, "available", lambda present=present: present)
            assert steps.lower(memory).rows.as_bits == present
            found.append(advance(memory, dynamics, starts, T))
        for a, b in zip(*found, strict=True):
            np.testing.assert_array_equal(a, b)
        spins, energies = found[0][1:3]
        exact = [memory.energy(s) for s in spins[:, -1]]
        np.testing.assert_allclose(energies[:, -1], exact, rtol=1e-12)
    # One sweep of layer after layer, from products of the rows.
    _, spins, _, _ = advance(memory, "layers", starts, T, n_sweeps=1)
    s, rows = starts.astype(np.int64), memory.rows.astype(np.int64)
    for sites in memory.layer_slices:
        others = s.copy()
        others[:, sites] = 0
        h = memory.weight * (others @ rows.T @ rows)[:, sites]
        for c in range(9):
            u = reference._words(streams.key(1, "dynamics", chain=c), 2**32 - 2, n, 0)[sites]
            x = np.log((u + 0.5) / (2.0**32 - u - 0.5))
            s[c, sites] = np.where(np.where(h[c] == 0, u < 2**31, h[c] > 0.5 * T[c] * x), 1, -1)
    np.testing.assert_array_equal(spins[:, 0], s)


@pytest.mark.parametrize(
    "model",
    [MODELS[0], *(pytest.param(m, marks=pytest.mark.heavy) for m in MODELS[1:])],
    ids=lambda model: f"{model.couplings}-{model.rule!r}",
)
def test_one_configuration_per_chain_follows_boltzmann(model):
    memory = draw(model, n_spins=9, alpha=0.6, seed=3).memory
    assert boltzmann_p(memory, "glauber", "random") > P_VALUE
    if model.layered:
        assert boltzmann_p(memory, "layers", "sequential") > P_VALUE
    assert parallel_p(memory) > P_VALUE


@pytest.mark.heavy
def test_the_reference_samples_both_laws():
    memory = draw(TAM(), n_spins=5, alpha=1.0, seed=3).memory
    assert boltzmann_p(memory, "layers", "sequential", "reference") > P_VALUE
    assert parallel_p(memory, "reference") > P_VALUE


def test_the_law_of_all_layers_at_once_is_not_that_of_layer_after_layer():
    """Peretto (1984), and a chi-square with the power to tell one from the other."""
    memory, n = draw(BAM((1, 2)), n_spins=8, alpha=0.6, seed=5).memory, 8
    J = memory.weight * memory.rows.T.astype(float) @ memory.rows
    own = np.repeat([0, 1], memory.layers)
    J[own[:, None] == own] = 0
    fields = all_configurations(n) @ J
    np.testing.assert_allclose(parallel_fields(memory), fields, atol=1e-13)
    T = max(1.0, 0.7 * float(np.abs(fields).max()))
    weights = np.prod(2 * np.cosh(fields / T), axis=1)
    np.testing.assert_allclose(parallel_law(fields, T), weights / weights.sum(), rtol=1e-9)
    distance = np.abs(parallel_law(fields, T) - boltzmann(memory, T)).sum()
    assert distance > 0.05


@every_model
def test_energies_are_those_written_by_layer(model):
    data = draw(model, n_spins=23, alpha=0.4, seed=2)
    s = np.random.default_rng(3).choice(np.array([-1, 1], np.int8), (1, 23))
    _, spins, energies, _ = advance(data.memory, "parallel", s, np.full(1, 1.0))
    for k in range(4):
        assert energies[0, k] == pytest.approx(data.memory.energy(spins[0, k]), rel=1e-12)
        if not model.rule.has_examples:
            tolerance = 1e-5 if model is ROUNDED else 1e-12
            expected = written_energy(model, data.archetypes, spins[0, k])
            assert energies[0, k] == pytest.approx(expected, rel=tolerance, abs=tolerance)


@pytest.mark.parametrize("dynamics", ["layers", "parallel"])
def test_bits_depend_neither_on_threads_nor_on_batches(dynamics):
    how = {**SMALL, "T": [0.0, 0.5], "n_replicas": 3, "dynamics": dynamics}
    whole = montecarlo.simulate(TAM(), **how, n_threads=1)
    for changes in ({"n_threads": 5}, {"backend": "reference"}):
        other = montecarlo.simulate(TAM(), **how, **changes)
        np.testing.assert_array_equal(whole.last, other.last)
        np.testing.assert_allclose(whole.series["energy"], other.series["energy"], rtol=1e-12)
    few = montecarlo.simulate(TAM(), **{**how, "n_replicas": 2, "T": 0.5})
    np.testing.assert_array_equal(few.last, whole.last[1, :, :2])


def test_every_form_visits_the_same_spins():
    for model in (FRACTIONS, MODELS[-2]):
        data = draw(model, n_spins=150, alpha=0.5, seed=3)
        kernel, key, start = resolve("numba"), streams.key(1, "dynamics"), data.archetypes[0]
        found = []
        for form in ("layers", "couplings"):
            network = forms.lower(data.memory, form, 1.0)
            state = kernel.prepare(network, start)
            spins, energies = np.empty((3, 150), np.int8), np.empty(3)
            flips = kernel.run(network, state, key, 0.8, 0, 0, 3, 4, spins, energies, SEQUENTIAL)
            found.append((spins, energies, flips))
        assert found[0][2] == found[1][2] > 50
        np.testing.assert_array_equal(found[0][0], found[1][0])
        np.testing.assert_allclose(found[0][1], found[1][1], rtol=1e-13)
    assert list(forms.legal(data.memory)) == ["layers", "couplings"]


def test_large_networks_keep_no_couplings():
    memory = draw(BAM(), n_spins=9000, alpha=0.01, seed=1).memory
    assert forms.fastest(memory, 0.5) == "layers"
    assert forms.lower(memory, "auto", 0.5).value_type.dtype == np.int16
    rounded = draw(ROUNDED, n_spins=300, alpha=0.2, seed=1).memory
    with pytest.raises(couplings.TooLarge, match="use form = 'layers'"):
        forms.lower(rounded, "couplings", 0.5)
    network = forms.lower(rounded, "auto", 0.5)
    assert isinstance(network, layered.Layered)
    assert network.value_type.dtype == np.int32
    wide = dataclasses.replace(rounded, mixing=rounded.mixing << 9)
    assert forms.lower(wide, "auto", 0.5).value_type.dtype == np.int64


def test_values_that_32_bits_do_not_hold_are_left_to_floats(monkeypatch):
    monkeypatch.setattr(rows_by_layer, "available", lambda: True)
    memory = draw(ROUNDED, n_spins=300, alpha=0.2, seed=1).memory
    network = steps.lower(memory).rows
    assert not network.as_bits
    assert network.value_type is np.float64
    assert steps.lower(draw(BAM(), n_spins=300, alpha=0.2, seed=1).memory).rows.as_bits


def test_descent_layer_after_layer_never_rises_and_ends_at_rest():
    run = montecarlo.simulate(
        TAM(), alpha=0.3, T=0.0, n_spins=152, n_samples=3, n_replicas=4, start="random", seed=2,
        dynamics="layers", schedule=Schedule(warmup=0, sweeps=60, stride=1),
    )  # fmt: skip
    assert (np.diff(run.series["energy"], axis=-1) < 1e-12).all()
    assert run.fixed_point.all()
    still = montecarlo.simulate(
        TAM(), alpha=0.3, T=0.0, n_spins=152, n_samples=3, n_replicas=4, seed=2,
        start=run.last, dynamics="zero-temperature",
        schedule=Schedule(warmup=5, sweeps=1, stride=1),
    )  # fmt: skip
    np.testing.assert_array_equal(still.last, run.last)


def test_all_layers_at_once_have_cycles_of_two():
    """Two spins coupled across layers exchange their values for ever."""
    data = draw(BAM(), n_spins=2, alpha=0.5, seed=1)
    start = data.archetypes[0] * np.array([1, -1], np.int8)
    for dynamics, period in (("parallel", 2), ("layers", 0)):
        kernel = resolve("numba", dynamics)
        network = kernel.lower(data.memory)
        assert kernel.period(network, kernel.prepare(network, start[None])) == [period]


def test_replica_exchange_of_layers_samples_the_exact_energies():
    T = [0.7, 1.2, 2.0]
    run = montecarlo.temper(
        TAM(), alpha=1.0, T=T, n_spins=9, n_samples=1, n_replicas=4, dynamics="layers",
        seed=3, schedule=Schedule(warmup=100, sweeps=2000, stride=2),
    )  # fmt: skip
    memory = draw(TAM(), n_spins=9, alpha=1.0, seed=3).memory
    energies = np.array([memory.energy(s) for s in all_configurations(9)]) / 9
    for k, temperature in enumerate(T):
        exact = energies @ boltzmann(memory, temperature)
        error = run.thermal_error("energy")[k].max()
        assert abs(run.series["energy"][k].mean() - exact) < 4 * error + 5e-4


def test_every_decision_of_a_layer_is_that_of_the_logarithms():
    """Of a layer that begins within four words, across blocks of sites; close calls, too."""
    begin, n, T = 6, 2500, 0.5
    rng = np.random.default_rng(1)
    key = streams.key(1, "dynamics", chain=0)
    for sweep in range(8):
        u = reference._words(key, sweep, begin + n, 0)[begin:]
        level = 0.5 * T * np.log((u + 0.5) / (2.0**32 - u - 0.5))
        fields = np.where(
            np.arange(n) % 2, level + 1e-9 * rng.choice([-1, 1], n), rng.normal(size=n)
        )
        spins, flips = np.ones((1, begin + n + 3), np.float32), np.zeros(1, np.int64)
        heat_bath.draw_sites(
            spins, begin, begin + n, fields[None], np.zeros(1), np.zeros(spins.shape[1]), 1.0,
            np.array([T]), key[None], sweep, flips,
        )  # fmt: skip
        expected = fields > level
        np.testing.assert_array_equal(spins[0, begin : begin + n] > 0, expected)
        assert (spins[0, :begin] == 1).all()
        assert (spins[0, begin + n :] == 1).all()
        assert flips[0] == (~expected).sum()


def test_what_has_no_layers_is_refused():
    for model in (Hopfield(), FRACTIONS, Assembly(couplings=((1,),))):
        with pytest.raises(ValueError, match=re.escape(f"dynamics = 'layers': {model!r} is no ")):
            montecarlo.simulate(model, **SMALL, T=0.5, dynamics="layers")
    with pytest.raises(ValueError, match="'parallel', 'layers'"):
        montecarlo.simulate(BAM(), **SMALL, T=0.5, dynamics="plefka")
    with pytest.raises(ValueError, match="form = 'layers' is of the compiled CPU kernel"):
        montecarlo.simulate(BAM(), **SMALL, T=0.5, dynamics="layers", form="layers")


@pytest.mark.heavy
@pytest.mark.parametrize("model", [BAM(), TAM(sizes=(1, 2, 1)), FRACTIONS], ids=repr)
def test_they_keep_what_is_promised_of_a_model(model):
    def energy(data, spins):
        return written_energy(model, data.archetypes, spins)

    assert "as written" in check_model(model, energy=energy).found["energies"]
