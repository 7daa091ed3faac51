"""Accuracy of the multitasking theory: simulation of large networks against the equations.

python benchmarks/multitasking_accuracy.py [PART]

Parts: away (from the lines: 1e-3), near (a line: sorted overlaps in equilibrium at every N).
For each case the largest distance of an overlap from the theory, its standard error over
samples, and z.  A part takes a few minutes on one core.
"""

from __future__ import annotations

import sys
import time

import numpy as np

import montecarlo
import theory
from hebbian import Multitasking, Storing, Supervised, Unsupervised
from theory.many_patterns.equilibrium import ordered_overlaps
from theory.many_patterns.parallel import parallel_temperature
from theory.many_patterns.permutations import permutation_time


def stored(K, d):
    return Multitasking(n_patterns=K, dilution=d, sampling="stratified")


def learnt(rule, K, d, r, M):
    rule = rule(quality=r, n_examples=M)
    return Multitasking(n_patterns=K, dilution=d, rule=rule, sampling="stratified")


#: Model, temperature, start.
STORED = [
    (stored(2, 0.3), 0.0, "hierarchical"),
    (stored(3, 0.3), 0.0, "hierarchical"),
    (stored(3, 0.5), 0.0, "hierarchical"),
    (stored(4, 0.4), 0.0, "hierarchical"),
    (stored(5, 0.4), 0.0, "hierarchical"),
    (stored(3, 0.8), 0.0, "hierarchical"),
    (stored(2, 0.3), 0.1, "hierarchical"),
    (stored(2, 0.5), 0.15, "hierarchical"),
    (stored(2, 0.3), 0.4, "hierarchical"),
    (stored(3, 0.3), 0.05, "hierarchical"),
    (stored(3, 0.5), 0.02, "hierarchical"),
    (stored(4, 0.4), 0.02, "hierarchical"),
    (stored(3, 0.75), 0.03, "hierarchical"),
    (stored(2, 0.75), 0.12, "parallel"),
    (stored(3, 0.75), 0.12, "parallel"),
    (stored(5, 0.85), 0.06, "parallel"),
    (stored(3, 0.08), 0.2, "parallel"),
]
LEARNT = [
    (learnt(rule, K, d, r, M), T, start)
    for K, d, r, M, T, start in [
        (2, 0.3, 0.4, 50, 0.1, "hierarchical"),
        (2, 0.3, 0.4, 51, 0.0, "hierarchical"),
        (3, 0.3, 0.5, 60, 0.03, "hierarchical"),
        (2, 0.3, 0.5, 25, 0.4, "hierarchical"),
        (4, 0.4, 0.5, 100, 0.02, "hierarchical"),
        (3, 0.75, 0.4, 40, 0.15, "parallel"),
    ]
    for rule in (Supervised, Unsupervised)
]


def measured(model, T, start, *, n_spins, n_samples, sweeps, seed=1):
    schedule = montecarlo.Schedule(warmup=sweeps, sweeps=2 * sweeps, stride=2)
    return montecarlo.simulate(
        model, T=T, n_spins=n_spins, n_samples=n_samples, n_replicas=1, schedule=schedule,
        start=start, seed=seed, n_threads=1,
    )  # fmt: skip


def report(model, T, start, run, began):
    exact = theory.solve(model, T=T, start=start)
    m = run.m.mean
    if start == "parallel":
        # permutations of equal patterns flip in a finite network: their mean does not
        m, error = m.mean(keepdims=True), [run.series["m"].mean(axis=(1, 2, 3)).std(ddof=1)]
        error = np.array(error) / np.sqrt(len(run.series["m"]))
    else:
        error = run.m.error
    distance = m - exact.m[: m.size]
    worst = int(np.abs(distance).argmax())
    z = distance[worst] / max(error[worst], 1e-12)
    rule = model.rule
    words = type(rule).__name__
    if not isinstance(rule, Storing):
        words += f" r={rule.quality} M={rule.n_examples}"
    print(
        f"{model.sampling:11s} {words:28s} K={model.n_patterns} d={model.dilution:<5} T={T:<6} "
        f"N={run.settings['n_spins']:<6} {exact.label!s:14s} m={np.array2string(m, precision=4)} "
        f"theory={np.array2string(exact.m[: m.size], precision=4)} worst={distance[worst]:+.1e} "
        f"({error[worst]:.0e}, z={z:+.1f}) {time.perf_counter() - began:.0f} s",
        flush=True,
    )


def away() -> None:
    """Overlaps far from every line, to 1e-3."""
    for sampling, n_spins, n_samples, sweeps in (
        ("stratified", 10_000, 6, 200),
        ("independent", 40_000, 32, 40),
    ):
        for model, T, start in STORED + LEARNT:
            began = time.perf_counter()
            size = n_spins, n_samples
            if not isinstance(model.rule, Storing):
                size = (20_000, 64) if sampling == "independent" else (20_000, 32)
                if isinstance(model.rule, Unsupervised) and model.rule.n_examples > 60:
                    size = 20_000, 16
            model = model.replace(sampling=sampling)
            N, S = size
            run = measured(model, T, start, n_spins=N, n_samples=S, sweeps=sweeps)
            report(model, T, start, run, began)


def near() -> None:
    """A twentieth above and below the line of parallel retrieval, where patterns change places.

    The overlaps sorted at every measurement against those of N spins in equilibrium; beside
    them the means of the single patterns, the theory of N -> infinity, and the mean number of
    sweeps between two exchanges.
    """
    for K, d in ((2, 0.75), (3, 0.75)):
        line = float(parallel_temperature(d, K).low)
        for factor in (0.8, 0.95, 1.05, 1.2):
            for n_spins in (1024, 4096, 16_384, 65_536):
                began = time.perf_counter()
                model, T = stored(K, d), factor * line
                start = "hierarchical" if factor < 1 else "parallel"
                run = measured(model, T, start, n_spins=n_spins, n_samples=4, sweeps=400)
                ordered = -np.sort(-np.abs(run.series["m"][:, 0]), axis=-1).mean(axis=1)
                error = ordered.std(axis=0, ddof=1) / np.sqrt(len(ordered))
                distance = ordered.mean(axis=0) - ordered_overlaps(model, T, n_spins)
                worst = int(np.abs(distance).argmax())
                print(
                    f"K={K} T={factor} T_par N={n_spins:<6} sorted="
                    f"{np.array2string(ordered.mean(axis=0), precision=4)} "
                    f"worst={distance[worst]:+.1e} ({error[worst]:.0e}, "
                    f"z={distance[worst] / error[worst]:+.1f}) "
                    f"m={np.array2string(run.m.mean, precision=4)} N -> inf: "
                    f"{np.array2string(theory.solve(model, T=T, start=start).m, precision=4)} "
                    f"exchange: {permutation_time(model, T, n_spins):.3g} "
                    f"{time.perf_counter() - began:.0f} s",
                    flush=True,
                )


if __name__ == "__main__":
    for part in sys.argv[1:] or ["away", "near"]:
        {"away": away, "near": near}[part]()
