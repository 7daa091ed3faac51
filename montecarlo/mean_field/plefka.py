r"""Plefka dynamics: mean-field equations of the local magnetizations.

The expansion of the Gibbs potential G(m) at fixed magnetizations in powers of the
interaction [1]_ gives, to first order, independent spins in their mean field,

.. math:: m_i(t+1) = \tanh \beta h_i(m(t)),

and to second order the field of the spin's own influence on the others is taken off
(Onsager's reaction),

.. math:: m_i(t+1) = \tanh\big[\beta h_i(m(t)) - c_i(m(t)) \, m_i(t+1)\big].

This is the second-order expansion of the parallel heat bath [2]_: the reaction carries the
time of the left side, so a step solves one scalar equation a site.  For Gaussian couplings
of unit strength and one variance v = 1 - m^2 on all sites the linear step has eigenvalues
up to :math:`2 \beta v / (1 + \beta^2 v^2) \le 1`: it is stable without damping, marginal
on the de Almeida-Thouless line.  Fixed points are the stationary points of G:
:math:`\partial G / \partial m_i = 0`.  arXiv:2212.00606 uses Plefka's approximation to
replace the Monte Carlo evaluation of dense networks.  h and the mean energy are derived in
`.equations`, c and the resummation at P = 2 in `.reaction`.

References
----------
.. [1] T. Plefka, J. Phys. A 15, 1971 (1982), doi:10.1088/0305-4470/15/6/035.
.. [2] Y. Roudi, J. Hertz, J. Stat. Mech. P03031 (2011),
   doi:10.1088/1742-5468/2011/03/P03031.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from hebbian import Dataset, Model, domain
from hebbian.calling import checked
from hebbian.result import Result, Variable
from hebbian.tables import Display, Shown
from montecarlo.engine.checkpoint import Place
from montecarlo.engine.plan import Plan
from montecarlo.engine.running import run

from .fixed_points import FixedPoints

__all__ = ["Magnetizations", "plefka"]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Magnetizations(Display, Result):
    """Fixed points of the mean-field equations.

    Parameters
    ----------
    magnetizations : (T..., sample, replica, spin) numpy.ndarray
        m_i.
    m, n : (T..., sample, replica) numpy.ndarray
        Overlaps with the archetypes and the example averages; a last axis pattern where
        several are observed.
    q : (T..., sample, replica) numpy.ndarray
        (1/N) sum_i m_i**2.
    free_energy, energy : (T..., sample, replica) numpy.ndarray
        Per spin, to the order of the expansion.
    replicon : (T..., sample, replica) numpy.ndarray
        Positive where the state is stable against replica-symmetry breaking; NaN for
        order 1 and where the second order does not exist.
    converged : (T..., sample, replica) numpy.ndarray of bool
        Whether the last step was below the tolerance and the second order exists there.
    residual : (T..., sample, replica) numpy.ndarray
        Largest change of an m_i in the last step.
    n_iter : (T..., sample, replica) numpy.ndarray of int
        Steps taken.
    settings : dict
        What ran.
    """

    axes: ClassVar[dict[str, str]] = {
        "magnetizations": "... sample replica site", "m": "... sample replica pattern",
        "n": "... sample replica pattern", **dict.fromkeys(
            ("q", "free_energy", "energy", "replicon", "converged", "residual", "n_iter"),
            "... sample replica",
        ),
    }  # fmt: skip

    magnetizations: np.ndarray
    m: np.ndarray
    n: np.ndarray
    q: np.ndarray
    free_energy: np.ndarray
    energy: np.ndarray
    replicon: np.ndarray
    converged: np.ndarray
    residual: np.ndarray
    n_iter: np.ndarray
    settings: dict[str, Any]

    def grid(self) -> tuple[tuple[str, ...], dict[str, Variable]]:
        """Return the axes of temperatures; the order that was asked for is of the expansion."""
        dims, coordinates = super().grid()
        return dims, {name: x for name, x in coordinates.items() if name != "order"}

    def _shown(self) -> Shown:
        """Means over samples and replicas at every temperature."""
        title = (
            f"Magnetizations of {self.settings['model']}: {int(self.converged.sum())} of "
            f"{self.converged.size} converged, m = {self.m.mean():.6f}, q = {self.q.mean():.6f}, "
            f"f = {self.free_energy.mean():.6f}"
        )
        chains, lines = self.converged.shape[-2:], []
        for index, T in np.ndenumerate(np.asarray(self.settings["T"])):
            m = np.round(self.m[index].mean(axis=(0, 1)), 6)
            means = (f"{x[index].mean():.6f}" for x in (self.q, self.free_energy, self.replicon))
            done = f"{int(self.converged[index].sum())} of {chains[0] * chains[1]}"
            lines.append((f"{T:.4g}", done, str(m), *means))
        return Shown(title, ("T", "converged", "m", "q", "f", "replicon"), lines)


@checked
def plefka(
    model: Model,
    *,
    alpha: float | None = None,
    T: Any,
    n_spins: int | None = None,
    n_samples: int = 8,
    n_replicas: int = 1,
    order: int = 2,
    damping: float = 0.0,
    tol: float = 1e-9,
    max_iter: int = 2000,
    start: Any = "pattern",
    seed: int = 0,
    backend: str = "auto",
    n_threads: int | None = None,
    data: Dataset | None = None,
    patterns: Sequence[int] | None = None,
    checkpoint: Place = None,
    checkpoint_every: float = 10.0,
    progress: bool = False,
) -> Magnetizations:
    r"""Iterate the mean-field equations of each disorder sample to a fixed point.

    Parameters
    ----------
    model : Model
    alpha : float, optional
        Load; absent for `Multitasking`.
    T : float or array_like
        Temperatures in (0, inf).
    n_spins : int
        Size of the network; absent if `data` is given.
    n_samples, n_replicas : int
        Disorder samples, those of `simulate`, and starts on each: at least 1.
    order : {1, 2}
        Order of the expansion: mean field, or with the reaction term.
    damping : float
        In [0, 1): share of the old state kept in a step; 0.5 stops oscillations.
    tol : float
        In (0, 1): largest change of an m_i in the last step.
    max_iter : int
        Steps before giving up, at least 1.
    start, seed, n_threads, progress, data, patterns, checkpoint, checkpoint_every
        As in `simulate`.
    backend : {"auto", "numba", "cupy"}
        What sums over the rows; a device's magnetizations agree up to rounding.

    Returns
    -------
    Magnetizations
        Where the iteration did not end, `converged` is False and the last state stands.

    Raises
    ------
    ValueError
        If a parameter is outside its range, or the checkpoint is of no use (`simulate`).

    Notes
    -----
    Where `Magnetizations.replicon` is negative the expansion fails (de Almeida-Thouless);
    in the spin-glass phase of P = 2 the iteration from a random start runs to the
    paramagnet, whose reaction diverges below T = 1, and is flagged.

    Examples
    --------
    >>> from hebbian import Hopfield
    >>> state = plefka(Hopfield(), alpha=0.05, T=0.3, n_spins=400, n_samples=3, seed=1)
    >>> bool(state.converged.all()), bool(abs(state.m.mean() - 0.99) < 0.01)
    (True, True)
    """
    order = domain.integer("order", order, "[1, 2]")
    damping = domain.real("damping", damping, "[0, 1)")
    tol = domain.real("tol", tol, "(0, 1)")
    max_iter = domain.integer("max_iter", max_iter, "[1, 1000000000]")
    plan = Plan.of(
        model,
        alpha=alpha,
        T=domain.real_array("T", T, "(0, inf)"),
        n_spins=n_spins,
        n_samples=n_samples,
        n_replicas=n_replicas,
        start=start,
        seed=seed,
        data=data,
        patterns=patterns,
        dynamics="plefka",
        backend=backend,
    )
    job = FixedPoints.of(
        plan,
        backend=backend,
        n_sweeps=max_iter,
        options={"order": order, "damping": damping, "tol": tol, "max_iter": max_iter},
        expansion=order,
        damping=damping,
        tol=tol,
    )
    ledger = run(
        job,
        "plefka",
        n_threads=n_threads,
        progress=progress,
        checkpoint=checkpoint,
        checkpoint_every=checkpoint_every,
    )
    names = [field.name for field in dataclasses.fields(Magnetizations) if field.name != "settings"]
    found = {name: ledger.stack(name) for name in names}
    shaped = {name: x.reshape(*plan.T.shape, *x.shape[1:]) for name, x in found.items()}
    return Magnetizations(**shaped, settings=job.settings)
