"""Numbers that were recorded once and do not move: a seed names the same study in every version.

``python tests/test_golden.py`` records them anew, which is only ever right when a number was
wrong.  Numbers are compared to nine decimals, so that other processors agree.
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from conformance import NETWORKS, rectified

import montecarlo
import phase_diagrams
import theory
from hebbian import (
    Dense,
    Exponential,
    Hopfield,
    Multitasking,
    SparseDistributed,
    Supervised,
    Tabulated,
)
from montecarlo import Cooling, Schedule

RECORDED = Path(__file__).with_name("golden.json")
SHORT = Schedule(warmup=7, sweeps=24, stride=3)


def series(run):
    return {**run.series, "last": run.last, "m_err": run.m.error, "tau": run.m.tau}


def simulated(model, alpha, **options):
    settings = {"T": [0.3, 0.9], "n_spins": 23, "n_samples": 2, "schedule": SHORT, "seed": 3}
    settings["start"] = "pattern"
    return series(montecarlo.simulate(model, alpha=alpha, **{**settings, **options}))


def fixed_points(model, alpha):
    found = montecarlo.plefka(model, alpha=alpha, T=[0.3, 0.9], n_spins=31, n_samples=2, seed=3)
    kept = found.converged
    return {"converged": kept, "m": found.m[kept], "free_energy": found.free_energy[kept]}


def tempered(model, alpha):
    run = montecarlo.temper(
        model, alpha=alpha, T=[0.2, 0.5, 0.9], n_spins=23, n_samples=2, schedule=SHORT, seed=4
    )
    return {**series(run), "accepted": run.accepted, "visits": run.visits}


def swept(model, alpha, **options):
    grid = {"T": [0.2, 1.1], "n_spins": [20, 30]}
    grid |= {} if alpha is None else {"alpha": [0.05, 0.3]}
    tree = phase_diagrams.sweep(model, grid, n_samples=3, schedule=SHORT, seed=4, **options)
    return {
        f"{group}/{name}": tree[group][name] for group in tree for name in tree[group].data_vars
    }


def ramped():
    run = montecarlo.ramp(
        Hopfield(), T=[0.2, 0.6, 1.0], alpha=0.05, n_spins=80, n_samples=2, schedule=SHORT, seed=2
    )
    return {**run.series, "last": run.last}


def predicted():
    T, alpha = np.array([0.0, 0.2, 0.5]), np.array([0.02, 0.1, 0.3])
    found = {}
    for model in (Hopfield(), Dense(order=4, rule=Supervised(quality=0.8, n_examples=6))):
        state = theory.solve(model, alpha=alpha[:, None], T=T)
        for name in ("m", "n", "q", "free_energy", "replicon"):
            found[f"{model!r} {name}"] = getattr(state, name)
        for line in ("spinodal_temperature", "transition_temperature", "glass_temperature"):
            found[f"{model!r} {line}"] = getattr(theory, line)(model, alpha)
        found[f"{model!r} critical_load"] = theory.critical_load(model, T)
    return found


CASES = {}
for label, network, load in NETWORKS:
    CASES[f"glauber {label}"] = (simulated, network, load, {})
    if network.polynomial and network.uniform:
        CASES[f"plefka {label}"] = (fixed_points, network, load, {})
    CASES[f"temper {label}"] = (tempered, network, load, {})
for dynamics in ("metropolis", "zero-temperature", "parallel", "plefka"):
    CASES[dynamics] = (simulated, Dense(order=3), 0.2, {"dynamics": dynamics})
literal = Dense(order=4, indices="all", rule=Supervised(quality=0.8, n_examples=3))
CASES["parallel literal"] = (simulated, literal, 0.05, {"dynamics": "parallel"})
CASES["parallel-diagonal"] = (
    simulated, Dense(order=2, indices="all"), 0.2, {"dynamics": "parallel-diagonal"},
)  # fmt: skip
for label, network in (
    ("exponential", Exponential(sharpness=0.7)),
    ("sparse", SparseDistributed(radius=0.3)),
    ("neurons", SparseDistributed(radius=0.3, n_neurons=400)),
    ("rectified", Tabulated(interaction=rectified, scaling="exponential")),
):
    CASES[f"parallel {label}"] = (simulated, network, 0.15, {"dynamics": "parallel"})
softmax = ["softmax_weight", "participation", "largest_overlap"]
CASES["metropolis exponential"] = (
    simulated, Exponential(sharpness=0.7), 0.2, {"dynamics": "metropolis", "observables": softmax},
)  # fmt: skip
for site_order in ("random", "permutation"):
    CASES[site_order] = (simulated, Hopfield(), 0.2, {"site_order": site_order})
for start in ("random", "hierarchical", "parallel", 0.4):
    network = Multitasking(n_patterns=3, dilution=0.3, sampling="independent")
    CASES[f"start {start}"] = (simulated, network, None, {"start": start})
cooled = Schedule(warmup=20, sweeps=20, stride=2, cooling=Cooling(T=2.0))
CASES["cooling"] = (simulated, Hopfield(), 0.2, {"schedule": cooled})
CASES["stratified"] = (simulated, Multitasking(sampling="stratified"), None, {"n_spins": 60})
CASES["large"] = (simulated, Hopfield(), 0.13, {"n_spins": 600, "T": [0.05, 0.6]})
CASES["sweep hopfield"] = (swept, Hopfield(), 0.1, {})
CASES["sweep exponential"] = (swept, Exponential(sharpness=0.7), 0.1, {"observables": softmax})
network = Multitasking(n_patterns=3, dilution=0.3, sampling="independent")
CASES["sweep multitasking"] = (swept, network, None, {"start": "pattern"})
CASES["ramp"] = (ramped,)
CASES["theory"] = (predicted,)


def digest(values):
    array = np.asarray(values)
    if array.dtype.kind == "f":
        array = np.nan_to_num(np.rint(array * 1e9), nan=-1e300).astype(np.float64) + 0.0
    text = f"{array.shape}".encode() + np.ascontiguousarray(array, np.float64).tobytes()
    return hashlib.sha256(text).hexdigest()[:16]


def digests(case):
    make, *arguments = CASES[case]
    options = arguments.pop() if arguments else {}
    return {name: digest(values) for name, values in make(*arguments, **options).items()}


@pytest.mark.parametrize("case", CASES)
def test_numbers_are_those_that_were_recorded(case):
    found, recorded = digests(case), json.loads(RECORDED.read_text())[case]
    assert {name: found.get(name) for name in recorded} == recorded


if __name__ == "__main__":
    sys.exit(RECORDED.write_text(json.dumps({case: digests(case) for case in CASES}, indent=1)) < 0)
