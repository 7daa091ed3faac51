"""Arguments of the command ``hebbian``: one subcommand per module of `phase_diagrams.commands`."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

__all__ = ["COMMANDS", "UsageError", "read"]

COMMANDS = (
    "theory",
    "simulate",
    "temper",
    "trajectory",
    "locate",
    "ramp",
    "sweep",
    "status",
    "refine",
    "merge",
    "rerun",
    "figure",
    "compare",
    "export",
    "retrieve",
    "gallery",
    "doctor",
    "completion",
)

DESCRIPTION = """\
Statistical physics of associative memories: replica theory and Monte Carlo of Hopfield,
dense, multitasking and exponential networks and of sparse distributed memory on one phase
diagram."""

EPILOG = """\
examples:
  hebbian theory --model hopfield --alpha 0.05 --T 0.1:0.6:6
  hebbian simulate --model dense --order 4 --alpha 0.1 --T 0.5 --n-spins 100
  hebbian sweep --model hopfield --alpha 0.02:0.14:7 --T 0.1:1:10 --n-spins 500 --out h.zarr
  hebbian figure h.zarr --out h

Temperatures have k_B = 1 and weight exp(-H/T); energies are per spin.
'hebbian COMMAND --help' explains a command."""

#: What the literature and other programs call a flag.
SYNONYMS = {
    "--N": "--n-spins", "--n": "--n-spins", "--size": "--n-spins", "--spins": "--n-spins",
    "--K": "--n-patterns", "--P": "--order", "--p": "--order", "--M": "--n-examples",
    "--r": "--quality", "--d": "--dilution", "--load": "--alpha", "--temperature": "--T",
    "--t": "--T", "--temp": "--T", "--beta": "--T", "--steps": "--sweeps", "--jobs": "--executor",
    "--workers": "--executor", "--output": "--out", "-o": "--out", "--burn-in": "--warmup",
    "--lambda": "--sharpness", "--lam": "--sharpness", "--l": "--sharpness", "--delta": "--radius",
    "--neurons": "--n-neurons", "--thermalization": "--warmup", "--replicas": "--n-replicas",
    "--w": "--signal", "--strengths": "--weights", "--zipf": "--weights", "--g": "--weights",
    "--thermalisation": "--warmup", "--warm-up": "--warmup", "--n-steps": "--sweeps",
    "--n-sweeps": "--sweeps", "--init": "--start", "--rng": "--seed", "--random-state": "--seed",
    "--samples": "--n-samples", "--layers": "--sizes", "--J": "--couplings", "--G": "--couplings",
}  # fmt: skip


#: What other programs call a command.
_COMMANDS = {
    "solve": "theory", "run": "simulate", "mc": "simulate", "plot": "figure", "draw": "figure",
    "info": "status", "check": "doctor", "help": "--help", "version": "--version",
}  # fmt: skip


class UsageError(Exception):
    """Arguments that cannot be read: a message, a strange word and the words known."""

    def __init__(self, message: str, word: str = "", known: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.word, self.known = word, known


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        choice = re.match(r"argument .*: invalid choice: '(.*?)' \(choose from (.*)\)", message)
        if choice and choice[1] in _COMMANDS:
            raise UsageError(f"{message}; did you mean {_COMMANDS[choice[1]]}?")
        if choice:
            raise UsageError(message, choice[1], re.findall(r"[\w-]+", choice[2]))
        if message.endswith("required: COMMAND"):
            message += "; hebbian --help lists them"
        raise UsageError(message)

    def flags(self) -> list[str]:
        """Return every flag of this parser."""
        return [flag for flag in self._option_string_actions if flag.startswith("--")]


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: Any, **__: Any) -> NoReturn:
        from importlib.metadata import version

        print(f"hebbian-toolkit {version('hebbian-toolkit')}")
        parser.exit()


def _parser() -> argparse.ArgumentParser:
    formatter = argparse.RawDescriptionHelpFormatter
    parser = _Parser(
        prog="hebbian",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=formatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version")
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", title="commands", required=True
    )
    for name in COMMANDS:
        module = import_module(f".commands.{name}", __package__)
        command = commands.add_parser(module.NAME, help=module.HELP, allow_abbrev=False)
        module.add_arguments(command)
        if command.description is None:
            command.description = module.__doc__
            command.formatter_class = formatter
        command.set_defaults(run=module.run, flags=command.flags(), parser=parser)
    return parser


def read(argv: Sequence[str]) -> argparse.Namespace:
    """Read the arguments; a flag that no command has is named with the nearest one.

    Raises
    ------
    UsageError
        If they cannot be read.
    """
    args, strange = _parser().parse_known_args(argv)
    if not strange:
        return args
    message = f"unrecognized arguments: {' '.join(strange)}"
    flag = next((word for word in strange if word.startswith("-")), strange[0]).partition("=")[0]
    if SYNONYMS.get(flag) in args.flags:
        if flag == "--beta":
            raise UsageError(f"{message}; give --T, which is 1 / beta")
        raise UsageError(f"{message}; did you mean {SYNONYMS[flag]}?")
    if not flag.startswith("-") and (whole := _list_in_words(argv, strange)):
        raise UsageError(f"{message}; several values are one word: {whole}")
    raise UsageError(message, flag, args.flags)


def _list_in_words(argv: Sequence[str], strange: list[str]) -> str:
    """Return ``--flag a,b,c`` if the strange words are the rest of ``--flag a b c``."""
    for i in range(2, len(argv)):
        if list(argv[i : i + len(strange)]) == strange and argv[i - 2].startswith("--"):
            return f"{argv[i - 2]} {','.join([argv[i - 1], *strange])}"
    return ""
