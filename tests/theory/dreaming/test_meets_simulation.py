"""Theory against simulation inside the retrieval phase, and beyond alpha = 1."""

import math

import numpy as np
import pytest

import montecarlo
import theory
from hebbian import Dreaming

SHORT = montecarlo.Schedule(warmup=40, sweeps=120, stride=4)


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("alpha", "t", "T", "n_spins"),
    [(0.2, 1.0, 0.3, 1500), (0.6, 100.0, 0.1, 1000), (0.5, math.inf, 0.15, 1000)],
)
def test_retrieval(alpha, t, T, n_spins):
    model = Dreaming(sleep=t)
    run = montecarlo.simulate(
        model, alpha=alpha, T=T, n_spins=n_spins, n_samples=8, n_replicas=2, seed=5, schedule=SHORT
    )
    state = theory.solve(model, alpha=alpha, T=T)
    for name in ("m", "q", "energy"):
        found = getattr(run, name)
        off = float(np.ravel(found.mean)[0]) - float(getattr(state, name))
        assert abs(off) < 3 * float(np.ravel(found.error)[0]) + 1.5 / n_spins, (name, off)


@pytest.mark.heavy
def test_patterns_are_stable_beyond_alpha_one():
    """RS: 1.068 after t = 1000; at T = 5/t, still tiny, they are lost at 1.04."""
    model = Dreaming(sleep=1000.0)
    m = {}
    for T in (0.0, 0.02):
        run = montecarlo.simulate(
            model, alpha=1.04, T=T, n_spins=800, n_samples=4, n_replicas=1, seed=5, schedule=SHORT,
            dynamics="zero-temperature" if T == 0 else "glauber",
        )  # fmt: skip
        m[T] = float(np.ravel(run.m.mean)[0])
    assert m[0.0] > 0.99
    assert m[0.02] < 0.7
    assert theory.spinodal_temperature(model, 1.04) < 0.02
