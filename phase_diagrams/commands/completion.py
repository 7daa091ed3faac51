"""Print a completion script for a shell.

Needs the package shtab (pip install 'hebbian-toolkit[completion]').

For example:
  hebbian completion bash > ~/.local/share/bash-completion/completions/hebbian
  hebbian completion zsh > ~/.zfunc/_hebbian
"""

from __future__ import annotations

import argparse

NAME = "completion"
HELP = "print a completion script for a shell"

SHELLS = ("bash", "zsh", "tcsh")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("shell", choices=SHELLS, help="bash, zsh or tcsh")


def run(args: argparse.Namespace) -> int:
    """Print the script."""
    try:
        import shtab
    except ImportError:
        raise ValueError(
            "completion needs the package shtab: pip install 'hebbian-toolkit[completion]'"
        ) from None
    print(shtab.complete(args.parser, shell=args.shell))
    return 0
