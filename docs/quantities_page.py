"""The vocabulary as a page: what every name of a coordinate or an observable stands for."""

from __future__ import annotations

from pathlib import Path

import generated

from hebbian import QUANTITIES
from montecarlo import OBSERVABLES

HEAD = """\
# Quantities

Names are the same in theory, simulations, stores, figures and commands. Those with a circle can
be asked of a simulation, `observables=["binder"]`; [others can be added](adding_an_observable.md).

```{eval-rst}
.. py:data:: hebbian.QUANTITIES

   Name to :py:obj:`hebbian.vocabulary.Quantity`, for all of this table.

.. py:data:: montecarlo.OBSERVABLES

   Name to :py:obj:`montecarlo.Observable`, for those that can be asked for.
```

| name | | symbol | in words | definition |
|---|---|---|---|---|
"""


def write_quantities(page: Path) -> None:
    """Write the table of `hebbian.QUANTITIES`."""
    rows = []
    for name, (symbol, words, meaning) in QUANTITIES.items():
        mark = "○" if name in OBSERVABLES else ""
        rows.append(f"| `{name}` | {mark} | ${symbol}$ | {words} | {_plain(meaning)} |\n")
    generated.write(page, HEAD + "".join(rows))


def _plain(words: str) -> str:
    for sign in "\\|*_$<[`":
        words = words.replace(sign, f"\\{sign}")
    return words
