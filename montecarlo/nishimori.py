r"""The exponential memory at T = 1/sharpness, where it is solved at every size.

.. math:: e^{-H/T} = \sum_{\mu=1}^K e^{\lambda \sum_i \xi_i^\mu s_i} \quad (T = 1/\lambda)

is, up to its norm, a mixture of product laws: choose a pattern uniformly and reverse each of its
entries with probability :math:`(1 - \tanh\lambda)/2`.  It is the law of what a memoryless channel
makes of a pattern, and Boltzmann's law that of its decoder, who knows the channel: the line of
H. Nishimori (Prog. Theor. Phys. 66, 1169 (1981), doi:10.1143/PTP.66.1169).  This holds for every
N and for **every** set of patterns, random or given, and so judges dynamics of any kind
exactly: chains that start from the law stay in it.
"""

from __future__ import annotations

import math

import numpy as np

from hebbian import Dataset, Exponential, domain, streams
from hebbian.calling import checked

BLOCK = 1 << 23  # entries of archetypes that are widened at a time

__all__ = ["nishimori_log_partition", "nishimori_overlaps", "nishimori_sample"]


def _sharpness(data: Dataset) -> float:
    """Return the sharpness of the memory.

    Raises
    ------
    ValueError
        For data of another model.
    """
    if not isinstance(data, Dataset):
        raise ValueError(f"data = {domain.shown(data)} is not a Dataset: see hebbian.draw")
    if not isinstance(data.model, Exponential):
        raise ValueError(f"data: of {data.model!r}, and T = 1/sharpness is of exponential memories")
    return data.model.sharpness


@checked
def nishimori_sample(data: Dataset, n_samples: int, *, seed: int = 0) -> np.ndarray:
    r"""Draw independent configurations of an exponential memory at T = 1/sharpness.

    Parameters
    ----------
    data : Dataset
        Of an `hebbian.Exponential`, its patterns random or given (`hebbian.from_examples`).
    n_samples : int
        At least 1; more of them keep the fewer.
    seed : int
        Root seed, at least 0.

    Returns
    -------
    numpy.ndarray
        Shape (n_samples, n_spins), int8: exactly of the law :math:`e^{-\lambda H}/Z`.

    Raises
    ------
    ValueError
        If the data are of another model.

    Examples
    --------
    >>> import hebbian
    >>> data = hebbian.draw(hebbian.Exponential(sharpness=0.8), n_spins=20, alpha=0.1)
    >>> spins = nishimori_sample(data, 1000)
    >>> spins.shape
    (1000, 20)
    """
    sharpness = _sharpness(data)
    n_samples = domain.integer("n_samples", n_samples, "[1, 1000000000]")
    seed = domain.integer("seed", seed, "[0, inf)")
    choice, channel = (
        np.random.Generator(np.random.Philox(streams.stream(seed, "nishimori", part=part)))
        for part in ("choice", "channel")
    )
    chosen = data.observed(choice.integers(data.n_patterns, size=n_samples))[0]
    reverses = channel.random((n_samples, data.n_spins)) < 0.5 * (1 - math.tanh(sharpness))
    return np.where(reverses, -chosen, chosen).astype(np.int8)


@checked
def nishimori_overlaps(data: Dataset) -> np.ndarray:
    r"""Return the exact mean overlaps of an exponential memory at T = 1/sharpness.

    .. math:: \langle m_\nu \rangle = \tanh\lambda \; \frac1K \sum_\mu q_{\nu\mu}, \qquad
        q_{\nu\mu} = \frac1N \sum_i \xi_i^\nu \xi_i^\mu.

    Parameters
    ----------
    data : Dataset
        As for `nishimori_sample`.

    Returns
    -------
    numpy.ndarray
        Shape (n_patterns,).

    Raises
    ------
    ValueError
        If the data are of another model.

    Examples
    --------
    >>> import hebbian
    >>> patterns = np.array([[1, 1, 1, 1], [1, 1, -1, -1]], np.int8)
    >>> model = hebbian.Exponential(sharpness=0.5)
    >>> nishimori_overlaps(hebbian.from_examples(model, patterns, patterns[:, None]))
    array([0.23105858, 0.23105858])
    """
    sharpness = _sharpness(data)
    K, step = data.n_patterns, max(1, BLOCK // data.n_spins)
    blocks = [slice(first, first + step) for first in range(0, K, step)]
    total = sum(data.observed(block)[0].sum(axis=0, dtype=np.int64) for block in blocks)
    sums = [data.observed(block)[0].astype(np.int64) @ total for block in blocks]
    return math.tanh(sharpness) * np.concatenate(sums) / (K * data.n_spins)


@checked
def nishimori_log_partition(data: Dataset) -> float:
    r"""Return ln Z of an exponential memory at T = 1/sharpness, for any patterns.

    .. math:: Z = \sum_s e^{-\lambda H(s)} = K (2\cosh\lambda)^N.

    Parameters
    ----------
    data : Dataset
        As for `nishimori_sample`.

    Raises
    ------
    ValueError
        If the data are of another model.

    Examples
    --------
    >>> import hebbian
    >>> data = hebbian.draw(hebbian.Exponential(sharpness=1.0), n_spins=24, alpha=0.4)
    >>> round(nishimori_log_partition(data) / 24, 4)
    1.5269
    """
    sharpness = _sharpness(data)
    # ln 2cosh, which overflows for no sharpness
    of_site = sharpness + math.log1p(math.exp(-2 * sharpness))
    return math.log(data.n_patterns) + data.n_spins * of_site
