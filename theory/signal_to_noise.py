r"""One parallel step of the dynamics: signal against noise.

All spins of a configuration of overlap :math:`m_0` with an archetype, drawn independently
of everything else, are updated at once.  In the gauge of that archetype a spin feels

.. math:: h = u S + \sqrt V x, \qquad S = \tfrac P2 (c\,m_0)^{P-1}, \qquad x \sim N(0, 1),

u the normalised example mean on its site and :math:`c = E u = 1/\sqrt{1 + \rho}`
(`theory.averages.example_law`): the overlap of the start with the examples is
:math:`\tilde n = c\,m_0`, with a teacher and without one alike.  The classes that are not
retrieved know nothing of the start, whose spins have q = 1 whatever :math:`m_0` is, so that
V is the crosstalk of `theory.one_pattern.crosstalk` at q = 1 and :math:`\chi = 0`:
:math:`V = \alpha \kappa P/2` with distinct indices, larger by (2P-3)!!/(P-1)! with all of
them.  Hence

.. math:: m_1 = E \tanh(h/T), \qquad E h = c S, \qquad
          {\rm Var}\,h = (1 - c^2) S^2 + V,

and for a Gaussian u, at T = 0 and :math:`m_0 = 1`, :math:`m_1 = {\rm erf}(1/\sqrt{2x})` with
:math:`x = {\rm Var}\,h/(E h)^2 = \rho + (2\alpha/P)\,\kappa\,(1 + \rho)^P` (P. Baldi,
S. S. Venkatesh, Phys. Rev. Lett. 58, 913 (1987), doi:10.1103/PhysRevLett.58.913;
arXiv:2212.00606; arXiv:2211.14067).  In one step the noise is Gaussian at every order, P = 2
included; from the second step on the spins know the noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from hebbian import Model, Multitasking, domain

from .closure import closure
from .compiled import compiled
from .labelled import labelled
from .many_patterns import learning as multitasking_learning
from .many_patterns.columns.choice import Columns
from .many_patterns.columns.law import entry_law
from .one_pattern.branches import ReplicaSymmetric
from .one_pattern.crosstalk import noise
from .one_pattern.replica import MeanField, signal, sites

__all__ = ["OneStep", "signal_to_noise"]


@dataclass(frozen=True, kw_only=True)
class OneStep:
    """One parallel step of the dynamics, broadcast over the control parameters.

    Parameters
    ----------
    m : numpy.ndarray
        Mattis overlap after the step; for `Multitasking` all of them, on a last axis of
        length K.
    field_mean, field_variance : numpy.ndarray
        Mean and variance over the sites of the field along the archetype, in units of the
        energy, for the law of the example mean that was asked for (the two laws share
        them); for `Multitasking` over the sites that the first pattern decides.
    """

    m: np.ndarray
    field_mean: np.ndarray
    field_variance: np.ndarray


@labelled
def signal_to_noise(
    model: Model,
    *,
    alpha: Any = None,
    T: Any = 0.0,
    start_overlap: Any = 1.0,
    law: str = "binomial",
) -> OneStep:
    """Analyse one parallel step from a configuration close to what is retrieved.

    Parameters
    ----------
    model : Hopfield, Dense or Multitasking
    alpha : float or array_like, optional
        Load in [0, inf); absent for `Multitasking`.
    T : float or array_like
        Temperature in [0, inf); at 0 every spin follows the sign of its field.
    start_overlap : float or array_like
        Overlap of the start with the archetype in [-1, 1]; for `Multitasking` with the
        hierarchical configuration.  Its other spins are flipped at random.
    law : {"binomial", "gaussian"}
        Law of the example mean.

    Returns
    -------
    OneStep
        Arrays of the broadcast shape of `alpha`, `T` and `start_overlap`.

    Raises
    ------
    ValueError
        If a parameter is outside its range, or if T is positive but out of reach of the
        equations of `Multitasking` (see `theory.many_patterns`).

    Notes
    -----
    A spin without any field, as where the examples of a site balance at alpha = 0 and
    T = 0, contributes nothing to the overlap.

    Examples
    --------
    >>> from hebbian import Dense, Hopfield, Unsupervised
    >>> step = signal_to_noise(Hopfield(), alpha=[0.1, 0.5])
    >>> step.m.round(6), step.field_mean, step.field_variance
    (array([0.998435, 0.842701]), array([1., 1.]), array([0.1, 0.5]))
    >>> rule = Unsupervised(quality=0.6, n_examples=10)
    >>> float(signal_to_noise(Dense(order=4, rule=rule), alpha=0.1).m.round(6))
    0.829729
    """
    domain.choice("law", law, ("binomial", "gaussian"))
    temperature = domain.real_array("T", T, "[0, inf)")
    start = domain.real_array("start_overlap", start_overlap, "[-1, 1]")
    if isinstance(model, Multitasking):
        if alpha is not None:
            raise ValueError(f"alpha = {alpha}: {type(model).__name__} has no load")
        temperature, start = _broadcast(T=temperature, start_overlap=start)
        return _multitasking(model, temperature, start, law)
    equations = closure(model, law)
    if not isinstance(equations, ReplicaSymmetric):
        raise ValueError(f"there is no one-step analysis of models of type {type(model).__name__}")
    if alpha is None:
        raise ValueError(f"alpha = None: {type(model).__name__} needs a load in [0, inf)")
    load = domain.real_array("alpha", alpha, "[0, inf)")
    load, temperature, start = _broadcast(alpha=load, T=temperature, start_overlap=start)
    columns = _steps(equations.field, load.ravel(), temperature.ravel(), start.ravel()).T
    m, mean, variance = (column.reshape(load.shape) for column in columns)
    return OneStep(m=m, field_mean=mean, field_variance=variance)


def _broadcast(**arrays: np.ndarray) -> tuple[np.ndarray, ...]:
    try:
        return np.broadcast_arrays(*arrays.values())
    except ValueError:
        shapes = " and ".join(f"{name} of shape {a.shape}" for name, a in arrays.items())
        raise ValueError(f"{shapes} do not broadcast") from None


@compiled
def _steps(field: MeanField, alpha: np.ndarray, T: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Return rows (m, field_mean, field_variance)."""
    out = np.empty((alpha.size, 3))
    law = field.law
    for i in range(alpha.size):
        S = signal(field.order, law.mean * start[i])
        V = alpha[i] * noise(field.crosstalk, 1.0, 0.0, T[i])[0]
        out[i, 0] = sites(field, S, V, T[i])[0]
        out[i, 1] = law.mean * S
        out[i, 2] = (law.spread + law.deviation**2) * S**2 + V
    return out


def _multitasking(model: Multitasking, T: np.ndarray, start: np.ndarray, law: str) -> OneStep:
    """Scale the fields of the hierarchical configuration; all of them are linear in it."""
    step = multitasking_learning.signal_to_noise(model, law=law)
    d, K = model.dilution, model.n_patterns
    n = start.reshape(-1, 1) * (1 - d) * d ** np.arange(K)
    m = Columns(entry_law(model, law), K).responses(n, T.flatten()).m
    return OneStep(
        m=np.where(start[..., None] == 0, 0.0, m.reshape(*T.shape, K)),
        field_mean=np.asarray(start * step.field_mean),
        field_variance=np.asarray(start**2 * step.field_variance),
    )
