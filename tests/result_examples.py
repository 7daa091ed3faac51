"""One small result of every class that theory and montecarlo return."""

import functools

import numpy as np

import montecarlo
import theory
from hebbian import (
    BAM,
    Dense,
    Hopfield,
    Multitasking,
    Sequence,
    SparseDistributed,
    Unsupervised,
    zipf,
)
from theory.many_patterns.example_states import example_state
from theory.sparse_distributed.attention import fitted_sharpness
from theory.sparse_distributed.first_step import one_step

SHORT = montecarlo.Schedule(warmup=4, sweeps=12, stride=2)
SMALL = {"n_spins": 40, "n_samples": 3, "n_replicas": 2, "schedule": SHORT, "seed": 3}
MULTITASKING = Multitasking(n_patterns=3, dilution=0.3)
NOISY = Multitasking(n_patterns=1, dilution=0.3, rule=Unsupervised(quality=0.3, n_examples=3))
TABLES = {"p": zipf(12, 2.0), "classes": np.arange(12) % 3}


def run(**changes):
    """Return a run of two temperatures."""
    settings = {"alpha": 0.1, "T": [0.2, 0.6], **SMALL} | changes
    return montecarlo.simulate(settings.pop("model", Hopfield()), **settings)


def tempered():
    """Return replica exchange of three temperatures."""
    return montecarlo.temper(Hopfield(), alpha=0.1, T=[0.4, 0.6, 0.9], **SMALL)


#: One of each class; what several functions return has the plainest of them.
EXAMPLES = {
    "Run": run,
    "Tempered": tempered,
    "TunedLadder": lambda: montecarlo.tune_ladder(
        Hopfield(), T=[0.5, 0.9], target=0.3, alpha=0.1, **SMALL
    ),
    "Basin": lambda: montecarlo.basin(
        Hopfield(), overlaps=[0.1, 0.5, 0.9], alpha=0.1, T=[0.0, 0.3], **SMALL
    ),
    "Ramp": lambda: montecarlo.ramp(Hopfield(), alpha=0.05, T=[0.2, 0.6, 1.2], **SMALL),
    "Recall": lambda: montecarlo.recall(BAM(), alpha=0.05, T=[0.1, 0.3], **SMALL),
    "Replay": lambda: montecarlo.replay(
        Sequence(order=2), alpha=0.1, T=[0.0, 0.2], n_spins=40, n_steps=9, n_samples=3, seed=3
    ),
    "Spurious": lambda: montecarlo.spurious(Hopfield(), alpha=0.1, n_spins=40, n_samples=3, seed=3),
    "Disentanglement": lambda: montecarlo.disentangle(
        BAM(), n_mixed=2, alpha=0.1, T=[0.1, 0.3], **SMALL
    ),
    "Equilibration": lambda: montecarlo.equilibrated(Hopfield(), alpha=0.1, T=[0.9, 2.0], **SMALL),
    "Magnetizations": lambda: montecarlo.plefka(
        Hopfield(), alpha=0.05, T=[0.2, 0.4], n_spins=40, n_samples=3, seed=3
    ),
    "Relaxation": lambda: run().relaxation(),
    "FirstPassage": lambda: run(T=[0.6, 1.5]).first_passage(),
    "ReplicaSolution": lambda: theory.solve(Hopfield(), alpha=[[0.05], [0.1]], T=[0.1, 0.3, 0.9]),
    "BrokenSolution": lambda: theory.solve(Hopfield(), alpha=[0.05, 0.1], T=0.1, rsb=1),
    "MultitaskingSolution": lambda: theory.solve(MULTITASKING, T=[0.1, 0.5]),
    "AssemblySolution": lambda: theory.solve(BAM(), alpha=[0.02, 0.05], T=0.2),
    "ReplaySolution": lambda: theory.solve(Sequence(order=2), alpha=[0.1, 0.2], T=0.1),
    "RankSolution": lambda: theory.by_rank(
        Hopfield(weights="palimpsest:8"), alpha=0.2, T=[0.0, 0.1], n_spins=100
    ),
    "SingleExample": lambda: theory.single_example(
        Hopfield(rule=Unsupervised(quality=0.3, n_examples=3)), alpha=[0.0, 0.01], T=0.1
    ),
    "SignalToNoise": lambda: theory.signal_to_noise(Dense(order=4), alpha=[0.1, 0.3], T=0.1),
    "State": lambda: theory.stable_states(MULTITASKING, T=0.1)[0],
    "ExampleState": lambda: example_state(NOISY, 0.1),
    "Trajectory": lambda: theory.trajectory(
        Hopfield(), alpha=[0.05, 0.1], T=0.1, start=0.6, n_steps=4, n_trajectories=1000
    ),
    "BasinBoundary": lambda: theory.basin(
        Hopfield(), alpha=[0.05, 0.3], n_steps=[3, 6], n_trajectories=1000
    ),
    "Convergence": lambda: theory.convergence_time(
        Hopfield(), alpha=[0.05, 0.1], T=0.1, start=0.6, n_steps=8, n_trajectories=1000
    ),
    "Recovery": lambda: theory.recovery(
        Hopfield(), alpha=[0.05, 0.1], T=0.1, start=0.6, n_steps=8, n_trajectories=1000
    ),
    "OuterProduct": lambda: theory.outer_product(q="frequency", d=[4, 8], **TABLES),
    "BestWeights": lambda: theory.best_outer_weights(d=6, **TABLES),
    "UltraStorage": lambda: theory.ultra_storage(4),
    "UltraDetection": lambda: theory.ultra_detection(4, 1.0, kind="learning"),
    "OneStep": lambda: one_step(SparseDistributed(radius=0.3), [0, 4, 9], n_spins=30, n_patterns=9),
    "FittedSharpness": lambda: fitted_sharpness(SparseDistributed(radius=0.3), n_spins=20),
}


@functools.cache
def example(name):
    """Return the example of a class, made once."""
    return EXAMPLES[name]()
