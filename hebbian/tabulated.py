r"""An energy of one's own: any function of the overlaps, given as a function of Python.

.. math:: H(s) = -w\, g\Bigl(\sum_{\mu=1}^K F(M_\mu)\Bigr), \qquad M_\mu = \sum_i \xi_i^\mu s_i,

the outer function g the identity or the logarithm.  F is called once for every network, with the
array of all overlaps -N, -N + 2, ..., N, and kernels see the values alone.  The last overlap is N,
by which F normalises as it likes:

* rectified polynomials :math:`\frac N2 \max(m, 0)^n` (D. Krotov, J. J. Hopfield, *Dense
  Associative Memory for Pattern Recognition*, arXiv:1606.01164);
* kernels of finite range, which patterns beyond it do not enter;
* with the logarithm, for which F returns **ln F**, so that nothing overflows: log-sum-exp is
  :math:`\lambda M`, with the weight :math:`1/\lambda` the memory of `hebbian.exponential`.

There is no theory for these models.
"""

from __future__ import annotations

import hashlib
import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from . import domain, patterns, references
from .calling import checked
from .dense import archetype_count, archetype_load
from .exponential import exponential_count, exponential_load
from .memory import OUTER, Memory
from .model import Model
from .packed import Packed

__all__ = ["Tabulated"]

#: Sizes at which two functions are told apart, and a function is judged.
SIZES = (10, 33, 100, 1000)

#: Functions of this process by their text and digest, those too that no module has.
_FUNCTIONS: dict[tuple[str, str], Callable[[np.ndarray], Any]] = {}


@checked
@dataclass(frozen=True, kw_only=True)
class Tabulated(Model):
    r"""Memory of fair binary patterns with an interaction of one's own.

    Parallel dynamics takes the differences of energies for its fields.

    Parameters
    ----------
    interaction : callable or str
        F, or ln F with the logarithm: called with the overlaps M of shape (N + 1,), int64,
        returns as many finite real numbers; or the text ``"module:attribute"`` of such a
        function.  A function at the top level of a module is found by other processes; others,
        lambdas say, serve this process alone.
    outer : {"identity", "log"}
        The function g.
    scaling : int or str
        How the load counts patterns: P = 2 to 8 for :math:`\alpha = \frac{P!}{2} K / N^{P-1}`,
        or ``"exponential"`` for :math:`\alpha = \ln K / N`.
    weight : float
        w, positive.
    digest : str, optional
        Of the values of F, which tells a function from what it was: left to the model itself.
    rule : Storing
        Examples are refused: rows are +-1, and which units examples have is not known.

    Raises
    ------
    ValueError
        If a parameter is outside its range, or the function no function of the overlaps.

    Examples
    --------
    Cubic, rectified, extensive: H/N = -1/2 in a pattern.

    >>> from hebbian import draw
    >>> def cubic(M):
    ...     return M[-1] / 2 * np.maximum(M / M[-1], 0) ** 3
    >>> model = Tabulated(interaction=cubic, scaling=3)
    >>> data = draw(model, n_spins=60, alpha=0.002)
    >>> data.n_patterns, round(data.memory.energy(data.archetypes[0]) / 60, 2)
    (2, -0.5)

    Log-sum-exp:

    >>> model = Tabulated(interaction=lambda M: 2 * M, outer="log", weight=0.5,
    ...                   scaling="exponential")
    >>> model.count(alpha=0.4, n_spins=24)
    14765
    """

    interaction: Any = ""
    outer: str = "identity"
    scaling: int | str = 2
    weight: float = 1.0
    digest: str = ""

    entries: ClassVar[str] = "signs"
    extensive: ClassVar[bool] = False

    def __post_init__(self) -> None:
        super().__post_init__()
        domain.choice("outer", self.outer, OUTER)
        object.__setattr__(self, "weight", domain.real("weight", self.weight, "(0, inf)"))
        if self.scaling != "exponential":
            if isinstance(self.scaling, str):
                domain.choice("scaling", self.scaling, ("exponential", "a whole number in [2, 8]"))
            object.__setattr__(self, "scaling", domain.integer("scaling", self.scaling, "[2, 8]"))
        if self.rule.has_examples:
            raise ValueError(
                f"rule = {self.rule!r}: a tabulated interaction is of stored patterns +-1"
            )
        self._refer()

    def _refer(self) -> None:
        """Put the text and the digest of the function in its place."""
        text, function = self.interaction, None
        if callable(text):
            function = text
            text = references.place(function, inspect.getmodule(function)) or _named(function)
        if not isinstance(text, str) or not re.fullmatch(r"[^:\s]+:[^:]+", text):
            raise ValueError(
                f"interaction = {domain.shown(text)} is not a function of the overlaps, nor the "
                "text module:name of one"
            )
        if self.digest and function is None:
            if not isinstance(self.digest, str) or not re.fullmatch("[0-9a-f]{16}", self.digest):
                raise ValueError(f"digest = {domain.shown(self.digest)} is not one: leave it out")
        else:
            function = function or _imported(text)
            object.__setattr__(self, "digest", _digest(text, function))
            _FUNCTIONS[text, self.digest] = function
        object.__setattr__(self, "interaction", text)

    def __repr__(self) -> str:
        return (
            f"Tabulated(interaction={self.interaction!r}, outer={self.outer!r}, "
            f"scaling={self.scaling!r}, weight={self.weight})"
        )

    def _function(self) -> Callable[[np.ndarray], Any]:
        """Return F; import it where this process has not seen it.

        Raises
        ------
        ValueError
            If it is not found, or no longer what it was: its module was edited, or a variable
            that it looks at has changed.
        """
        function = _FUNCTIONS.get((self.interaction, self.digest)) or _imported(self.interaction)
        found = _digest(self.interaction, function)
        if found != self.digest:
            raise ValueError(
                f"interaction = {self.interaction!r} is another function than it was: its values "
                f"have the digest {found}, not {self.digest}"
            )
        return function

    def check_portable(self) -> None:
        """Refuse a function that only this process has; see `Model.check_portable`."""
        if not references.lasting(self._function(), self.interaction):
            raise ValueError(
                f"interaction = {self.interaction!r} is not defined at the top level of a module, "
                "where workers and later sessions would find it"
            )

    def replace(self, **changes: Any) -> Self:
        """Return the model with some parameters changed; another interaction has its own digest."""
        if "interaction" in changes:
            changes = {"digest": "", **changes}
        return super().replace(**changes)

    def stream_key(self) -> dict[str, Any]:
        """Return what the dynamics is keyed by: the values of the function, not its name."""
        return {name: value for name, value in self.describe().items() if name != "interaction"}

    def count(self, alpha: float | None, n_spins: int) -> int:
        """Return K, as `scaling` says."""
        if isinstance(self.scaling, str):
            return exponential_count(alpha, n_spins)
        return archetype_count(alpha, n_spins, self.scaling)

    def load(self, n_patterns: int, n_spins: int) -> float:
        """Return the load of K patterns, as `scaling` says."""
        if isinstance(self.scaling, str):
            return exponential_load(n_patterns, n_spins)
        return archetype_load(n_patterns, n_spins, self.scaling)

    @property
    def polynomial(self) -> bool:
        """False: the interaction is tabulated."""
        return False

    @property
    def logarithmic(self) -> bool:
        """Whether `outer` is the logarithm."""
        return self.outer == "log"

    @property
    def reversible(self) -> bool:
        """Whether F is even, at every size at which it has values."""
        tried = [_tried(self.interaction, self._function(), n) for n in SIZES]
        values = [table for table in tried if isinstance(table, np.ndarray)]
        return all(np.allclose(x, x[::-1], rtol=0, atol=1e-12 * np.abs(x).max()) for x in values)

    @property
    def drawable(self) -> bool:
        """True: fair signs of independent entries."""
        return True

    def draw(self, key: np.ndarray, n_patterns: int, n_spins: int) -> Packed:
        """Draw fair binary archetypes."""
        return Packed(patterns.rademacher_bits(key, n_patterns, n_spins), n_patterns)

    def lower(self, rows: np.ndarray | Packed) -> Memory:
        """Lower to rows and the values of F; see `Model.lower`.

        Raises
        ------
        ValueError
            If the function does not return finite numbers, one for every overlap.
        """
        table = _table(self.interaction, self._function(), rows.shape[1])
        return Memory(rows=rows, table=table, outer=self.outer, weight=self.weight)

    def example_overlap_scale(self) -> float:
        """Return 1: n = m for stored patterns."""
        return 1.0


def _named(function: Any) -> str:
    """Return the text of a function that no module has on top."""
    module = getattr(function, "__module__", None) or type(function).__module__
    name = getattr(function, "__qualname__", None) or type(function).__qualname__
    return f"{module}:{name}"


def _imported(text: str) -> Callable[[np.ndarray], Any]:
    function = references.attribute("interaction", text)
    if not callable(function):
        raise ValueError(f"interaction: {text!r} is {domain.shown(function)}, not a function")
    return function


def _table(text: str, function: Callable[[np.ndarray], Any], n_spins: int) -> np.ndarray:
    """Return the values of a function at the overlaps of n spins, float64.

    Raises
    ------
    ValueError
        If there is not a finite real number for every overlap.
    """
    overlaps = np.arange(-n_spins, n_spins + 1, 2)
    try:
        with np.errstate(all="ignore"):
            values = np.asarray(function(overlaps.copy()))
    except Exception as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise ValueError(
            f"interaction = {text!r} fails on the overlaps of {n_spins} spins: {reason}"
        ) from error
    if values.dtype.kind not in "biuf" or values.shape != overlaps.shape:
        raise ValueError(
            f"interaction = {text!r} returned shape {values.shape} and type {values.dtype}, not "
            f"{n_spins + 1} real numbers, one for every overlap of {n_spins} spins"
        )
    table = values.astype(np.float64)
    for i in np.flatnonzero(~np.isfinite(table))[:1]:
        raise ValueError(
            f"interaction = {text!r} is {table[i]} at the overlap {overlaps[i]} of {n_spins} "
            "spins, not a finite number"
        )
    return table


def _tried(text: str, function: Callable[[np.ndarray], Any], n_spins: int) -> np.ndarray | str:
    """Return the values of a function, or why it has none at this size."""
    try:
        return _table(text, function, n_spins)
    except ValueError as error:
        return str(error)


def _digest(text: str, function: Callable[[np.ndarray], Any]) -> str:
    """Return a digest of the values of a function, to eight digits: machines round differently.

    Raises
    ------
    ValueError
        If it has values at no size, or others when it is called again.
    """
    digest, tried = hashlib.sha256(), []
    for n_spins in SIZES:
        table, again = (_tried(text, function, n_spins) for _ in range(2))
        if not np.array_equal(table, again):
            raise ValueError(f"interaction = {text!r} is not a function: two calls differ")
        tried.append(table)
        known = isinstance(table, np.ndarray)
        digest.update(" ".join(f"{x:.8g}" for x in table).encode() if known else b"none")
    if not any(isinstance(table, np.ndarray) for table in tried):
        raise ValueError(tried[0])
    return digest.hexdigest()[:16]
