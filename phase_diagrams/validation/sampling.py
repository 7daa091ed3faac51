"""Theory against simulation at points drawn at random in all models and rules."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import numpy as np

import montecarlo
import phase_diagrams
import theory
from hebbian import Dense, Hopfield, Model, Multitasking, Rule, Storing, Supervised, Unsupervised
from hebbian.streams import stream
from phase_diagrams.analysis.expectations import Expected
from phase_diagrams.phases import Phase
from theory.conventions import finite_size_factor

__all__ = ["Point", "Verdict", "compared", "draw"]

#: Spins for each order; numbers of patterns stay below some thousands.
SIZES = {2: 800, 3: 160, 4: 72, 5: 40, 6: 28}
N_MULTITASKING = 3000

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
    m, error, theory : float
        Simulated overlap, its standard error, and the theory with the couplings of the
        finite network.
    z : float
        (m - theory)/error.
    phase : str
    limit : float
        z that Student's law for that number of samples exceeds as rarely as a Gaussian
        exceeds three.
    disagrees : bool
        Beyond the limit.
    reason : str
        Why, where it disagrees.
    """

    point: Point
    m: float
    error: float
    theory: float
    z: float
    phase: str
    limit: float
    disagrees: bool
    reason: str


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
    m, error, residual, z = (
        float(np.ravel(values)[0])
        for values in (simulation["m"], simulation["m_err"], found["m_residual"], found["m_z"])
    )
    limit, phase = float(found.attrs["limit"]), Phase(int(found["phase"])).text
    verdict = Verdict(
        point=point, m=m, error=error, theory=m - residual, z=z, phase=phase, limit=limit,
        disagrees=abs(z) > limit, reason="",
    )  # fmt: skip
    if not verdict.disagrees:
        return verdict
    return dataclasses.replace(verdict, reason=_reason(verdict, found, simulation))


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


def _reason(verdict: Verdict, found: Any, simulation: Any) -> str:
    """Name what is known to separate a finite chain of a finite network from the theory."""
    point, m = verdict.point, verdict.theory
    reversed_spins = 0.5 * N_SAMPLES * point.n_spins * (1 - m)
    if point.alpha is not None and reversed_spins < 10:
        return f"too few reversed spins for an error bar: {reversed_spins:.1f} in all samples"
    if (overlap := _single_example(point)) is not None:
        return f"single examples are attractors: overlap {overlap:.2f}"
    left = float(simulation["escaped"] + simulation["switched"])
    if point.alpha is not None and left > 0 and m > 0.1:
        return f"chains left the metastable state: {left:.0%}"
    _, smaller = _study(dataclasses.replace(point, n_spins=point.n_spins // 2))
    half = abs(float(np.ravel(smaller["m_residual"])[0]))
    here = abs(verdict.m - m)
    if here < 0.75 * half:
        return f"finite size: the difference is {here:.4f} here and {half:.4f} at N/2"
    return "not explained"


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
