"""Theory against simulation at points drawn at random in all models and rules."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

import montecarlo
import phase_diagrams
import theory
from hebbian import Dense, Hopfield, Model, Multitasking, Rule, Storing, Supervised, Unsupervised
from hebbian.streams import stream
from phase_diagrams.analysis.expectations import Expected
from phase_diagrams.phases import Phase
from theory.conventions import finite_size_factor

__all__ = ["AGREEMENT", "EXAMPLE", "SOFT", "WIDE", "Point", "Verdict", "compared", "draw"]

#: Spins for each order; numbers of patterns stay below some thousands.
SIZES = {2: 800, 3: 160, 4: 72, 5: 40, 6: 28}
N_MULTITASKING = 3000

#: What is predicted of a point, besides the names of `Expected`.
AGREEMENT = Expected.AGREEMENT.name.lower()
EXAMPLE = "single examples are attractors"
SOFT = "soft"
#: Fluctuation of an overlap from which on a state is called soft.
WIDE = 0.02

#: Disorder samples of a point, and sweeps measured.
N_SAMPLES = 12
LENGTH = 150


@dataclass(frozen=True, kw_only=True)
class Point:
    """One random point.

    Parameters
    ----------
    number : int
    model : Model
    alpha : float or None
    T : float
    n_spins : int
    """

    number: int
    model: Model
    alpha: float | None
    T: float
    n_spins: int


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the comparison of a point says.

    Parameters
    ----------
    point : Point
    phase : str
    prediction : str
        `AGREEMENT`, or why there should be none, from the theory, the number of spins and the
        length of the chains alone.
    m, error, theory : float
        Simulated overlap, its standard error, and the theory with the couplings of the
        finite network.
    z : float
        (m - theory)/error.
    limit : float
        z that Student's law for that number of samples exceeds as rarely as a Gaussian
        exceeds three.
    """

    point: Point
    phase: str
    prediction: str
    m: float
    error: float
    theory: float
    z: float
    limit: float

    @property
    def disagrees(self) -> bool:
        """Beyond the error and 1/N, the order of what an infinite network leaves out."""
        return abs(self.m - self.theory) > self.limit * self.error + 1 / self.point.n_spins

    @property
    def against(self) -> bool:
        """Agreement was predicted, and there is none."""
        return self.disagrees and self.prediction == AGREEMENT


def draw(n_points: int, seed: int) -> Iterator[Point]:
    """Draw points, the models and rules in turn."""
    for number in range(n_points):
        rng = np.random.Generator(np.random.Philox(stream(seed, "validation", sample=number)))
        kind, rule = number % 3, _rule(rng, (number // 3) % 3)
        T = round(float(rng.uniform(0.05, 1.1)), 4)
        if kind == 2:
            model: Model = Multitasking(
                n_patterns=int(rng.integers(2, 5)),
                dilution=round(float(rng.uniform(0.05, 0.7)), 4),
                rule=rule,
            )
            T = round(T * 0.5, 4)
            yield Point(number=number, model=model, alpha=None, T=T, n_spins=N_MULTITASKING)
            continue
        order = 2 if kind == 0 else int(rng.choice([3, 4, 5, 6]))
        model = Hopfield(rule=rule) if kind == 0 else Dense(order=order, rule=rule)
        top = float(np.nanmax([theory.critical_load(model, T), 0.02]))
        alpha = round(float(rng.uniform(0.05, 1.2)) * top, 5)
        yield Point(number=number, model=model, alpha=alpha, T=T, n_spins=SIZES[order])


def _rule(rng: np.random.Generator, kind: int) -> Rule:
    if kind == 0:
        return Storing()
    data: dict[str, Any] = {
        "quality": round(float(rng.uniform(0.4, 0.95)), 3),
        "n_examples": int(rng.integers(1, 21)),
    }
    return Supervised(**data) if kind == 1 else Unsupervised(**data)


def compared(points: Iterator[Point], pool: Executor) -> list[Verdict]:
    """Simulate and compare every point."""
    return [task.result() for task in [pool.submit(compare, point) for point in points]]


def compare(point: Point) -> Verdict:
    """Simulate a point from its first pattern and compare the first overlap with the theory."""
    tree, found = _study(point)
    simulation = tree["simulation"].to_dataset()
    name = "m_sorted" if "m_sorted" in simulation else "m"
    m, error, residual, z = (
        float(np.ravel(values)[0])
        for values in (
            simulation[name], simulation[f"{name}_err"], found["m_residual"], found["m_z"],
        )
    )  # fmt: skip
    return Verdict(
        point=point, phase=Phase(int(found["phase"])).text, prediction=_predicted(point, found),
        m=m, error=error, theory=m - residual, z=z, limit=float(found.attrs["limit"]),
    )  # fmt: skip


def _study(point: Point) -> tuple[Any, Any]:
    """Simulate a point from its pattern, or from the hierarchy of its patterns."""
    load = {} if point.alpha is None else {"alpha": point.alpha}
    tree = phase_diagrams.sweep(
        point.model,
        {"T": point.T, **load},
        n_spins=point.n_spins,
        n_samples=N_SAMPLES,
        n_replicas=1,
        schedule=montecarlo.Schedule(warmup=150, sweeps=LENGTH, stride=3),
        start="hierarchical" if point.alpha is None else "pattern",
        seed=point.number,
    )
    return tree, phase_diagrams.compare(tree, finite_size=point.alpha is not None)


def _predicted(point: Point, found: xr.Dataset) -> str:
    """Say what is to be expected, without a look at what was simulated.

    ``expected`` of `phase_diagrams.compare` knows the theory, N and the number of sweeps; what
    only rules that keep single examples and networks without a load have is added here.
    """
    if point.alpha is None:
        return _of_several(point)
    if (overlap := _single_example(point)) is not None:
        return f"{EXAMPLE}: overlap {overlap:.2f}"
    return Expected(int(found["expected"])).name.lower()


def _of_several(point: Point) -> str:
    r"""Predict what becomes of a state of several patterns.

    Where a mode that tells the examples of one pattern apart is unstable, chains leave the state
    of the theory, in which all count alike.  Around a minimum of the free energy overlaps
    fluctuate by :math:`\sqrt{T/N\lambda}`, :math:`\lambda` the smallest eigenvalue of its
    Hessian; where that exceeds `WIDE`, chains are slow, and the largest of overlaps that are
    equal in theory is larger.
    """
    state: Any = theory.solve(point.model, T=point.T, start="hierarchical")
    if (state.example_eigenvalues < 0).any():
        return EXAMPLE
    width = (point.T / (point.n_spins * float(state.min_eigenvalue))) ** 0.5
    return SOFT if width > WIDE else AGREEMENT


def _single_example(point: Point) -> float | None:
    """Return the overlap of the state condensed on one example, if there is one."""
    model, rule = point.model, point.model.rule
    if not isinstance(model, Hopfield | Dense) or not rule.by_example:
        return None
    if point.alpha is None or rule.n_examples < 2:
        return None
    factor = finite_size_factor(point.n_spins, order=model.order)
    state = theory.single_example(model, alpha=point.alpha / factor, T=point.T / factor)
    return float(state.m) if state.converged else None
