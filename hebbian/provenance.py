"""Where a result comes from: versions, commit, command."""

from __future__ import annotations

import json
import platform
import shlex
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

__all__ = ["git_commit", "provenance", "versions"]

_PACKAGES = (
    "hebbian-toolkit",
    "numpy",
    "scipy",
    "numba",
    "xarray",
    "zarr",
    "h5netcdf",
    "h5py",
    "msgspec",
    "matplotlib",
    "tqdm",
)


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that make the numbers."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def git_commit() -> str:
    """Return the commit of the checkout this package runs from, or ``"unknown"``.

    ``-dirty`` is appended when tracked files differ from the commit.
    """
    room = Path(__file__).resolve().parent
    git = ["git", "-C", str(room.parent), "--no-optional-locks"]
    try:
        # ls-files fails for an installed copy that merely lies inside another checkout.
        subprocess.run(
            [*git, "ls-files", "--error-unmatch", room.name], check=True, capture_output=True
        )
        commit = subprocess.run(
            [*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True
        )
        changes = subprocess.run(
            [*git, "status", "--porcelain", "--untracked-files=no"],
            check=True,
            capture_output=True,
            text=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return commit.stdout.strip() + ("-dirty" if changes.stdout.strip() else "")


def provenance() -> dict[str, str]:
    """Return the attributes that say when, how and by what a data set was made."""
    return {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": shlex.join(sys.argv),
        "versions": json.dumps(versions()),
        "git_commit": git_commit(),
        "Conventions": "CF-1.11",
    }
