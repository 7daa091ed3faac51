r"""From the units of the literature on teachers and students to those of this toolkit.

F. Alemanno, L. Camanzi, G. Manzan, D. Tantari, arXiv:2304.13710 (P = 2), has the temperature and
the load :math:`\gamma = M/N` of this toolkit, and names the teacher by its inverse temperature:
`signal`.
"""

from __future__ import annotations

from typing import Any

from hebbian import domain
from theory.labelled import labelled

__all__ = ["archetype_temperature", "signal", "student_load", "student_temperature"]


@labelled
def signal(teacher_beta: Any) -> Any:
    r"""Return :math:`w = \beta^*/(1 - \beta^*)` of a teacher of pairs, the limit of :math:`r^2 N`.

    Parameters
    ----------
    teacher_beta : float or array_like
        In (0, 1).

    Raises
    ------
    ValueError
        If it is outside its range.

    Examples
    --------
    >>> float(signal(0.75))
    3.0
    """
    beta = domain.real_array("teacher_beta", teacher_beta, "(0, 1)")
    return (beta / (1 - beta))[()]


@labelled
def student_load(load: Any) -> Any:
    r"""Return :math:`\alpha` of the load :math:`P!\,M/N^{P-1} = 2 \alpha` of arXiv:2401.04191.

    Parameters
    ----------
    load : float or array_like
        In [0, inf).

    Raises
    ------
    ValueError
        If it is outside its range.

    Examples
    --------
    >>> float(student_load(6.0))
    3.0
    """
    return (domain.real_array("load", load, "[0, inf)") / 2)[()]


@labelled
def student_temperature(temperature: Any) -> Any:
    r"""Return T of a temperature of student or teacher in arXiv:2401.04191, which is 2T.

    Their energy is :math:`-N \sum_a m_a^P`, as in the authors' programs (RobinTher,
    Dense_Associative_Network): :math:`0.652` times the root of twice their load is their
    glass transition at P = 3.

    Parameters
    ----------
    temperature : float or array_like
        In [0, inf).

    Raises
    ------
    ValueError
        If it is outside its range.

    Examples
    --------
    >>> import theory
    >>> from hebbian import Dense
    >>> theirs = 0.6515 * (2 * 6.0) ** 0.5
    >>> T_g = theory.glass_temperature(Dense(order=3), student_load(6.0))
    >>> round(float(student_temperature(theirs) / T_g), 3)
    1.0
    """
    return (domain.real_array("temperature", temperature, "[0, inf)") / 2)[()]


@labelled
def archetype_temperature(T: Any, *, alpha: Any, signal: Any) -> Any:
    r"""Return the temperature of the same network of pairs as one archetype and its examples.

    `hebbian.Unsupervised` and `hebbian.Supervised` divide by :math:`M R = 1 + \alpha w`, M
    examples of quality :math:`r = \sqrt{w/N}`: in these units the paramagnet is left at 1.

    Parameters
    ----------
    T, alpha : float or array_like
        In [0, inf).
    signal : float or array_like
        w in (0, inf).

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Examples
    --------
    >>> from hebbian import Unsupervised
    >>> rule = Unsupervised(quality=(3.0 / 10000) ** 0.5, n_examples=5000)
    >>> round(1 / (rule.n_examples * rule.second_moment), 4)
    0.4
    >>> float(archetype_temperature(1.0, alpha=0.5, signal=3.0))
    0.4
    """
    T = domain.real_array("T", T, "[0, inf)")
    alpha = domain.real_array("alpha", alpha, "[0, inf)")
    return (T / (1 + alpha * domain.real_array("signal", signal, "(0, inf)")))[()]
