"""One parallel step of the dynamics, of any model whose closure knows it."""

from __future__ import annotations

from typing import Any

from hebbian import Model, domain
from hebbian.calling import checked

from .closure import equations
from .labelled import labelled
from .solution import SignalToNoise

__all__ = ["signal_to_noise"]


@labelled
@checked
def signal_to_noise(
    model: Model,
    *,
    alpha: Any = None,
    T: Any = 0.0,
    start_overlap: Any = 1.0,
    law: str = "binomial",
) -> SignalToNoise:
    """Analyse one parallel step from a configuration close to what is retrieved.

    Parameters
    ----------
    model : Model
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
    SignalToNoise
        Arrays of the broadcast shape of `alpha`, `T` and `start_overlap`.

    Raises
    ------
    ValueError
        If a parameter is outside its range, if the model has no such analysis, or if T is
        positive but out of reach of the equations of `Multitasking` (see
        `theory.many_patterns`).

    Notes
    -----
    A spin without any field, as where the examples of a site balance at alpha = 0 and
    T = 0, contributes nothing to the overlap.  Derivation: `theory.one_pattern.first_step`,
    `theory.many_patterns.thresholds`.

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
    temperature = domain.real_array("T", T, "[0, inf)")
    start = domain.real_array("start_overlap", start_overlap, "[-1, 1]")
    found = equations(model, law)
    return found.signal_to_noise(*found.controls(alpha, T=temperature, start_overlap=start))
