"""Figures of the gallery for the documentation, small, with the numbers behind them.

Of every claim four files are published: ``figure.png``, in a palette of few colours;
``caption.txt`` and ``verdict.txt`` as they were computed; ``numbers.json`` with the numbers that
the figure draws, when they were computed, by which version and with which parameters.
"""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from PIL import Image

from hebbian.documents import contents, decode
from phase_diagrams.sealed import read

from .claims import Claim

__all__ = ["FILES", "LARGEST_FIGURE", "LARGEST_NUMBERS", "missing", "publish", "variables"]

#: What there is of a published claim.
FILES = ("figure.png", "caption.txt", "verdict.txt", "numbers.json")
#: Bytes.
LARGEST_FIGURE, LARGEST_NUMBERS = 110_000, 80_000

#: Pixels and colours, the first that make a file of `LARGEST_FIGURE`; photographs need the second.
_QUALITIES = ((1400, 128), (1000, 24))
#: Points of the axes of lines and of maps: of finer ones every second, every third, ...
_LINE, _MAP = 101, 41
#: Values of one variable; of what is larger only maps of integers, the phases, are published.
_VALUES = 900
#: What a simulation says of itself, and no figure draws.
_DIAGNOSTICS = {
    "acceptance", "converged", "escaped", "n_eff", "replicon", "residual", "status", "tau",
}  # fmt: skip


def publish(claim: Claim, results: str | Path, folder: str | Path) -> Path:
    """Copy a computed claim to ``folder/NAME``.

    Parameters
    ----------
    claim : Claim
    results : path-like
        Folder of `hebbian gallery`, which holds the full version of the claim.
    folder : path-like

    Returns
    -------
    pathlib.Path
        The folder of the claim.

    Raises
    ------
    ValueError
        If the full version is not there, or was computed with other parameters.
    """
    source, target = Path(results) / claim.name, Path(folder) / claim.name
    if not (source / "data.nc").exists():
        raise ValueError(f"{source} holds no result: hebbian gallery {claim.name} computes it")
    tree = read(source / "data.nc", str(source / "data.nc"))
    if tree.attrs["quick"]:
        raise ValueError(f"{source} is the quick version: the full one is published")
    if json.loads(tree.attrs["parameters"]) != claim.plain_parameters():
        raise ValueError(f"{source} has other parameters: hebbian gallery {claim.name}")
    text = _written(tree)
    target.mkdir(parents=True, exist_ok=True)
    (target / "numbers.json").write_text(text, encoding="utf-8")
    for name in ("caption.txt", "verdict.txt"):
        shutil.copyfile(source / name, target / name)
    _shrink(source / "figure.png", target / "figure.png")
    return target


def missing(claims: Iterable[Claim], folder: str | Path) -> list[str]:
    """Return the names of claims that are not published as they are today."""
    return [claim.name for claim in claims if not _published(claim, Path(folder) / claim.name)]


def _published(claim: Claim, folder: Path) -> bool:
    """Return whether all files are there, of these parameters and with this caption."""
    if not all((folder / name).exists() for name in FILES):
        return False
    numbers = folder / "numbers.json"
    made = decode(contents(numbers), dict[str, Any], str(numbers))
    caption = (folder / "caption.txt").read_text(encoding="utf-8").strip()
    return made.get("parameters") == claim.plain_parameters() and claim.can_say(caption)


def _written(tree: xr.DataTree) -> str:
    """Return `numbers.json`, a line for every variable."""
    lines = [
        f"{json.dumps(name)}: {json.dumps(value)}"
        for name, value in {
            "claim": tree.attrs["claim"],
            "computed": tree.attrs["created"],
            "version": json.loads(tree.attrs["versions"])["hebbian-toolkit"],
            "commit": tree.attrs["git_commit"],
            "parameters": json.loads(tree.attrs["parameters"]),
        }.items()
    ]
    for node in tree.subtree:
        words = ",\n ".join(
            f"{json.dumps(name)}: {json.dumps(value, separators=(',', ':'), allow_nan=False)}"
            for name, value in variables(node.to_dataset()).items()
        )
        if words:
            lines.append(f"{json.dumps(node.path)}: {{\n {words}}}")
    return "{" + ",\n".join(lines) + "}\n"


def variables(data: xr.Dataset) -> dict[str, Any]:
    """Return what is published of a group: dims and values of every variable, by name."""
    points = _MAP if sum(size > _MAP for size in data.sizes.values()) > 1 else _LINE
    steps = {dim: math.ceil(size / points) for dim, size in data.sizes.items()}
    data = data.isel({dim: slice(None, None, step) for dim, step in steps.items()})
    drawn = {name: values for name, values in data.data_vars.items() if _shown(values)}
    axes = {name: data.coords[name] for values in drawn.values() for name in values.coords}
    return {
        str(name): {"dims": list(values.dims), "values": _rounded(values.values)}
        for name, values in {**axes, **drawn}.items()
    }


def _shown(values: xr.DataArray) -> bool:
    name = str(values.name)
    small = values.size <= _VALUES or values.dtype.kind == "i"
    diagnostic = name.removesuffix("_err") in _DIAGNOSTICS or name.endswith("_samples")
    return small and not diagnostic


def _rounded(values: np.ndarray) -> Any:
    """Return nested lists of numbers of five digits, None for what is not finite."""
    if values.ndim:
        return [_rounded(value) for value in values]
    value = values.item()
    if not isinstance(value, float):
        return value if isinstance(value, int | str) else str(value)
    return float(f"{value:.5g}") if math.isfinite(value) else None


def _shrink(source: Path, target: Path) -> None:
    for pixels, colours in _QUALITIES:
        with Image.open(source) as image:
            width = min(pixels, image.width)
            height = round(image.height * width / image.width)
            small = image.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)
        # Median cuts would merge the rare colours, as of a small phase.
        coverage = Image.Quantize.MAXCOVERAGE
        palette = small.quantize(colours, method=coverage, dither=Image.Dither.NONE)
        palette.save(target, optimize=True)
        if target.stat().st_size < LARGEST_FIGURE:
            return
