"""How many noisy examples a network needs before it retrieves archetypes it never saw.

The criteria and their formulas are those of a model's closure: `theory.one_pattern.thresholds`
and `theory.many_patterns.thresholds`.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from hebbian import Model, Storing, domain
from hebbian.calling import checked
from theory.closure import equations
from theory.labelled import labelled

__all__ = ["examples_needed", "noise_ratio"]


@checked
def noise_ratio(model: Model) -> float:
    r"""Return kappa, the power of the crosstalk relative to stored archetypes.

    Parameters
    ----------
    model : Model
        With a load.

    Returns
    -------
    float
        For distinct indices :math:`\kappa = R_P/R^P = (1 + \rho_P)/(1 + \rho)^P \ge 1` without
        a teacher, 1 with one.  In general the ratio of the variances of the fields of the
        classes that are not retrieved, on spins with q = 1 and no response (one step).

    Raises
    ------
    ValueError
        If the model has no load.

    Notes
    -----
    At order P >= 3 with distinct indices it is the whole difference between the two rules:
    every order parameter obeys unsupervised(alpha) = supervised(kappa alpha), and a load of
    the phase diagram is that of the supervised network over kappa (arXiv:2211.14067).  At
    P = 2 and for ``indices="all"`` the noise also changes its dependence on q.

    Examples
    --------
    >>> from hebbian import Dense, Supervised, Unsupervised
    >>> round(noise_ratio(Dense(order=4, rule=Unsupervised(quality=0.8, n_examples=6))), 6)
    1.276455
    >>> noise_ratio(Dense(order=4, rule=Supervised(quality=0.8, n_examples=6)))
    1.0
    """
    stored = dataclasses.replace(model, rule=Storing())
    return equations(model).noise_power() / equations(stored).noise_power()


@labelled
@checked
def examples_needed(
    model: Model,
    *,
    alpha: Any = None,
    T: Any = 0.0,
    criterion: str = "one-step",
    threshold: float = math.sqrt(0.5),
    law: str = "binomial",
) -> Any:
    r"""Return the number of examples per archetype that a criterion asks for.

    Parameters
    ----------
    model : Hopfield, Dense or Multitasking
        Its rule says whether there is a teacher and gives the quality r of the examples;
        its number of examples is ignored.
    alpha : float or array_like, optional
        Load in [0, inf); absent for `Multitasking`.
    T : float or array_like
        Temperature in [0, inf); 0 for `Multitasking`.
    criterion : str
        ``"one-step"``: one parallel step from the archetype keeps an overlap
        :math:`m_1 \ge {\rm erf}\,\theta` (`theory.signal_to_noise`) in the Gaussian law of
        the example mean; a real number, in closed form at T = 0.
        ``"self-consistent"``: the smallest whole M from which on the retrieval state
        exists *and* has :math:`m \ge {\rm erf}\,\theta`, for M itself and every larger
        number.
        ``"existence"``: the same without the condition on m.  One or two very noisy
        examples are retrieved as if they were archetypes, with m = r: where the load is low
        enough for that at every M, the answer is 1 and says nothing about learning.
        For `Multitasking` the criteria of
        `theory.many_patterns.thresholds`, whose ``"signal-to-noise"`` is also
        called ``"one-step"`` here.
    threshold : float
        :math:`\theta` in [1e-6, 3].
    law : {"binomial", "gaussian"}
        Law of the example mean for the last two criteria; the thresholds of `Multitasking`
        are functions of the dataset entropy alone, those of the Gaussian law.

    Returns
    -------
    float or numpy.ndarray
        Of the broadcast shape of `alpha` and `T`; NaN where no number of examples, or none
        up to 10^9 for the last two criteria, is enough.

    Raises
    ------
    ValueError
        If a parameter is outside its range, or if the rule has no noisy examples.

    Notes
    -----
    "From which on", because the critical load is not monotonic in M: one or two examples
    are retrieved themselves, and an even number of them leaves sites undecided.  Every
    number up to 40 is tried; beyond, even and odd numbers are bisected by themselves
    between powers of 2, which assumes that no lapse is shorter than a factor of 2.  At
    P >= 3 and T = 0 the replica-symmetric states end too early (`theory.boundaries`): the
    number asked for there exceeds that of moderate T.

    Examples
    --------
    >>> from hebbian import Dense, Supervised, Unsupervised
    >>> for rule in (Supervised, Unsupervised):
    ...     model = Dense(order=4, rule=rule(quality=0.3, n_examples=1))
    ...     print(
    ...         round(float(examples_needed(model, alpha=0.1)), 3),
    ...         examples_needed(model, alpha=[0.1, 0.5], criterion="self-consistent"),
    ...     )
    15.821 [16. nan]
    812.779 [5168.   nan]
    """
    theta = domain.real("threshold", threshold, "[1e-6, 3]")
    temperature = domain.real_array("T", T, "[0, inf)")
    found = equations(model, law)
    if not found.criteria:
        found.lacks("learning threshold")
    domain.choice("criterion", criterion, found.criteria)
    load, temperature = found.controls(alpha, T=temperature)
    if model.rule.quality == 1:
        raise ValueError(f"rule = {model.rule!r} has no noisy examples: quality must be below 1")
    return found.examples_needed(load, temperature, criterion, theta)[()]
