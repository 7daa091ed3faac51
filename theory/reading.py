"""Reading exponentially many patterns: capacities of models, and the bound of them all."""

from __future__ import annotations

from typing import Any

from hebbian import Model, domain
from hebbian.calling import checked

from .closure import equations
from .exponential import binary
from .labelled import labelled

__all__ = ["reading_capacity", "shannon_bound"]

#: Dynamics whose one pass is a reading.
DYNAMICS = ("parallel", "zero-temperature")


@labelled
@checked
def reading_capacity(model: Model, start_overlap: Any = 1.0, *, dynamics: str = "parallel") -> Any:
    r"""Return the largest ln K / N at which one pass at T = 0 corrects a query.

    Parameters
    ----------
    model : Model
        `Exponential`, `ExponentialSequence` or `SparseDistributed` with infinitely many neurons;
        networks of patterns that are as many as a power of N, such as `Hopfield` and `Dense`,
        have 0.
    start_overlap : float or array_like
        Overlap of the query with its pattern in [-1, 1]; 1 is the limit of few wrong sites.
    dynamics : {"parallel", "zero-temperature"}
        All sites at once, or single flips that lower the energy.

    Returns
    -------
    float or numpy.ndarray
        Of the shape of `start_overlap`, from 0 to `shannon_bound`; NaN where the pattern itself
        has no weight, as at :math:`m_0 < 1 - 4\delta` of a radius :math:`\delta`.

    Raises
    ------
    ValueError
        If a parameter is outside its range, or the model is not read.

    Notes
    -----
    Derivation: `theory.exponential.reading`; kernels: `theory.sparse_distributed.exponent`.
    Whether the query includes the site that is updated changes the exponent: the parallel
    dynamics of `Exponential` and of ``own_site="included"`` does, differences of energies do not.
    In an `ExponentialSequence` it does not matter (`theory.sequence.exponential`).

    Examples
    --------
    >>> from hebbian import Exponential, SparseDistributed
    >>> reading_capacity(SparseDistributed(radius=0.2, own_site="excluded"), [1, 0.8, 0.6]).round(4)
    array([0.2971, 0.246 , 0.1764])
    >>> reading_capacity(SparseDistributed(radius=0.2), [1, 0.8, 0.6]).round(4)
    array([0.1927, 0.1672, 0.1324])
    >>> softmax = reading_capacity(Exponential(sharpness=1.0), [0.8, 0.6])
    >>> softmax.round(4), shannon_bound([0.8, 0.6]).round(4)
    (array([0.3662, 0.1927]), array([0.3681, 0.1927]))
    """
    start = domain.real_array("start_overlap", start_overlap, "[-1, 1]")
    domain.choice("dynamics", dynamics, DYNAMICS)
    return equations(model).reading_capacity(start, dynamics)


@labelled
@checked
def shannon_bound(start_overlap: Any) -> Any:
    r"""Return I(m), the largest ln K / N at which patterns can be told from queries at all.

    Parameters
    ----------
    start_overlap : float or array_like
        Overlap of the query with its pattern in [-1, 1].

    Returns
    -------
    float or numpy.ndarray
        :math:`I(m) = \frac12[(1 + m) \ln(1 + m) + (1 - m) \ln(1 - m)]`, of the shape of
        `start_overlap`.

    Raises
    ------
    ValueError
        If it is outside its range.

    Notes
    -----
    The capacity, in nats, of the channel that reverses each site with probability (1 - m)/2
    (C. E. Shannon, Bell Syst. Tech. J. 27, 379 (1948), doi:10.1002/j.1538-7305.1948.tb01338.x):
    an expected :math:`e^{N(\alpha - I(m))}` other patterns are as near to the query.

    Examples
    --------
    >>> shannon_bound([1.0, 0.8, 0.6]).round(6)
    array([0.693147, 0.368064, 0.192745])
    """
    return binary.rate(domain.real_array("start_overlap", start_overlap, "[-1, 1]"))
