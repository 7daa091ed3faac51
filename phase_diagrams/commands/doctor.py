"""Check the installation and where it runs: one line each, ok or wrong and what to do.

Versions, backends and owners of the import names; where compiled code is kept, files that stand
in the place of modules, whether workers start and files can be locked, threads and what allows
them, limits, temporary folder, free space, streams.  Exit code 3 if something is wrong.

For example:
  hebbian doctor
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from phase_diagrams.shadowing import ROOMS, reinstalled

from .options import add_flags
from .output import print_json

NAME = "doctor"
HELP = "check the installation"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_flags(parser, "json")


def run(args: argparse.Namespace) -> int:
    """Print what was found."""
    from hebbian.provenance import git_commit, versions
    from montecarlo import device

    from .surroundings import examined

    owners = {name: _owner(name) for name in ROOMS}
    backends, surroundings = _backends(), examined()
    found: dict[str, Any] = {
        "versions": versions(),
        "git_commit": git_commit(),
        "processors": os.cpu_count(),
        "numba_threads": _numba_threads(),
        "backends": backends,
        "gpu": device.description(),
        "import_names": owners,
        "surroundings": surroundings,
    }
    judged = (*owners.values(), *surroundings.values(), backends["auto"])
    healthy = all(text.startswith("ok") for text in judged)
    found["healthy"] = healthy
    if args.json:
        print_json(found)
    else:
        for name, entry in found.items():
            lines = entry.items() if isinstance(entry, dict) else [("", entry)]
            for key, value in lines:
                print(f"{name:>12}  {key:<16} {value}".rstrip())
    return 0 if healthy else 3


def _owner(name: str) -> str:
    """Say whether one distribution owns the import name, and is what Python imports."""
    from importlib import import_module

    owners = _owners(name)
    others = sorted(owners - {"hebbian-toolkit"})
    if others:
        return f"wrong: {', '.join(others)} installs files of this name: {reinstalled(others)}"
    if not owners:
        return "wrong: owned by no distribution: install hebbian-toolkit"
    imported = Path(import_module(name).__file__ or "").resolve().parent
    expected = Path(__file__).resolve().parents[2] / name
    if imported != expected:
        return f"wrong: imported from {imported}, not {expected}"
    return f"ok, {imported}"


def _owners(name: str) -> set[str]:
    """Return the distributions that install the import name, editable ones included."""
    from importlib.metadata import distributions, packages_distributions

    owners = set(packages_distributions().get(name, []))
    for distribution in distributions():
        for file in distribution.files or ():
            path = Path(str(file.locate()))
            if path.suffix == ".pth" and path.exists():
                folders = path.read_text(encoding="utf-8").splitlines()
                if any((Path(folder) / name / "__init__.py").exists() for folder in folders):
                    owners.add(distribution.name)
    return owners


def _numba_threads() -> int:
    import numba

    return int(numba.get_num_threads())


def _backends() -> dict[str, str]:
    """Let every backend run a few sweeps."""
    import montecarlo
    from hebbian import Hopfield
    from montecarlo.backend import BACKENDS

    schedule = montecarlo.Schedule(warmup=0, sweeps=2, stride=1)
    found = {}
    for name in BACKENDS:
        try:
            ran = montecarlo.simulate(
                Hopfield(),
                alpha=0.1,
                T=0.5,
                n_spins=20,
                n_samples=1,
                schedule=schedule,
                backend=name,
            )
        except Exception as error:  # noqa: BLE001 - whatever breaks a backend is the finding
            found[name] = f"fails: {type(error).__name__}: {error}"
        else:
            found[name] = f"ok, {ran.settings['backend']}"
    return found
