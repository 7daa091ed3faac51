"""Mean-field equations on the emulated device: the numbers of the CPU, up to rounding."""

import device_emulator
import mean_field_states
import numpy as np
import pytest
from long_runs import sweeps_in

import montecarlo
from hebbian import Dense, Hopfield, Memory, Multitasking, Supervised, Unsupervised, from_examples
from montecarlo import Schedule, plefka, simulate
from montecarlo.engine.ledger import Ledger
from montecarlo.kernels.device import sums as device_sums
from montecarlo.kernels.device.rows import uploaded_rows
from montecarlo.mean_field.equations import Interaction

pytestmark = [device_emulator.needed, pytest.mark.usefixtures("emulator"), pytest.mark.heavy]

SUMS, SINGLE = Supervised(quality=0.8, n_examples=3), Unsupervised(quality=0.8, n_examples=3)
NETWORKS = [
    (Hopfield(), 0.1),
    (Hopfield(rule=SINGLE), 0.05),
    (Dense(order=2, indices="all", rule=SUMS), 0.05),
    (Dense(order=3, rule=SINGLE), 0.05),
    (Dense(order=4, indices="all"), 0.02),
    (Dense(order=4, indices="all", rule=SUMS), 0.02),
    (Multitasking(n_patterns=3, rule=SINGLE), None),
    (Multitasking(n_patterns=3, sampling="stratified"), None),
]
GRID = {"T": [0.2, 0.4], "n_spins": 30, "n_samples": 2, "n_replicas": 2, "start": 0.8, "seed": 3}


def both(run, model, **arguments):
    return [run(model, **{**GRID, **arguments}, backend=name) for name in ("cupy", "numba")]


@pytest.mark.parametrize("order", range(2, 9))
@pytest.mark.parametrize("indices", ["distinct", "all"])
@pytest.mark.parametrize("largest", [1, 4])
def test_energy_and_fields_of_many_states(order, indices, largest):
    """Two samples, four states; more rows than a tile, the last word and chunk partly filled."""
    rng = np.random.default_rng(order)
    n_rows, n_spins = 1100, 9
    rows = 2 * rng.integers(0, largest + 1, (2, n_rows, n_spins)) - largest
    memories = [
        Memory(rows=own.astype(np.int32), order=order, indices=indices, weight=0.3) for own in rows
    ]
    states, samples = rng.uniform(-1, 1, (4, n_spins)), np.array([1, 0, 0, 1])
    interaction = Interaction(memories[0])
    sums = device_sums.RowSums(uploaded_rows(memories), n_rows, order)
    totals, found = sums(samples, interaction.cumulants(states))
    energies, fields = interaction.energy(totals), interaction.field(states, found)
    for c, sample in enumerate(samples):
        energy, field = mean_field_states.energy_and_field(memories[sample], states[c])
        scale = np.abs(field).max()
        assert energies[c] == pytest.approx(energy, rel=1e-11, abs=1e-11 * scale)
        np.testing.assert_allclose(fields[c], field, rtol=1e-11, atol=1e-11 * scale)


def test_bits_do_not_depend_on_the_states_beside(emulator):
    rng = np.random.default_rng(1)
    memory = Memory(rows=rng.choice([-1, 1], (3000, 7)), order=4, indices="distinct", weight=1.0)
    interaction, states = Interaction(memory), rng.uniform(-1, 1, (5, 7))
    sums = device_sums.RowSums(uploaded_rows([memory]), 3000, 4)
    samples = np.zeros(5, int)
    together = sums(samples, interaction.cumulants(states))
    grids = [grid for name, grid, _, _ in emulator.launches if name == "row_sums"]
    assert grids == [(5 * 3,)]  # three slices of each
    for c in range(5):
        alone = sums(samples[:1], interaction.cumulants(states[c : c + 1]))
        np.testing.assert_array_equal(alone[0], together[0][c : c + 1])
        np.testing.assert_array_equal(alone[1], together[1][:, c : c + 1])


@pytest.mark.parametrize(("model", "alpha"), NETWORKS, ids=repr)
@pytest.mark.parametrize("order", [1, 2])
def test_fixed_points_are_those_of_the_host(model, alpha, order, emulator):
    """Rows drawn on the device, and the moments that the reaction is made of."""
    cupy, numba = both(plefka, model, alpha=alpha, order=order, max_iter=4)
    assert (cupy.settings["backend"], numba.settings["backend"]) == ("cupy", "numba")
    assert np.abs(numba.magnetizations).max() > 0.1
    for name in ("magnetizations", "m", "n", "q", "free_energy", "energy", "replicon"):
        ours, theirs = getattr(cupy, name), getattr(numba, name)
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-11, err_msg=name)
    np.testing.assert_array_equal(cupy.n_iter, numba.n_iter)
    grids = {grid for name, grid, _, _ in emulator.launches if name == "row_sums"}
    assert (8,) in grids  # temperatures, samples and replicas in one launch


@pytest.mark.parametrize("dynamics", ["plefka", "mean-field"])
def test_trajectories_are_those_of_the_host(dynamics):
    schedule = Schedule(warmup=2, sweeps=8, stride=2)
    model = Dense(order=4, indices="all", rule=SUMS)
    cupy, numba = both(simulate, model, alpha=0.02, dynamics=dynamics, schedule=schedule)
    assert (cupy.settings["backend"], numba.settings["backend"]) == ("cupy", "numba")
    for name in ("m", "n", "q", "energy"):
        np.testing.assert_allclose(cupy.series[name], numba.series[name], rtol=1e-10, atol=1e-12)
    np.testing.assert_array_equal(cupy.last, numba.last)


def test_given_data_are_copied():
    rng = np.random.default_rng(0)
    archetypes = rng.choice([-1, 1], (4, 30))
    examples = archetypes[:, None] * np.where(rng.random((4, 5, 30)) < 0.9, 1, -1)
    model = Hopfield(rule=Unsupervised(quality=0.8, n_examples=5))
    given = {"data": from_examples(model, archetypes, examples), "T": 0.3, "max_iter": 12}
    cupy, numba = (plefka(model, **given, backend=name) for name in ("cupy", "numba"))
    np.testing.assert_allclose(cupy.magnetizations, numba.magnetizations, rtol=1e-10)
    np.testing.assert_allclose(cupy.free_energy, numba.free_energy, rtol=1e-10)


def test_states_are_split_where_the_memory_ends(emulator):
    whole = plefka(Dense(order=3), alpha=0.05, **GRID, max_iter=9, backend="cupy")
    emulator.launches.clear()
    emulator.memory = 2500
    emulator.cuda.runtime.memGetInfo = lambda: (10**9, 10**9)  # the estimate is wrong
    split = plefka(Dense(order=3), alpha=0.05, **GRID, max_iter=9, backend="cupy")
    np.testing.assert_array_equal(split.magnetizations, whole.magnetizations)
    grids = {grid[0] for name, grid, _, _ in emulator.launches if name == "row_sums"}
    assert max(grids) < 8
    emulator.memory = 100
    with pytest.raises(ValueError, match="one chain does not fit the"):
        plefka(Dense(order=3), alpha=0.05, **GRID, backend="cupy")


def test_interrupted_iterations_go_on_with_the_same_bits(tmp_path, monkeypatch):
    arguments = {**GRID, "alpha": 0.05, "max_iter": 9, "backend": "cupy"}
    whole = plefka(Dense(order=3), **arguments)
    look, looks = Ledger.look, []

    def nervous(self, entries, save, kept):
        kept = look(self, entries, save, kept)
        looks.append(entries)
        if len(looks) == 4:
            raise RuntimeError("the power is cut")
        return kept

    path = tmp_path / "states.npz"
    monkeypatch.setattr(Ledger, "look", nervous)
    with pytest.raises(RuntimeError, match="power"):
        plefka(Dense(order=3), **arguments, checkpoint=path, checkpoint_every=1e-9)
    monkeypatch.setattr(Ledger, "look", look)
    assert max(sweeps_in(path)) > 1
    resumed = plefka(Dense(order=3), **arguments, checkpoint=path)
    for name in ("magnetizations", "free_energy", "n_iter", "residual"):
        np.testing.assert_array_equal(getattr(resumed, name), getattr(whole, name))


def test_other_backends_are_refused():
    for run in (plefka, lambda *a, **k: montecarlo.simulate(*a, **k, dynamics="plefka")):
        with pytest.raises(ValueError, match="backend = 'reference' is not one of"):
            run(Hopfield(), alpha=0.1, T=0.3, n_spins=20, backend="reference")
