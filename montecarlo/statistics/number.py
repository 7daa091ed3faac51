"""Numbers with an error behave as numbers where that is right, and refuse where it is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar, Self

import numpy as np

__all__ = ["Number", "shortest"]

#: Errors whose leading digits, read as three, are in this range are quoted to two digits, others
#: to one, which from 950 on makes two of them (Particle Data Group, Phys. Rev. D 110, 030001
#: (2024), introduction, sec. 5.3).
TWO_DIGITS = (100, 354)


def shortest(mean: float, error: float) -> str:
    """Return a number with its error in units of the last digit.

    Examples
    --------
    >>> shortest(0.99487, 0.00081), shortest(0.99487, 0.0012), shortest(123.4, 40.0)
    ('0.9949(8)', '0.9949(12)', '120(40)')
    """
    if not np.isfinite(mean) or not np.isfinite(error) or error <= 0:
        return f"{mean:.6g}"
    rounded = f"{error:.2e}"
    leading, exponent = round(float(rounded[:4]) * 100), int(rounded[5:])
    places = (1 if TWO_DIGITS[0] <= leading <= TWO_DIGITS[1] else 0) - exponent
    if places <= 0:
        unit = 10.0**-places
        return f"{round(mean / unit) * unit:.0f}({round(error / unit) * unit:.0f})"
    return f"{mean:.{places}f}({round(error * 10.0**places)})"


class Number:
    """Arrays of one shape, the `mean` of which is what they are as a number."""

    #: Fields of the shape of the mean.
    _arrays: ClassVar[tuple[str, ...]]
    #: Numpy leaves its operators to these classes: it would drop the errors.
    __array_ufunc__ = None

    mean: np.ndarray

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the mean."""
        return np.shape(self.mean)

    def __float__(self) -> float:
        if np.size(self.mean) != 1:
            raise TypeError(
                f"{type(self).__name__} of shape {self.shape} is not one number: float of an entry "
                "of it, as of x[0], or numpy.asarray of all"
            )
        return float(np.reshape(self.mean, ()))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.mean, dtype=dtype)

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError(f"{type(self).__name__} of one number has no length")
        return self.shape[0]

    def __getitem__(self, index: Any) -> Self:
        fields = {name: np.asarray(getattr(self, name))[index] for name in self._arrays}
        return replace(self, **fields)  # type: ignore[type-var]

    def __iter__(self) -> Iterator[Self]:
        return (self[k] for k in range(len(self)))

    def __format__(self, spec: str) -> str:
        if not spec:
            return str(self)
        if not self.shape:
            return format(float(self), spec)
        return "[" + " ".join(format(x, spec) for x in self) + "]"

    def __lt__(self, other: Any) -> Any:
        return np.less(self.mean, np.asarray(other))[()]

    def __le__(self, other: Any) -> Any:
        return np.less_equal(self.mean, np.asarray(other))[()]

    def __gt__(self, other: Any) -> Any:
        return np.greater(self.mean, np.asarray(other))[()]

    def __ge__(self, other: Any) -> Any:
        return np.greater_equal(self.mean, np.asarray(other))[()]
