"""Assemblies of layers all coupled to each other: one is the Hopfield network."""

from __future__ import annotations

from hebbian import Assembly

__all__ = ["all_coupled"]


def all_coupled(n_layers: int) -> Assembly:
    """Return the assembly of equal layers, each coupled to all others; of one, to itself.

    Examples
    --------
    >>> from hebbian import BAM, TAM
    >>> all_coupled(2) == BAM(), all_coupled(3) == TAM()
    (True, True)
    """
    if n_layers == 1:
        return Assembly(couplings=((1,),))
    return Assembly(
        couplings=tuple(tuple(int(a != b) for b in range(n_layers)) for a in range(n_layers))
    )
