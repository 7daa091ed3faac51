"""Random streams keyed by *what they are*, never by when they are asked for.

A stream is named by the root seed, a word and an identity such as ``sample=3, T=0.4``.
Refining, reordering or sharding a grid therefore changes no existing number.  The
random numbers themselves come from the counter-based generator Philox4x32-10 [1]_,
so that any block of a stream can be made anywhere, in any order, on any device.

References
----------
.. [1] J. K. Salmon et al., *Parallel random numbers: as easy as 1, 2, 3*, SC'11,
   doi:10.1145/2063384.2063405.
"""

from __future__ import annotations

import hashlib

import numpy as np

__all__ = ["canonical", "key", "philox", "stream"]

ROUNDS = 10
MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
WEYL = (0x9E3779B9, 0xBB67AE85)


def canonical(value: float | int | str) -> str:
    """Write a coordinate so that equal numbers have one text.

    ``numpy.linspace`` yields two floats for one number, which differ in the last bits;
    twelve significant digits are the grid's resolution.

    Examples
    --------
    >>> canonical(0.1 + 0.05), canonical(3), canonical(-0.0)
    ('0.15', '3', '0')
    """
    if isinstance(value, str):
        return value
    return f"{float(value) + 0.0:.12g}"


def stream(seed: int, name: str, **identity: float | int | str) -> np.random.SeedSequence:
    """Return the seed sequence of the stream `name` with this identity.

    Parameters
    ----------
    seed : int
        Root seed, at least 0.
    name : str
        What the numbers are for: ``"patterns"``, ``"dynamics"``.
    **identity
        Coordinates that tell this stream from its siblings; their order is irrelevant.

    Returns
    -------
    numpy.random.SeedSequence

    Examples
    --------
    >>> a = stream(7, "dynamics", T=0.3, sample=1)
    >>> b = stream(7, "dynamics", sample=1, T=0.1 + 0.2)
    >>> a.generate_state(1) == b.generate_state(1)
    array([ True])
    """
    text = "|".join([name, *(f"{k}={canonical(v)}" for k, v in sorted(identity.items()))])
    words = np.frombuffer(hashlib.sha256(text.encode()).digest(), dtype="<u4")
    return np.random.SeedSequence(seed, spawn_key=tuple(int(w) for w in words))


def key(seed: int, name: str, **identity: float | int | str) -> np.ndarray:
    """Return the Philox key of a stream.

    Returns
    -------
    numpy.ndarray
        Shape (2,), uint32.

    Examples
    --------
    >>> same = key(1, "noise", T=0.3) == key(1, "noise", T=0.1 + 0.2)
    >>> other = key(1, "noise", T=0.3) == key(1, "noise", T=0.31)
    >>> same.all(), other.any()
    (np.True_, np.False_)
    """
    return stream(seed, name, **identity).generate_state(2, np.uint32)


def philox(key: np.ndarray, *counter: np.ndarray | int) -> np.ndarray:
    """Philox4x32-10: four random words for every counter.

    Parameters
    ----------
    key : numpy.ndarray
        Shape (2,), uint32.
    *counter : int or numpy.ndarray
        Up to four words of the counter, broadcast against each other; absent words are 0.

    Returns
    -------
    numpy.ndarray
        Broadcast shape + (4,), uint32.

    Examples
    --------
    The known answer of the reference implementation for key 0 and counter 0:

    >>> [hex(word) for word in philox(np.zeros(2, np.uint32), 0)]
    ['0x6627e8d5', '0xe169c58d', '0xbc57ac4c', '0x9b00dbd8']
    """
    words = np.broadcast_arrays(*counter, *[0] * (4 - len(counter)))
    x0, x1, x2, x3 = (np.asarray(word).astype(np.uint64) for word in words)
    k0, k1 = int(key[0]), int(key[1])
    low = np.uint64(0xFFFFFFFF)
    half = np.uint64(32)
    for _ in range(ROUNDS):
        p0 = np.uint64(MULTIPLIERS[0]) * x0
        p1 = np.uint64(MULTIPLIERS[1]) * x2
        x0, x1 = (p1 >> half) ^ x1 ^ np.uint64(k0), p1 & low
        x2, x3 = (p0 >> half) ^ x3 ^ np.uint64(k1), p0 & low
        k0, k1 = (k0 + WEYL[0]) & 0xFFFFFFFF, (k1 + WEYL[1]) & 0xFFFFFFFF
    return np.stack([x0, x1, x2, x3], axis=-1).astype(np.uint32)
