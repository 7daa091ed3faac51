"""The command ``hebbian``: one subcommand per module of `phase_diagrams.commands`.

Exit codes: 0 done; 1 an error of the program itself; 2 bad input, nothing written;
3 incomplete; 130 interrupted.  Results go to standard output, everything else to standard
error.
"""

from __future__ import annotations

import argparse
import io
import logging
import os
import re
import sys
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor
from importlib import import_module
from typing import Any, NoReturn

from phase_diagrams.sweeps.leaving import leave_soon, told

__all__ = ["main"]

COMMANDS = (
    "theory",
    "simulate",
    "temper",
    "locate",
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

#: Commands whose results are in a store as they come.
STORING = ("sweep", "refine", "rerun")

DESCRIPTION = """\
Statistical physics of associative memories: replica theory and Monte Carlo of Hopfield,
dense and multitasking networks on one phase diagram."""

EPILOG = """\
examples:
  hebbian theory --model hopfield --alpha 0.05 --T 0.1:0.6:6
  hebbian simulate --model dense --order 4 --alpha 0.1 --T 0.5 --n-spins 100
  hebbian sweep --model hopfield --alpha 0.02:0.14:7 --T 0.1:1:10 --n-spins 500 --out h.zarr
  hebbian figure h.zarr --out h

Temperatures have k_B = 1 and weight exp(-H/T); energies are per spin.
'hebbian COMMAND --help' explains a command."""

log = logging.getLogger("phase_diagrams")


class _UsageError(Exception):
    """Arguments that cannot be read: a message, a strange word and the words known."""

    def __init__(self, message: str, word: str = "", known: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.word, self.known = word, known


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        choice = re.match(r"argument .*: invalid choice: '(.*?)' \(choose from (.*)\)", message)
        if choice:
            raise _UsageError(message, choice[1], re.findall(r"[\w-]+", choice[2]))
        raise _UsageError(message)

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


def _read(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the arguments; a flag that no command has is named with the nearest one."""
    args, strange = _parser().parse_known_args(argv)
    if strange:
        flag = next((word for word in strange if word.startswith("-")), strange[0])
        message = f"unrecognized arguments: {' '.join(strange)}"
        raise _UsageError(message, flag.partition("=")[0], args.flags)
    return args


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Parameters
    ----------
    argv : sequence of str, optional
        Default: the arguments of this process.

    Examples
    --------
    >>> main(["theory", "--model", "hopfield", "--alpha", "-1", "--T", "0.1"])
    2
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a name of a file may be in no letters of theirs
            stream.reconfigure(errors="backslashreplace")
    logging.basicConfig(format="hebbian: %(message)s", stream=sys.stderr)
    try:
        args = _read(argv)
        if argv is None and args.command in STORING:
            leave_soon(args.store if args.command == "refine" else args.out)
        code: int = args.run(args)
        if sys.stdout is not None:  # closed by the shell: >&-
            sys.stdout.flush()
    except SystemExit as stop:
        return int(stop.code or 0)
    except BrokenPipeError:
        # The reader of a pipe has left; the interpreter must not flush into it again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt as error:
        told.set()
        return _complain(f"interrupted: {error}".rstrip(": "), 130)
    except BrokenExecutor as error:
        return _complain(error, 3)
    except (_UsageError, ValueError, OSError, ArithmeticError, MemoryError, ImportError) as error:
        return _complain(error, 2)
    except Exception as error:
        log.debug("this is an error of the program", exc_info=True)
        return _complain(f"internal error, please report it: {type(error).__name__}: {error}", 1)
    return code


def _complain(error: object, code: int) -> int:
    words = " ".join(str(error).split()) or type(error).__name__
    words += _hint(getattr(error, "word", ""), getattr(error, "known", ()))
    print(f"hebbian: error: {words}", file=sys.stderr)
    return code


def _hint(word: object, known: Sequence[str]) -> str:
    """Propose the known word that is nearest to a strange one."""
    from difflib import get_close_matches

    near = get_close_matches(str(word), known, n=1)
    return f"; did you mean {near[0]}?" if near else ""
