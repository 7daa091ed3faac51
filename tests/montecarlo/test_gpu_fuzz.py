"""Random simulations on the emulated device and on the CPU: every number that a run returns."""

import random

import device_emulator
import numpy as np
import pytest

import montecarlo
from hebbian import Dense, Hopfield, Multitasking, Storing, Supervised, Unsupervised, draw
from montecarlo import Schedule
from montecarlo.kernels.device import gpu
from montecarlo.schedule import Cooling

pytestmark = [device_emulator.needed, pytest.mark.usefixtures("emulator"), pytest.mark.heavy]

STORED, SUMMED = Storing(), Supervised(quality=0.7, n_examples=3)
#: Models of few kernels, whose compilation is what takes the time here.
MODELS = [
    (Hopfield(), 0.3),
    (Hopfield(rule=Unsupervised(quality=0.7, n_examples=2)), 0.3),
    (Hopfield(rule=SUMMED), 0.3),
    (Dense(order=4, indices="all"), 0.005),
    (Dense(order=2, indices="all"), 0.3),
    (Dense(order=5), 0.001),
    (Dense(order=3, rule=SUMMED), 0.02),
    (Multitasking(n_patterns=3), None),
    (Multitasking(n_patterns=3, sampling="stratified", rule=STORED), None),
    (Multitasking(n_patterns=2, rule=SUMMED), None),
]


def simulation(rng):
    """Draw a model and the arguments of a simulation."""
    model, alpha = rng.choice(MODELS)
    n_spins, n_samples, n_replicas = rng.randint(9, 26), rng.randint(1, 3), rng.randint(1, 3)
    shape = n_samples, n_replicas, n_spins
    spins = np.random.default_rng(rng.randint(0, 99)).choice(np.array([-1, 1], np.int8), shape)
    names = ["glauber", "metropolis", "zero-temperature", "parallel", "parallel-diagonal"]
    dynamics = rng.choice(names if model.self_coupled else names[:-1])
    cooled = dynamics != "zero-temperature" and rng.random() < 0.4
    arguments = {
        "T": rng.choice([0.4, [0.2, 0.9], [[0.1, 0.5, 1.0], [2.0, 0.0, 0.3]]]),
        "n_samples": n_samples,
        "n_replicas": n_replicas,
        "dynamics": dynamics,
        "site_order": rng.choice(["sequential", "random", "permutation"]),
        "start": rng.choice(["pattern", "random", 0.4, spins]),
        "schedule": Schedule(
            warmup=rng.choice([0, 1, 5]),
            sweeps=rng.choice([2, 6, 9]),
            stride=rng.choice([1, 2]),
            cooling=Cooling(T=3.0) if cooled else None,
        ),
        "seed": rng.randint(0, 5),
        "first_sweep": rng.choice([0, 7, 2**32 - 2]),
        "patterns": rng.choice([None, [0]]),
    }
    if n_samples == 1 and rng.random() < 0.5:
        return model, arguments | {"data": draw(model, n_spins=n_spins, alpha=alpha, seed=3)}
    return model, arguments | {"n_spins": n_spins, "alpha": alpha}


def agree(ours, theirs):
    for name in ("spins", "last", "period", "start_overlaps"):
        np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name), err_msg=name)
    for name in ("m", "n", "q", "acceptance"):
        np.testing.assert_array_equal(ours.series[name], theirs.series[name], err_msg=name)
    energies = ours.series["energy"], theirs.series["energy"]
    np.testing.assert_allclose(*energies, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("case", range(40))
def test_a_run_of_the_device_is_the_run_of_the_cpu(case, emulator, monkeypatch):
    """Whatever the threads of a block, the blocks of a chain and the memory of the device."""
    rng = random.Random(case)
    model, arguments = simulation(rng)
    emulator.threads = rng.choice([1, 1, 2])
    emulator.memory = rng.choice([1 << 30, 20000, 6000])
    if rng.random() < 0.5:  # the plan knows nothing of what may be allocated
        emulator.cuda.runtime.memGetInfo = lambda: (10**9, 10**9)
    if rng.random() < 0.5:
        team = rng.choice([1, 2])
        monkeypatch.setattr(gpu, "geometry", lambda *sizes: (32, team))
        emulator.resident = 1000
    runs = [
        montecarlo.simulate(model, **arguments, backend=name, keep_spins=True)
        for name in ("cupy", "numba")
    ]
    agree(*runs)


@pytest.mark.parametrize(
    "steps", [{"T": [0.1, 0.6], "alpha": 0.2}, {"T": 0.2, "alpha": [0.1, 0.3]}]
)
def test_carried_chains_go_on_from_the_last_configurations(steps):
    """Not from where the search for cycles left the device."""
    for dynamics in ("glauber", "parallel"):
        arguments = {"n_spins": 20, "n_samples": 2, "dynamics": dynamics, "start": "random"}
        schedule = Schedule(warmup=1, sweeps=4, stride=1)
        runs = [
            montecarlo.ramp(Hopfield(), **steps, **arguments, schedule=schedule, backend=name)
            for name in ("cupy", "numba")
        ]
        np.testing.assert_array_equal(runs[0].last, runs[1].last)
        np.testing.assert_array_equal(runs[0].series["m"], runs[1].series["m"])
