"""Flags of the commands that keep a long run in a file."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .values import number

__all__ = ["add_checkpoint", "add_out", "checkpoint_of", "naming"]


def add_checkpoint(parser: argparse.ArgumentParser, description: str) -> None:
    """Add --checkpoint and --checkpoint-every."""
    group = parser.add_argument_group("checkpoint", description)
    group.add_argument("--checkpoint", metavar="FILE", help="keep the progress in this file")
    group.add_argument(
        "--checkpoint-every",
        type=number,
        metavar="MINUTES",
        help="time between two writes, in (0, 525600] (default 10)",
    )


def add_out(group: Any) -> None:
    """Add --out of one file that a long call goes on with, and --checkpoint-every."""
    group.add_argument("--out", metavar="X.nc", help="netCDF file of the result")
    group.add_argument(
        "--checkpoint-every",
        type=number,
        default=10.0,
        metavar="MINUTES",
        help="time between two checkpoints beside --out (default 10)",
    )


def checkpoint_of(args: argparse.Namespace) -> dict[str, Any]:
    """Return the arguments `checkpoint` and `checkpoint_every` of the simulation.

    Raises
    ------
    ValueError
        If there is a time but no file.
    """
    if args.checkpoint is None:
        if args.checkpoint_every is not None:
            raise ValueError("--checkpoint-every needs --checkpoint, a file")
        return {}
    every = 10.0 if args.checkpoint_every is None else args.checkpoint_every
    return {"checkpoint": args.checkpoint, "checkpoint_every": every}


@contextmanager
def naming(path: str | None) -> Iterator[None]:
    """Let an interrupt say where the progress is kept."""
    try:
        yield
    except KeyboardInterrupt:
        if path is None:
            raise
        raise KeyboardInterrupt(f"{path} keeps what is done") from None
