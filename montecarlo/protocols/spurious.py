r"""Where descents from random configurations end: in patterns, in mixtures, or elsewhere.

A fixed point of the dynamics at T = 0 that is no pattern, nor one reversed, is spurious.  The
simplest are mixtures, :math:`s_i = \mathrm{sign}(\pm\xi_i^1 \pm \xi_i^2 \pm \xi_i^3)` (D. J. Amit,
H. Gutfreund, H. Sompolinsky, Phys. Rev. A 32, 1007 (1985), doi:10.1103/PhysRevA.32.1007); the
others are the states of a glass.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from hebbian import Dataset, Model, domain
from hebbian.calling import checked_with
from hebbian.result import Result
from hebbian.tables import Display, Shown
from montecarlo.destinations import overlap_blocks
from montecarlo.observables import Configurations
from montecarlo.run import Run
from montecarlo.schedule import Schedule
from montecarlo.simulate import simulate
from montecarlo.statistics.proportion import Proportion, proportion

__all__ = ["KINDS", "Spurious", "kinds", "spurious"]

#: What a last configuration is, by its number in `Spurious.kind`.
KINDS = ("pattern", "reversed", "mixture", "other", "unfinished")

MIXED = 3  # patterns of a mixture


@dataclass(frozen=True, kw_only=True, repr=False)
class Spurious(Display, Result):
    """Ends of descents from random configurations.

    Parameters
    ----------
    kind : numpy.ndarray
        Axes (sample, replica), int8: a number of `KINDS` for every descent.
    pattern, reversed, mixture, other, unfinished : Proportion
        Fractions of the descents.  A reversed pattern counts as such where it has the energy of
        the pattern; `unfinished` is still moving.
    fraction : Proportion
        Of fixed points that are spurious: mixtures and others, of all but the unfinished.
    threshold : float
    run : Run
        The descents; ``run.energy`` and ``run.last`` are of their ends.
    """

    axes: ClassVar[dict[str, str]] = {
        "kind": "sample replica", "pattern": "", "reversed": "", "mixture": "", "other": "",
        "unfinished": "", "fraction": "",
    }  # fmt: skip

    kind: np.ndarray
    pattern: Proportion
    reversed: Proportion
    mixture: Proportion
    other: Proportion
    unfinished: Proportion
    fraction: Proportion
    threshold: float
    run: Run

    def _shown(self) -> Shown:
        lines = [
            (name, f"{float(p.mean):.3f}", f"{float(p.low):.3f} to {float(p.high):.3f}")
            for name, p in ((name, getattr(self, name)) for name in (*KINDS, "fraction"))
        ]
        return Shown("Ends of descents from random configurations", ("", "share", "95 %"), lines)


@checked_with(simulate)
def spurious(
    model: Model, *, threshold: float = 0.9, n_sweeps: int = 500, **settings: Any
) -> Spurious:
    r"""Count in what descents at T = 0 from random configurations end.

    Parameters
    ----------
    model : Model
        With an energy, and states that retrieve one pattern.
    threshold : float
        Overlap with a pattern from which on the end is that pattern, and with the sign of the
        sum of its three nearest patterns from which on it is their mixture; in (0.5, 1].
    n_sweeps : int
        Longest descent, in [1, 1000000].
    **settings
        As for `montecarlo.simulate`, without `T`, `dynamics`, `start`, `schedule`, `observables`
        and `patterns`; every sample has `n_replicas` descents.

    Returns
    -------
    Spurious

    Raises
    ------
    ValueError
        If a parameter is outside its range, or the model has no energy or retrieves several
        patterns at once.

    Examples
    --------
    A short sleep leads more descents to patterns, a long one fewer again:

    >>> import montecarlo
    >>> from hebbian import Dreaming
    >>> for t in (0.0, 1.0, 10.0):
    ...     found = montecarlo.spurious(
    ...         Dreaming(sleep=t), alpha=0.1, n_spins=300, n_samples=8, n_replicas=20
    ...     )
    ...     print(f"{float(found.fraction.mean):.2f}")
    0.98
    0.81
    0.88
    """
    threshold = domain.real("threshold", threshold, "(0.5, 1]")
    n_sweeps = domain.integer("n_sweeps", n_sweeps, "[1, 1000000]")
    for name in ("T", "dynamics", "start", "schedule", "observables", "patterns"):
        if name in settings:
            raise ValueError(f"{name} is not a choice here: descents at T = 0 from random spins")
    if model.retrieves_several:
        raise ValueError(f"model = {model!r} retrieves several patterns at once: all are mixtures")

    def kind_of(state: Configurations) -> np.ndarray:
        return kinds(state.data, state.spins, threshold)

    run = simulate(
        model,
        T=0.0,
        dynamics="zero-temperature",
        start="random",
        schedule=Schedule(warmup=n_sweeps - 1, sweeps=1, stride=1),
        observables={"kind": kind_of},
        **settings,
    )
    kind = run.series["kind"][..., -1].astype(np.int8)
    kind[~run.fixed_point] = KINDS.index("unfinished")
    fractions = {name: proportion(kind == number) for number, name in enumerate(KINDS)}
    ended = kind < KINDS.index("unfinished")
    at_fault = (kind == KINDS.index("mixture")) | (kind == KINDS.index("other"))
    if not ended.all():  # samples of unequal numbers of trials: each descent counts once
        at_fault = at_fault[ended][:, None]
    return Spurious(
        kind=kind, fraction=proportion(at_fault), threshold=threshold, run=run, **fractions
    )


def kinds(data: Dataset, spins: np.ndarray, threshold: float) -> np.ndarray:
    """Return what configurations (n, n_spins) are: numbers of `KINDS`, (n,).

    Examples
    --------
    >>> import hebbian
    >>> xi = np.random.default_rng(0).choice([-1, 1], (4, 300))
    >>> data = hebbian.from_examples(hebbian.Hopfield(), xi)
    >>> mixed = np.sign(xi[0] - xi[1] + xi[3])
    >>> kinds(data, np.array([xi[2], -xi[2], mixed, xi[0] * xi[1]], np.int8), 0.9)
    array([0, 1, 2, 3], dtype=int8)
    """
    sums = np.concatenate([block for block, _ in overlap_blocks(data, spins)], axis=1)
    level = threshold * data.n_spins
    reversible = data.model.reversible
    size = np.abs(sums) if reversible else sums
    found = np.full(len(spins), KINDS.index("other"), np.int8)
    if data.n_patterns >= MIXED:
        nearest = np.argsort(-size, axis=1, kind="stable")[:, :MIXED]
        directions = np.sign(np.take_along_axis(sums, nearest, axis=1))
        for c, (which, signs) in enumerate(zip(nearest, directions, strict=True)):
            mixture = np.sign(signs @ data.observed(which)[0])
            if mixture @ spins[c].astype(np.float64) >= level:
                found[c] = KINDS.index("mixture")
    found[(sums >= level).any(axis=1)] = KINDS.index("pattern")
    if reversible:
        found[(sums <= -level).any(axis=1)] = KINDS.index("reversed")
    return found
