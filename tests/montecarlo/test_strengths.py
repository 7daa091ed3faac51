"""Rows of unequal strengths, and rows that are examples of a teacher: what kernels make of them."""

import numpy as np
import pytest

import montecarlo
from hebbian import (
    Dense,
    Hopfield,
    Memory,
    Supervised,
    TeacherStudent,
    draw,
    from_examples,
    streams,
)
from hebbian.strengths import BITS
from montecarlo import Schedule
from montecarlo.backend import resolve
from montecarlo.dynamics import DYNAMICS, SEQUENTIAL
from montecarlo.engine.checkpoint import Checkpoint
from montecarlo.kernels.shared import ranges
from montecarlo.kernels.shared.philox import njit
from montecarlo.kernels.single import forms, visits

KEY = streams.key(3, "dynamics")
NETWORKS = [
    (Hopfield(weights="zipf:1", rule=Supervised(quality=0.7, n_examples=3)), 0.3),
    (Dense(order=3, weights="palimpsest:4"), 0.2),
    (TeacherStudent(order=2, signal=1.5), 0.5),
]
SHORT = Schedule(warmup=4, sweeps=24, stride=4)


@njit
def compiled_field(network, state, i):
    return visits.field(network, state, i)


@njit
def compiled_flip(network, state, i):
    visits.flip(network, state, i)


def random_memory(n_spins, n_rows, order, *, entries=(-1, 1), strengths=None, indices="distinct"):
    rng = np.random.default_rng(n_rows)
    rows = rng.choice(np.array(entries, np.int8), (n_rows, n_spins))
    weight = float(n_spins) ** (1 - order) / (1 if strengths is None else int(strengths.max()))
    return Memory(rows=rows, order=order, indices=indices, weight=weight, strengths=strengths)


def advance(memory, dynamics, n_sweeps=8):
    """Spins and energy after some sweeps from a random start, and the form."""
    kernel, n_spins = resolve("numba", dynamics), memory.n_spins
    start = np.random.default_rng(5).choice(np.array([-1, 1], np.int8), n_spins)
    network, move = kernel.lower(memory), DYNAMICS[dynamics].move
    spins, energies = np.empty((1, n_spins), np.int8), np.empty(1)
    arguments = kernel.prepare(network, start), KEY, 0.7, move
    outcome = spins, energies
    if kernel.batched:
        arguments = kernel.prepare(network, start[None]), KEY[None], np.array([0.7]), move
        outcome = spins[None], energies[None]
    kernel.run(network, *arguments, 0, 1, n_sweeps, *outcome, SEQUENTIAL)
    return spins[0], energies[0], kernel.form_of(network)


@pytest.mark.parametrize("order", [2, 3, 4])
@pytest.mark.parametrize("entries", [(-1, 1), (-3, 1, 3)], ids=str)
@pytest.mark.parametrize("dynamics", ["metropolis", "parallel"])
def test_equal_strengths_are_none_and_rows_of_none_are_absent(order, entries, dynamics):
    """Strengths of a power of two are another unit of the weight, to the last bit."""
    plain = random_memory(60, 45, order, entries=entries)
    rows = np.concatenate([plain.rows, plain.rows[::-1]])
    strengths = np.repeat([2**20, 0], 45)
    strong = Memory(
        rows=rows, order=order, indices="distinct", weight=plain.weight / 2**20, strengths=strengths
    )
    expected, energy, _ = advance(plain, dynamics)
    found, same_energy, _ = advance(strong, dynamics)
    np.testing.assert_array_equal(found, expected)
    assert same_energy == pytest.approx(energy, rel=1e-13)


@pytest.mark.parametrize(
    ("n_spins", "order", "largest", "limit", "form"),
    [
        (200, 2, 1, 2**62, "overlaps"),
        (200, 2, 1, 2**40, "weighted"),
        (200, 2, 10, 2**62, "overlaps"),
        (200, 2, 127, 2**62, "polynomials"),
        (60, 3, 1, 2**62, "weighted"),
        (60, 3, 1, 2**40, "weighted"),
        (200, 5, 1, 2**62, "weighted"),
        (60, 4, 90, 2**62, "polynomials"),
    ],
)
@pytest.mark.parametrize("indices", ["distinct", "all"])
def test_sums_beyond_62_bits_are_floats(n_spins, order, largest, limit, form, indices, monkeypatch):
    monkeypatch.setattr(ranges, "LARGEST", limit)
    rng = np.random.default_rng(1)
    memory = random_memory(
        n_spins, 150, order, entries=[-largest, min(1, largest - 1) or largest, largest],
        strengths=rng.integers(2 ** (BITS - 1), 2**BITS, 150, endpoint=True), indices=indices,
    )  # fmt: skip
    assert next(iter(forms.legal(memory))) == form
    network = forms.legal(memory)[form].lower(memory)
    spins = rng.choice(np.array([-1, 1], np.int8), n_spins)
    state, sites = visits.prepare(network, spins), (0, 1, n_spins - 1)
    for i in sites:
        exact = 0.5 * spins[i] * memory.flip_cost(spins, i)
        scale = memory.weight * max(map(abs, memory.interaction(spins)))
        assert compiled_field(network, state, i) == pytest.approx(exact, abs=1e-12 * scale)
    for i in (3, 5, 3):
        compiled_flip(network, state, i)
    again = visits.prepare(network, state.spins)
    n_kept = 2 if form == "polynomials" and indices == "all" else 3  # e_k of powers are not used
    for kept, made in zip(state[:n_kept], again, strict=False):
        np.testing.assert_array_equal(kept, made)


@pytest.mark.parametrize(("model", "alpha"), NETWORKS, ids=repr)
def test_bits_do_not_depend_on_threads_or_where_a_run_is_cut(model, alpha, tmp_path, monkeypatch):
    settings = {"alpha": alpha, "T": [0.3, 0.9], "n_spins": 45, "n_samples": 2, "schedule": SHORT}
    kept = {"checkpoint": tmp_path / "run.npz", "checkpoint_every": 1e-6}
    whole, save = montecarlo.simulate(model, **settings, n_threads=1), Checkpoint.save

    def stop(self, *arguments):
        save(self, *arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Checkpoint, "save", stop)
        with pytest.raises(KeyboardInterrupt):
            montecarlo.simulate(model, **settings, n_threads=2, **kept)
    resumed = montecarlo.simulate(model, **settings, n_threads=2, **kept)
    for name, series in whole.series.items():
        np.testing.assert_array_equal(series, resumed.series[name])


def test_what_knows_no_strengths_refuses_them_in_one_line():
    model = Hopfield(weights="zipf:1")
    settings = {"alpha": 0.1, "T": 0.5, "n_spins": 30}
    with pytest.raises(ValueError, match=r"dynamics = 'plefka': .* of one strength; .*"):
        montecarlo.plefka(model, **settings)
    with pytest.raises(ValueError, match=r"dynamics = 'mean-field': .* of one strength; .*"):
        montecarlo.simulate(model, **settings, dynamics="mean-field")
    with pytest.raises(ValueError, match=r"backend = 'cupy': .* of one strength"):
        montecarlo.simulate(model, **settings, backend="cupy")
    with pytest.raises(ValueError, match=r"form = 'tables' is not one of overlaps, couplings"):
        montecarlo.simulate(model, **settings, form="tables")


def test_a_student_needs_an_example():
    model = TeacherStudent(order=2, signal=1.0)
    with pytest.raises(ValueError, match=r"keep = 1 is outside the allowed range \[2, 7\]"):
        draw(model, n_spins=30, alpha=0.2, keep=1)
    with pytest.raises(ValueError, match="archetypes: the teacher is the first"):
        from_examples(model, np.ones((1, 30), np.int8))


def test_the_teacher_is_seen_and_not_stored():
    """Rows are the examples, in any order; the teacher moves overlaps alone."""
    model = TeacherStudent(order=2, signal=1.5)
    data = draw(model, n_spins=40, alpha=0.5, seed=2)
    xi = data.archetypes
    np.testing.assert_array_equal(data.memory.rows, xi[1:])
    other = from_examples(model, np.concatenate([-xi[:1], xi[:0:-1]]))
    runs = [
        montecarlo.simulate(model, data=one, T=0.6, schedule=SHORT, start=xi[0], keep_spins=True)
        for one in (data, other)
    ]
    np.testing.assert_array_equal(runs[0].spins, runs[1].spins)
    np.testing.assert_array_equal(runs[0].series["m"], -runs[1].series["m"])


@pytest.mark.heavy
def test_mean_field_equations_of_a_student_are_its_simulation():
    """At P = 2, where the student has learnt the teacher; energies too."""
    settings = {"alpha": 1.0, "T": 1.5, "n_spins": 400, "n_samples": 6, "seed": 1}
    model = TeacherStudent(order=2, signal=3.0)
    state = montecarlo.plefka(model, **settings)
    run = montecarlo.simulate(
        model, **settings, schedule=Schedule(warmup=200, sweeps=600, stride=4)
    )
    assert state.converged.all()
    assert state.replicon.min() > 0
    by_sample = run.series["energy"].mean(axis=(-1, -2))
    np.testing.assert_allclose(state.energy[:, 0], by_sample, atol=0.02)
    assert abs(state.m.mean() - run.m.mean) < 0.02
