"""One point of a study: the values of its control parameters, and its key."""

from __future__ import annotations

from dataclasses import dataclass

from hebbian import Model
from hebbian.streams import canonical

__all__ = ["STATE", "Cell", "numbers"]

#: Control parameters that are not parameters of a model, and their domains.
STATE = {
    "alpha": "[0, inf)",
    "T": "[0, inf)",
    "n_spins": "[1, 10000000]",
    "start": "[0, 1]",
}


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One point of a grid.

    Parameters
    ----------
    index : tuple of int
        Position along the axes of the grid.
    model : Model
        With the parameters of this point.
    alpha : float or None
        Load; None where the model has none.
    T : float
        Temperature.
    n_spins : int or None
        Size; None in a grid for theory alone.
    start : float or None
        Overlap of the start with the first pattern; None where the grid does not name it.
    """

    index: tuple[int, ...]
    model: Model
    alpha: float | None
    T: float
    n_spins: int | None
    start: float | None = None

    def key(self) -> str:
        """Return the canonical coordinates of the point as one text.

        Examples
        --------
        >>> from hebbian import Hopfield
        >>> Cell(index=(), model=Hopfield(), alpha=0.1 + 0.05, T=0.5, n_spins=100).key()
        'T=0.5, alpha=0.15, n_spins=100'
        """
        state = {name: getattr(self, name) for name in STATE}
        named = {name: value for name, value in state.items() if value is not None}
        named |= numbers(self.model)
        return ", ".join(f"{name}={canonical(named[name])}" for name in sorted(named))


def numbers(model: Model) -> dict[str, float]:
    """Return the numerical parameters of a model: those that may be an axis."""
    found = model.parameters().items()
    return {n: x for n, x in found if isinstance(x, int | float) and not isinstance(x, bool)}
