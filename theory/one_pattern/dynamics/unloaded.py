"""Trajectories of one retrieved class without a load."""

from __future__ import annotations

import numpy as np

from theory.averages.example_law import ExampleLaw
from theory.course import Course
from theory.one_pattern.replica import MeanField, signal, sites
from theory.unloaded import Sites, course

__all__ = ["follow"]

#: Standard deviations and nodes of the Gaussian law of u, in the correlations.
REACH, NODES = 9.0, 2001


def follow(
    field: MeanField, T: float, start: float, asked: Course
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return m, n, C and G; see `population.evolve`."""
    u, weight = _classes(field.law)

    def respond(n: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
        m, image, _, chi, *_ = sites(field, signal(field.order, float(n)), 0.0, T)
        return np.array(m), np.array(image), chi

    def polarise(n: np.ndarray) -> np.ndarray:
        h = u * signal(field.order, float(n))
        return np.asarray(np.tanh(h / T) if T > 0 else np.sign(h))

    return course(
        Sites(respond, polarise, weight),
        np.array(start),
        np.array(field.law.mean * start),
        np.full(u.shape, start),
        asked.n_steps,
        asked.continuous,
    )


def _classes(law: ExampleLaw) -> tuple[np.ndarray, np.ndarray]:
    if not law.spread:
        return law.u, law.weight
    x = np.linspace(-REACH, REACH, NODES)
    weight = np.exp(-0.5 * x**2)
    return law.mean + np.sqrt(law.spread) * x, weight / weight.sum()
