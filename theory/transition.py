"""Where retrieval is the ground state of a network with a load.

`transition_temperature` is the line seen from the load, `transition_load` from the temperature.
Replica symmetry is broken on both sides of it, unless they are told otherwise.  Exponentially many
patterns together are the ground state up to a larger load than one of them alone,
`theory.complexity.single_transition_load`.
"""

from __future__ import annotations

from typing import Any

from hebbian import Model, domain
from hebbian.calling import checked

from .closure import equations
from .labelled import labelled

__all__ = ["transition_load", "transition_temperature"]


@labelled
@checked
def transition_temperature(
    model: Model,
    alpha: Any,
    *,
    n_spins: int | None = None,
    law: str = "binomial",
    rsb: int | None = None,
) -> Any:
    r"""Return T_c, below which retrieval is the global minimum of the free energy.

    Parameters
    ----------
    model : Model
        With a load.
    alpha : float or array_like
        Load in [0, inf).
    n_spins : int, optional
        N of a finite network, at least the order; by default infinite.
    law : {"binomial", "gaussian"}
        Law of the example mean.
    rsb : {0, 1}, optional
        Steps of replica-symmetry breaking, by default the most that the theory of the model has: 1,
        but 0 of `Dreaming` and `Assembly`.  With 0 both states are replica symmetric: at P = 2
        the line of Amit, Gutfreund and Sompolinsky, which ends at 0.0519 instead of 0.0561.

    Returns
    -------
    float or numpy.ndarray
        Of the shape of `alpha`: the largest temperature at which the line
        `transition_load` reaches the load; NaN beyond its tip.

    Raises
    ------
    ValueError
        If a parameter is outside its range, or the model has no such line.

    Notes
    -----
    The competitor is the paramagnet or the glass, whichever is thermodynamic.  With ``rsb=1``
    the glass has one step of breaking: for P >= 3 `theory.one_pattern.broken.glass`, for P = 2
    `theory.one_pattern.broken.pair_glass`; two steps where it freezes continuously, with
    ``indices="all"`` at P = 4 and wherever the couplings of rank 2 are strong
    (`theory.one_pattern.broken.continuous`; more steps move the load by less than 1e-4).  With
    ``indices="all"`` at odd order the crosstalk contains a random field, and the competitor is
    the replica-symmetric state in it.  Retrieval has one step where its replica symmetry is broken.

    **A finite network** retrieves any of its K patterns, at even order their negatives too:
    their entropy :math:`\ln(2K)/N` (:math:`\ln K/N` at odd order) is on the side of retrieval,
    and the two meet where

    .. math:: f_{\rm retrieval} - f_{\rm competitor} = T\,\frac{\ln 2K}{N} .

    K grows like :math:`N^{P-1}`, so that T_c of infinite N is approached like ln(N)/N and from
    above.  With distinct indices the couplings are weaker by
    :math:`\Pi = \prod_{k<P}(1 - k/N)`, and `alpha` and the result are those of the network
    itself, :math:`\Pi` times those of the equations, as `montecarlo.simulate` takes them.  K is
    not rounded to a whole number, and at least 1.  The line is that of a typical pattern: the
    energies of patterns are spread, with variance :math:`\alpha N/2`, and a network that visits
    all of them prefers the lowest, up to temperatures that are higher by 5 % at N = 100
    (P = 4, alpha = 0.1).

    **Of** `Exponential` the entropy of the patterns is the load itself, at any N: the line is that
    of all of them together (`transition_load`), and N of a finite network is refused.  At
    alpha = 0, one pattern, it is infinite.

    References
    ----------
    D. J. Amit, H. Gutfreund, H. Sompolinsky, Ann. Phys. 173, 30 (1987),
    doi:10.1016/0003-4916(87)90092-3 (P = 2, replica symmetric); A. Crisanti, D. J. Amit,
    H. Gutfreund, Europhys. Lett. 2, 337 (1986), doi:10.1209/0295-5075/2/4/012 (one step).

    Examples
    --------
    >>> from hebbian import Dense, Hopfield
    >>> transition_temperature(Hopfield(), [0.0, 0.03, 0.05, 0.1]).round(4)
    array([1.    , 0.4806, 0.239 ,    nan])
    >>> float(transition_temperature(Dense(order=4), 0.3).round(6))
    0.536662
    >>> T = [transition_temperature(Dense(order=4), 0.1, n_spins=n) for n in (100, None)]
    >>> [round(float(t), 4) for t in T]
    [0.7575, 0.6746]
    """
    load = domain.real_array("alpha", alpha, "[0, inf)")
    options = _competition(rsb, n_spins)
    return equations(model, law).line("transition_temperature", load, **options)


def _competition(rsb: int | None, n_spins: int | None) -> dict[str, int]:
    """Return the options of the two functions of the transition that are given."""
    options = {} if rsb is None else {"rsb": domain.integer("rsb", rsb, "[0, 1]")}
    if n_spins is not None:
        options["n_spins"] = domain.integer("n_spins", n_spins, "[1, inf)")
    return options


@labelled
@checked
def transition_load(
    model: Model,
    T: Any,
    *,
    n_spins: int | None = None,
    law: str = "binomial",
    rsb: int | None = None,
) -> Any:
    r"""Return the load up to which retrieval is the global minimum of the free energy.

    The line of `transition_temperature` seen from the temperature, down to T = 0.  Below its tip
    it is close to vertical and moves to smaller loads as T falls (P = 4: 0.38055 at the tip,
    0.37979 at T = 0), so that nothing re-enters on cooling at T = alpha.

    Parameters
    ----------
    model : Model
        With a load.
    T : float or array_like
        Temperature in [0, inf); at 0 the exact zero-temperature equations are used.
    n_spins : int, optional
        N of a finite network, as for `transition_temperature`.
    law : {"binomial", "gaussian"}
        Law of the example mean.
    rsb : {0, 1}, optional
        Steps of replica-symmetry breaking, as for `transition_temperature`.

    Returns
    -------
    float or numpy.ndarray
        Of the shape of `T`; NaN where retrieval dominates at no load.  Of a finite network the
        largest load: few patterns have little entropy, and just below the highest temperatures
        retrieval dominates between two loads.

    Raises
    ------
    ValueError
        If a parameter is outside its range, or the model has no such line.

    Notes
    -----
    More examples help a student: of `TeacherStudent` it is the load from which on to know the
    teacher is the ground state; at P = 2 that of `theory.learning_load`, unless an example is the
    better state.

    Of `Exponential`, with b = 1/T and :math:`\zeta = \ln\cosh`, all :math:`e^{\alpha N}` retrieval
    states together outweigh the paramagnet up to
    :math:`[\lambda \zeta(b) - b \zeta(\lambda)]/(b - \lambda)` for :math:`T < 1/\lambda`; from
    there on up to the spinodal :math:`I(\tanh b)`, beyond which they overlap.

    Examples
    --------
    >>> from hebbian import Dense, Exponential
    >>> transition_load(Dense(order=4), [0.0, 0.5, 0.9]).round(6)
    array([0.379787, 0.333712,      nan])
    >>> transition_load(Exponential(sharpness=1.0), [0.05, 0.5, 1.0, 2.0]).round(6)
    array([0.559539, 0.457441, 0.327813, 0.110944])
    """
    temperature = domain.real_array("T", T, "[0, inf)")
    options = _competition(rsb, n_spins)
    return equations(model, law).line("transition_load", temperature, **options)
