r"""Examples without a teacher: one law for all of them, or retrieval of a single one.

A network without a teacher stores every example by itself.  The retrieved class then has M
order parameters :math:`\nu_a = (1/N) \sum_i \eta_i^a s_i`, and a site feels, in the gauge of
the archetype,

.. math:: h = \frac{P}{2 M R^{P/2}} \sum_a \eta^a \nu_a^{P-1} + \sqrt V x, \qquad
          \nu_a = E\,\eta^a \tanh(h/T),

with the crosstalk V of `theory.one_pattern.crosstalk`; the equations are the stationarity
conditions of

.. math:: f = -T E \ln 2\cosh(h/T) + \frac{P-1}{2 M R^{P/2}} \sum_a \nu_a^P + \alpha F(\chi).

`theory.solve` treats all examples alike, :math:`\nu_a = \sqrt R\,\tilde n`, which is retrieval
of the archetype.  That state is unstable where the modes :math:`\delta\nu_a` of zero sum grow
(`example_stability`), and competes with states condensed on one example
(`theory.single_example`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hebbian import Model, domain
from hebbian.calling import checked
from theory.averages.gaussian import polarisation, random_field
from theory.closure import equations
from theory.compiled import compiled
from theory.labelled import labelled
from theory.one_pattern.closure import ReplicaSymmetric
from theory.one_pattern.crosstalk import noise
from theory.one_pattern.replica import MeanField

__all__ = ["example_stability", "unsupervised"]


@labelled
@checked
def example_stability(model: Model, *, alpha: Any, T: Any, law: str = "binomial") -> Any:
    r"""Return the eigenvalue of the modes that tell the examples of an archetype apart.

    Parameters
    ----------
    model : Hopfield or Dense
        With the rule `Unsupervised`.
    alpha, T : float or array_like
        Load and temperature in [0, inf).
    law : {"binomial", "gaussian"}
        Law of the example mean.

    Returns
    -------
    float or numpy.ndarray
        :math:`1 - \kappa_{\rm anti}` on the retrieval branch: stable where positive.  NaN
        where there is no retrieval state, and for a single example, which has no such mode;
        :math:`-\infty` at T = 0 and alpha = 0 where an even number of examples leaves sites
        without a field.

    Raises
    ------
    ValueError
        If a parameter is outside its range, or if the rule is not `Unsupervised`.

    Notes
    -----
    The mode is M - 1 times degenerate and by symmetry decoupled from n and q:

    .. math:: \kappa_{\rm anti} = \frac{P (P-1)}{2}\,\frac{\tilde n^{P-2}}{M R}\,
        E\Big[(1 - \eta^1 \eta^2)\,\frac{1 - \tanh^2(h/T)}{T}\Big], \qquad
        E[1 - \eta^1 \eta^2 \mid u] = \frac{M (1 - R u^2)}{M - 1},

    and :math:`1 - r^2` for the latter in the Gaussian law.  Stable is not dominant: an
    example may still have the lower free energy (`theory.single_example`).

    Examples
    --------
    >>> from hebbian import Dense, Unsupervised
    >>> few, many = (
    ...     Dense(order=4, rule=Unsupervised(quality=0.8, n_examples=M)) for M in (2, 6)
    ... )
    >>> round(float(example_stability(few, alpha=0.0, T=0.15)), 4)
    -6.2
    >>> round(float(example_stability(many, alpha=0.0, T=0.15)), 4)
    0.847
    """
    found = unsupervised("example_stability", model, law)
    field, rule = found.field, model.rule
    temperature = domain.real_array("T", T, "[0, inf)")
    load, temperature = found.controls(alpha, T=temperature)
    shape = load.shape
    load, temperature = load.flatten(), temperature.flatten()
    state = found.solve(load, temperature, "retrieval")
    n = state.n / field.law.mean
    bend = 0.0 if law == "gaussian" else rule.second_moment
    softness = _softness(field, load, temperature, n, state.q, state.susceptibility, bend)
    if law == "gaussian":
        softness *= 1 - rule.quality**2
    else:
        softness *= rule.n_examples / (rule.n_examples - 1) if rule.n_examples > 1 else np.nan
    P = field.order
    kappa = P * (P - 1) / 2 * n ** (P - 2) / (rule.n_examples * rule.second_moment) * softness
    return (1 - kappa).reshape(shape)[()]


def unsupervised(quantity: str, model: Model, law: str) -> ReplicaSymmetric:
    """Return the equations of a network without a teacher; a quantity needs one."""
    found = equations(model, law)
    if not isinstance(found, ReplicaSymmetric) or not model.rule.by_example:
        raise ValueError(
            f"{quantity} needs Hopfield or Dense with rule Unsupervised, patterns of one strength, "
            f"not {model}"
        )
    return found


@compiled
def _softness(
    field: MeanField,
    alpha: np.ndarray,
    T: np.ndarray,
    n: np.ndarray,
    q: np.ndarray,
    chi: np.ndarray,
    bend: float,
) -> np.ndarray:
    """Average (1 - bend u^2) sech^2(h/T)/T over the sites."""
    out = np.full(alpha.size, np.nan)
    law = field.law
    for i in range(alpha.size):
        if np.isnan(n[i]):
            continue
        if np.isinf(chi[i]):
            out[i] = np.inf
            continue
        S = 0.5 * field.order * n[i] ** (field.order - 1)
        V = alpha[i] * noise(field.crosstalk, q[i], chi[i], T[i])[0]
        random = random_field(V + law.spread * S**2, T[i])
        out[i] = 0.0
        for u, w in zip(law.u, law.weight):  # noqa: B905 - numba has no strict
            c = polarisation(u * S, random)[2]
            out[i] += w * (1 - bend * u**2) * c
    return out
