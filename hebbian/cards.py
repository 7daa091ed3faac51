"""What somebody set up, as a table in a notebook: parameters, their symbols and their values.

As text these objects are the call that makes them, which says all there is to a reader of code.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from .domain import shown
from .tables import notes, table
from .vocabulary import QUANTITIES, Quantity

__all__ = ["Card"]


class Card:
    """Base of what shows itself in HTML by its parameters: here the fields of a dataclass."""

    def _title(self) -> str:
        return type(self).__name__

    def _parameters(self) -> Mapping[str, Any]:
        fields: tuple[dataclasses.Field[Any], ...] = dataclasses.fields(self)  # type: ignore[arg-type]
        return {field.name: getattr(self, field.name) for field in fields}

    def _below(self) -> tuple[str, ...]:
        return ()

    def _repr_html_(self) -> str:
        lines = [
            (name, *_words(name), value if isinstance(value, str) else shown(value))
            for name, value in self._parameters().items()
        ]
        return table(("parameter", "symbol", "", "value"), lines, self._title()) + notes(
            self._below()
        )


def _words(name: str) -> tuple[str, str]:
    """Return the symbol of a parameter, set by whoever shows the page, and its long name."""
    known = QUANTITIES.get(name, Quantity("", "", ""))
    return f"${known.symbol}$" if known.symbol else "", known.long_name
