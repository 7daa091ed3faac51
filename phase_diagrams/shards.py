"""Which points of a study are whose, when several jobs compute it together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np

    from .grid import Grid

__all__ = ["Shard", "parse_shard"]


class Shard(NamedTuple):
    """Part `number` of `parts`, counted from one.

    Examples
    --------
    >>> str(Shard(2, 8))
    '2/8'
    """

    number: int
    parts: int

    def __str__(self) -> str:
        return f"{self.number}/{self.parts}"

    def mask(self, grid: Grid) -> np.ndarray:
        """Tell the points of this shard: boolean, shape of the grid.

        Points are dealt in turn, in the order of the sorted values of the sorted axes: every
        shard has its share of the slow corner of a diagram, and another order of the axes
        deals the same points.
        """
        import numpy as np

        place = np.zeros((1,) * len(grid.shape), np.int64)
        stride = 1
        axes = list(grid.axes)
        for name in sorted(axes, reverse=True):
            rank = np.argsort(np.argsort(grid.axes[name]))
            shape = [-1 if other == name else 1 for other in axes]
            place = place + stride * rank.reshape(shape)
            stride *= len(rank)
        return place % self.parts == self.number - 1


def parse_shard(value: Any) -> Shard | None:
    """Read a shard: None, ``"i/n"`` or a pair (i, n) with 1 <= i <= n.

    Raises
    ------
    ValueError
        For anything else.

    Examples
    --------
    >>> parse_shard("2/8"), parse_shard((1, 1)), parse_shard(None)
    (Shard(number=2, parts=8), Shard(number=1, parts=1), None)
    """
    if value is None:
        return None
    parts = value.split("/") if isinstance(value, str) else value
    try:
        number, n = parts
        if isinstance(value, str):
            if not (number.isascii() and number.isdigit() and n.isascii() and n.isdigit()):
                raise TypeError
            number, n = int(number[:12]), int(n[:12])
    except (TypeError, ValueError):
        raise ValueError(f"shard = {value!r} is not i/n, part i of n") from None
    if type(number) is not int or type(n) is not int or not 1 <= number <= n <= 1_000_000:
        raise ValueError(
            f"shard = {value!r} is outside the allowed range: 1/n is the first, n/n the last, "
            "n at most 1000000"
        )
    return Shard(number, n)
