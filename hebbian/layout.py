"""What is known of the rows of a network before they are drawn.

==========  ==========================  ====================================
entries     values                      kept as
==========  ==========================  ====================================
signs       -1, +1                      bits, 64 rows to a word of a spin
ternary     -1, 0, +1                   int8
sums        integers up to n_examples   the smallest signed type that holds them
==========  ==========================  ====================================
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["ENTRIES", "Layout"]

#: Bits of an entry of an archetype as it is kept.
ENTRIES = {"signs": 1, "ternary": 8}


class Layout(NamedTuple):
    """Number, kind and size of the rows of a network.

    Parameters
    ----------
    n_rows, n_spins : int
    entries : {"signs", "ternary", "sums"}
        What an entry may be.
    bits : int
        Bits of an entry as it is kept.
    value_bits : int
        Bits of an entry of the values that stand in the place of the rows, where there are
        others (`hebbian.memory`).
    coupling_bits : int
        Bits of a coupling of two spins, where couplings are kept (`hebbian.memory`).

    Examples
    --------
    >>> from hebbian import Dense, Unsupervised
    >>> layout = Dense(order=3, rule=Unsupervised(quality=0.5, n_examples=40)).layout(32, 100)
    >>> layout
    Layout(n_rows=1280, n_spins=100, entries='signs', bits=1, value_bits=0, coupling_bits=0)
    >>> layout.n_bytes
    16000
    """

    n_rows: int
    n_spins: int
    entries: str
    bits: int
    value_bits: int = 0
    coupling_bits: int = 0

    @property
    def n_entries(self) -> int:
        """Rows times spins."""
        return self.n_rows * self.n_spins

    @property
    def n_bytes(self) -> int:
        """Bytes of the rows, and of other values and couplings, as they are kept."""
        of_couplings = self.n_spins**2 * self.coupling_bits // 8
        return self._kept(self.bits) + self._kept(self.value_bits) + of_couplings

    def _kept(self, bits: int) -> int:
        if bits == 1:
            return 8 * -(-self.n_rows // 64) * self.n_spins
        return self.n_entries * bits // 8
