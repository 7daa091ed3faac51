"""Compute a claim into a folder: numbers, figure and caption."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import xarray as xr
from matplotlib import rc_context

import hebbian
import montecarlo
from hebbian import Model
from hebbian.provenance import provenance
from phase_diagrams import figures
from phase_diagrams.figures import files as figure_files
from phase_diagrams.sealed import read, seal
from phase_diagrams.stores.opening import export
from phase_diagrams.sweeps.sweeping import sweep

from .claims import Claim
from .verdicts import Finding, report

__all__ = ["Groups", "Numbers", "Outcome", "Session", "Simulation", "averaged", "run"]


#: What a claim computes: group by group, attributes in the group ``/``.
Groups = Iterator[tuple[str, xr.Dataset | xr.DataTree]]
#: What a caption asks for, by name.
Numbers = dict[str, Any]


class Simulation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Parameters of every claim that simulates: disorder samples, chains and their length."""

    n_samples: int
    n_replicas: int = 2
    warmup: int
    sweeps: int
    stride: int = 5
    seed: int

    def settings(self) -> dict[str, Any]:
        """Return them as arguments of `montecarlo.simulate` and `phase_diagrams.sweep`."""
        schedule = montecarlo.Schedule(warmup=self.warmup, sweeps=self.sweeps, stride=self.stride)
        drawn = {name: getattr(self, name) for name in ("n_samples", "n_replicas", "seed")}
        return drawn | {"schedule": schedule}


def averaged(samples: Mapping[str, Any], dims: Sequence[str]) -> dict[str, Any]:
    """Return means over the first axis as variables, and standard errors as ``NAME_err``."""
    found: dict[str, Any] = {}
    for name, values in samples.items():
        n, mean = len(values), np.mean(values, axis=0)
        error = np.std(values, axis=0, ddof=1) / n**0.5 if n > 1 else np.full(mean.shape, np.nan)
        found |= {name: (dims, mean), f"{name}_err": (dims, error)}
    return found


@dataclass(frozen=True, kw_only=True)
class Session:
    """What a claim may use while it computes.

    Parameters
    ----------
    folder : pathlib.Path
        Of this claim alone; `sweep` makes it.
    executor : str
        As for `phase_diagrams.sweep`.
    progress : bool
        Show progress bars.
    data_dir : pathlib.Path or None
        Local image files.
    """

    folder: Path
    executor: str = "serial"
    progress: bool = False
    data_dir: Path | None = None

    def simulation(
        self,
        name: str,
        model: Model,
        grid: Mapping[str, Any],
        parameters: Simulation,
        **settings: Any,
    ) -> xr.Dataset:
        """Return what a study of simulations alone measures."""
        settings |= parameters.settings()
        study = self.sweep(name, model, grid, theory=False, **settings)
        return study["simulation"].to_dataset()

    def sweep(
        self, name: str, model: Model, grid: Mapping[str, Any], **settings: Any
    ) -> xr.DataTree:
        """Run a study stored as ``NAME.zarr``; go on with it if it was interrupted."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return sweep(
            model,
            grid,
            out=self.folder / f"{name}.zarr",
            executor=self.executor,
            resume=True,
            progress=self.progress,
            **settings,
        )


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Files of a claim.

    Parameters
    ----------
    data : pathlib.Path
        netCDF file with everything the figure shows.
    figures : tuple of pathlib.Path
        PDF and PNG.
    caption : str
        Also in ``caption.txt``.
    findings : tuple of Finding
        What the numbers say of the claim; also in ``verdict.txt``.
    """

    data: Path
    figures: tuple[Path, ...]
    caption: str
    findings: tuple[Finding, ...]


def run(
    claim: Claim,
    out: str | Path,
    *,
    quick: bool = False,
    executor: str = "serial",
    progress: bool = False,
    data_dir: str | Path | None = None,
) -> Outcome:
    """Compute and draw a claim into the folder ``out/NAME``.

    Numbers that are there already, of the same parameters, are drawn again as they are.

    Raises
    ------
    ValueError
        If the folder holds the same claim with other parameters, or `data_dir` is not a
        folder of good files; then nothing is written.
    """
    folder = Path(out) / claim.name
    parameters = claim.parameters(quick=quick)
    known = {
        "claim": claim.name,
        "parameters": msgspec.to_builtins(parameters),
        "data_dir": None if data_dir is None else str(Path(data_dir).resolve()),
        "version": hebbian.__version__,
    }
    fingerprint = hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()
    data = folder / "data.nc"
    if not data.exists():
        session = Session(
            folder=folder,
            executor=executor,
            progress=progress,
            data_dir=None if data_dir is None else Path(data_dir),
        )
        tree = xr.DataTree.from_dict(dict(claim.module().compute(parameters, session)))
        tree.attrs |= {
            "claim": claim.name,
            "title": claim.title,
            "source": claim.source,
            "parameters": json.dumps(known["parameters"]),
            "quick": int(quick),
            "fingerprint": fingerprint,
            **provenance(),
        }
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / "part.nc"
        part.unlink(missing_ok=True)
        export(tree, part)
        seal(part)
        part.replace(data)
    # What is drawn is what is stored, in the first run as in every other.
    tree = read(data, str(data))
    if tree.attrs.get("fingerprint") != fingerprint:
        raise ValueError(
            f"{folder} holds {claim.name} with other parameters: choose another folder"
        )
    caption, findings = claim.describe(tree), tuple(claim.module().holds(tree))
    for name, words in (("caption", caption), ("verdict", report(findings))):
        (folder / f"{name}.txt").write_text(f"{words}\n", encoding="utf-8")
    with rc_context(figures.STYLE):
        figure = claim.module().draw(tree)
    files = figure_files.save(figure, folder / "figure", figures.STYLE)
    return Outcome(data=data, figures=files, caption=caption, findings=findings)
