"""How a trajectory of the retrieval dynamics is asked for, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from hebbian.result import Result

__all__ = ["DYNAMICS", "METHODS", "Course", "Trajectory"]

#: Dynamics whose theory there is: all spins at once, the same with the diagonal of the couplings,
#: and single spins at random times.
DYNAMICS = ("parallel", "parallel-diagonal", "glauber")
#: By trajectories of the effective spin, or in statistical neurodynamics.
METHODS = ("sampled", "neurodynamics")


class Course(NamedTuple):
    """Which trajectory, and how it is followed; arguments of `theory.trajectory`."""

    n_steps: int
    dynamics: str = "parallel"
    method: str = "sampled"
    n_trajectories: int = 100_000
    seed: int = 0
    time_step: float = 0.25
    n_threads: int = 1

    @property
    def continuous(self) -> bool:
        """Whether spins move one at a time, in continuous time."""
        return self.dynamics == "glauber"

    @property
    def substeps(self) -> int:
        """Steps of the discretised dynamics in one unit of time."""
        return max(1, round(1 / self.time_step)) if self.continuous else 1


@dataclass(frozen=True, kw_only=True)
class Trajectory(Result):
    r"""Order parameters of the retrieval dynamics in the limit of large networks.

    S is the broadcast shape of the control parameters.

    Parameters
    ----------
    t : numpy.ndarray
        Shape (n_steps + 1,): parallel steps, or sweeps, from 0.
    m, n : numpy.ndarray
        Shape (\*S, n_steps + 1), and a last axis of length K for `Multitasking`: Mattis
        magnetization and example overlap.
    m_err, n_err : numpy.ndarray
        Their sampling errors; 0 where nothing is sampled.
    C : numpy.ndarray
        Shape (\*S, n_steps + 1, n_steps + 1): correlation :math:`E\langle s(t) s(t')\rangle`; NaN
        where the method does not know it.
    G : numpy.ndarray
        Of the same shape: response :math:`E\,\partial\langle s_i(t)\rangle/\partial\theta_i(t')` of
        a spin to a field on it during the step, or sweep, that begins at t' < t.  Where sampled it
        is resolved in t' as far as the noise is new: at T = 0, and at t' < t - 1, the response to
        a step that brings less than a hundredth of new noise counts with those before it; at P = 2
        and T > 0 less than 40/(alpha n) of it for n trajectories, a quarter at most.
    """

    axes: ClassVar[dict[str, str]] = {
        "t": "t", "m": "... t pattern", "n": "... t pattern",
        "m_err": "... t pattern", "n_err": "... t pattern",
        "C": "... t t_before", "G": "... t t_before",
    }  # fmt: skip

    t: np.ndarray
    m: np.ndarray
    n: np.ndarray
    m_err: np.ndarray
    n_err: np.ndarray
    C: np.ndarray
    G: np.ndarray

    def __repr__(self) -> str:
        return f"Trajectory of {self.t[-1]:g} steps over grid of shape {self.C.shape[:-2]}"
