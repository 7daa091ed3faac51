"""Runs of every kind that a checkpoint keeps, small enough to be stopped and resumed in tests.

As a program: ``long_runs.py KIND CHECKPOINT OUT`` runs a longer one to its end and writes its
arrays to OUT.
"""

import dataclasses
import sys

import numpy as np

import montecarlo
from hebbian import Dense, Exponential, Hopfield, Multitasking, SparseDistributed
from montecarlo import Schedule

SHARED = {"n_samples": 2, "n_replicas": 2, "seed": 3}
LOADED = {**SHARED, "alpha": 0.1}


def simulate(n=1, **more):
    schedule = Schedule(warmup=40 * n, sweeps=200 * n, stride=5)
    return montecarlo.simulate(
        Hopfield(), **{**LOADED, "T": [0.5, 1.1], "n_spins": 100, "schedule": schedule, **more}
    )


def wrong(state):
    return (state.spins * state.archetypes[0] < 0).mean(axis=1)


def temper(n=1, **more):
    schedule = Schedule(warmup=30 * n, sweeps=180 * n, stride=7)
    settings = {"T": [0.3, 0.5, 0.8], "n_spins": 60, "schedule": schedule, "exchange_every": 3}
    settings["observables"] = {"wrong": wrong}
    return montecarlo.temper(Hopfield(), **{**LOADED, **settings, **more})


def ramp(n=1, **more):
    schedule = Schedule(warmup=10 * n, sweeps=60 * n, stride=3)
    settings = {"T": [0.3, 0.9, 0.3], "n_spins": 60, "schedule": schedule}
    return montecarlo.ramp(Hopfield(), **{**LOADED, **settings, **more})


def load_ramp(**more):
    settings = {"T": 0.1, "alpha": [0.02, 0.1], "carry": False, "start": "random"}
    return ramp(**{**settings, **more})


def trajectories(**more):
    model = Multitasking(n_patterns=2, dilution=0.3)
    schedule = Schedule(warmup=3, sweeps=50, stride=4)
    settings = {"T": [0.1, 0.4], "n_spins": 40, "schedule": schedule, "dynamics": "plefka"}
    return montecarlo.simulate(model, **{**SHARED, **settings, "start": "random", **more})


def plefka(**more):
    settings = {"T": [0.3, 0.6], "n_spins": 40, "damping": 0.9, "start": 0.6}
    return montecarlo.plefka(Dense(order=3), **{**LOADED, **settings, **more})


def tune_ladder(**more):
    schedule = Schedule(warmup=10, sweeps=60, stride=2)
    settings = {"T": [0.3, 1.2], "n_spins": 40, "schedule": schedule, "rounds": 2}
    return montecarlo.tune_ladder(Hopfield(), **{**LOADED, **settings, **more})


def basin(**more):
    schedule = Schedule(warmup=0, sweeps=80, stride=4)
    settings = {"overlaps": [0.2, 0.5, 0.9], "T": 0.2, "n_spins": 100, "schedule": schedule}
    return montecarlo.basin(Hopfield(), **{**LOADED, **settings, **more})


def equilibrated(**more):
    schedule = Schedule(warmup=20, sweeps=100, stride=2)
    settings = {"T": 0.8, "n_spins": 60, "schedule": schedule, "dynamics": "parallel"}
    return montecarlo.equilibrated(Hopfield(), **{**LOADED, **settings, **more})


def softmax(**more):
    schedule = Schedule(warmup=20, sweeps=200, stride=5)
    settings = {"T": [0.2, 0.7], "n_spins": 45, "schedule": schedule, "dynamics": "parallel"}
    return montecarlo.simulate(Exponential(sharpness=0.8), **{**LOADED, **settings, **more})


def reading(**more):
    model, schedule = SparseDistributed(radius=0.3), Schedule(warmup=5, sweeps=200, stride=5)
    settings = {"T": [0.0, 0.7], "n_spins": 45, "schedule": schedule, "dynamics": "parallel"}
    return montecarlo.simulate(model, **{**LOADED, **settings, **more})


RUNS = {
    run.__name__: run
    for run in (
        simulate, temper, ramp, load_ramp, trajectories, plefka, tune_ladder, basin, equilibrated,
        softmax, reading,
    )
}  # fmt: skip


def bits(result, name="result"):
    """Return every array of a result, however deep, by its name."""
    if isinstance(result, np.ndarray):
        return {name: result}
    if dataclasses.is_dataclass(result):
        result = {field.name: getattr(result, field.name) for field in dataclasses.fields(result)}
    if isinstance(result, tuple):
        result = dict(enumerate(result))
    if not isinstance(result, dict):
        return {}
    return {k: v for key, part in result.items() for k, v in bits(part, f"{name}.{key}").items()}


def assert_same_bits(found, expected):
    assert set(found) == set(expected)
    assert found
    for name in expected:
        np.testing.assert_array_equal(found[name], expected[name], err_msg=name)


def sweeps_in(checkpoint):
    """Return the sweeps that the parts of a file keep."""
    try:
        with np.load(checkpoint) as arrays:
            parts = [name for name in arrays.files if name.endswith("/chains")]
            return [int(arrays[name][1].sum()) for name in sorted(parts)]
    except FileNotFoundError:
        return []


#: How much longer the runs of the program are.
LENGTHS = {"simulate": 400, "temper": 60, "ramp": 400}

if __name__ == "__main__":
    kind, checkpoint, out = sys.argv[1:]
    run = RUNS[kind](LENGTHS[kind], checkpoint=checkpoint, checkpoint_every=0.001, n_threads=2)
    np.savez(out, **bits(run))
