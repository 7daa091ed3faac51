"""What is claimed, by whom, and with which parameters it is computed again."""

from __future__ import annotations

import json
import re
import string
import tomllib
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import xarray as xr

__all__ = ["SECTIONS", "Claim", "find", "names"]

#: Sections of the gallery and their titles, in order.
SECTIONS = {
    "classics": "The Hopfield network",
    "dense": "Dense networks",
    "dynamics": "Retrieval dynamics",
    "structured": "Structured data",
    "multitasking": "Multitasking networks",
    "exponential": "Exponential memories and attention",
    "dreaming": "Dreaming and the pseudo-inverse",
    "assemblies": "Assemblies of networks",
    "sequences": "Sequences",
    "strengths": "Patterns of unequal strengths",
    "students": "Teacher and student",
    "outer-product": "Outer-product memories",
}

_STUDIES = Path(__file__).parent / "studies"


class Claim(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One claim of the literature.

    Parameters
    ----------
    name : str
    title, section, statement, source : str
        What is claimed and where.
    caption : str
        What the figure shows, with places for parameters and numbers.
    minutes : float
        Time of the full version on two cores.
    full, quick : dict
        Parameters; `quick` replaces some of those of `full`.
    """

    name: str
    title: str
    section: str
    statement: str
    source: str
    caption: str
    minutes: float
    full: dict[str, Any]
    quick: dict[str, Any]

    def module(self) -> ModuleType:
        """Import the code of the claim."""
        return import_module(f"{__package__}.{self.name}")

    def parameters(self, *, quick: bool = False) -> Any:
        """Return the validated parameters.

        Raises
        ------
        ValueError
            If the study file has others than the code of the claim.
        """
        chosen = self.full | (self.quick if quick else {})
        try:
            return msgspec.convert(chosen, self.module().Parameters)
        except msgspec.ValidationError as error:
            raise ValueError(f"{self.name}.toml: {error}") from None

    def plain_parameters(self) -> dict[str, Any]:
        """Return the parameters of the full version as a result stores them."""
        return dict(json.loads(msgspec.json.encode(self.parameters())))

    def describe(self, tree: xr.DataTree) -> str:
        """Fill the caption with the parameters, the attributes and the numbers of a result."""
        known = tree.attrs | json.loads(tree.attrs["parameters"])
        numbers = getattr(self.module(), "numbers", None)
        return self.caption.format_map(known | numbers(tree) if numbers else known)

    def can_say(self, caption: str) -> bool:
        """Return whether a caption may be this claim's, whatever its numbers."""
        parts = [
            re.escape(text) + ("" if field is None else ".*")
            for text, field, *_ in string.Formatter().parse(self.caption)
        ]
        return re.fullmatch("".join(parts), caption, re.DOTALL) is not None


def _read(path: Path) -> Claim:
    file = tomllib.loads(path.read_text(encoding="utf-8"))
    return msgspec.convert({**file, "name": path.stem}, Claim)


def names() -> list[str]:
    """Return the names of all claims, section by section.

    Examples
    --------
    >>> "ags_diagram" in names()
    True
    """
    order, claims = list(SECTIONS), [_read(path) for path in _STUDIES.glob("*.toml")]
    return [c.name for c in sorted(claims, key=lambda c: (order.index(c.section), c.name))]


def find(name: str) -> Claim:
    """Return the claim of a name.

    Raises
    ------
    ValueError
        If there is none.

    Examples
    --------
    >>> find("ags_diagram").title
    'The phase diagram of the Hopfield network'
    """
    known = names()
    if name not in known:
        raise ValueError(f"claim = {name!r} is not one of {', '.join(known)}")
    return _read(_STUDIES / f"{name}.toml")
