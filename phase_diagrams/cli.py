"""The command ``hebbian``: what surrounds a subcommand of `phase_diagrams.commands`.

Exit codes: 0 done; 1 an error of the program itself; 2 bad input or environment, nothing
written; 3 incomplete; 130 interrupted.  Results go to standard output, everything else to
standard error.  Nothing is imported before the first line of `main` has been run but what
Python itself needs to start: from there on signals and errors are one line.
"""

from __future__ import annotations

import sys

from .shadowing import culprits, foreign_room
from .streams import finish, open_streams, tolerate_letters

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .leaving import Departure

__all__ = ["main"]

#: Seconds that an interrupted command may take to write its checkpoint.
WRITING = 60.0

#: Letters of a message, at most: names and words of the user may be longer.
LONGEST = 600


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Parameters
    ----------
    argv : sequence of str, optional
        Default: the arguments of this process, whose signals and streams are seen to.

    Examples
    --------
    >>> main(["theory", "--model", "hopfield", "--alpha", "-1", "--T", "0.1"])
    2
    """
    departure: Departure | None = None
    try:
        if argv is None:
            open_streams()  # before the first file is opened: it would get the number of a stream
            from .leaving import Departure

            departure = Departure()
        else:
            tolerate_letters()
        code = _run(sys.argv[1:] if argv is None else argv, departure)
    except KeyboardInterrupt as error:
        code = _interrupted(f"interrupted: {error}".rstrip(": "), departure)
    except BaseException as error:  # noqa: BLE001 - every error is one line
        code = _failed(error, departure)
        if departure:
            departure.finish(code)
    return code


def _run(argv: Sequence[str], departure: Departure | None) -> int:
    if foreign := foreign_room():
        raise ImportError(foreign)

    import logging
    import warnings

    from . import faults as _faults  # noqa: F401 - later no file may be left to open
    from .arguments import read
    from .limits import check

    logging.basicConfig(format="hebbian: %(message)s", stream=sys.stderr)
    if departure:
        warnings.formatwarning = _in_one_line
    try:
        args = read(argv)
        check(args.command)
        if departure:
            _prepare(args.command, vars(args), departure)
        code: int = args.run(args)
    except SystemExit as stop:  # --help and --version
        code = stop.code if isinstance(stop.code, int) else 2 * bool(stop.code)
    unprinted = finish()
    if unprinted is not None and not isinstance(unprinted, BrokenPipeError):
        raise OSError(f"standard output cannot be written: {unprinted.strerror}")
    if departure:
        departure.finish(code)
    return code


def _prepare(command: str, args: dict[str, object], departure: Departure) -> None:
    """Say what is kept of an interrupted command."""
    if command in ("sweep", "refine", "rerun"):
        store = args["store"] if command == "refine" else args["out"]
        departure.words = f"interrupted: {store} keeps what is done"
    elif args.get("checkpoint") or (command in ("locate", "ramp") and args.get("out")):
        departure.patience = WRITING


def _interrupted(words: str, departure: Departure | None) -> int:
    if departure:
        departure.say(words)
        departure.leave()
    return _complain(words, 130)


def _failed(error: BaseException, departure: Departure | None) -> int:
    """Say in one line what went wrong, and return the exit code."""
    if departure and departure.settle():
        return _interrupted(departure.words, departure)
    try:
        from .faults import explain  # imported already, if files can be opened at all

        unprinted = finish()
        if isinstance(unprinted, BrokenPipeError):
            return 0  # the reader has seen enough
        if unprinted is not None:
            error = OSError(f"standard output cannot be written: {unprinted.strerror}")
        words, code = explain(error)
        words += _hint(getattr(error, "word", ""), getattr(error, "known", ()))
    except Exception:  # noqa: BLE001 - a module of Python's own is not what it should be
        words, code = "; ".join(culprits(loaded=True)) or f"{type(error).__name__}: {error}", 2
    if departure:
        _be_quiet()  # what is broken off has more to say at the end of the interpreter
    return _complain(words or type(error).__name__, code)


def _be_quiet() -> None:
    if "logging" in sys.modules:
        sys.modules["logging"].disable()
    if "warnings" in sys.modules:
        sys.modules["warnings"].simplefilter("ignore")


def _in_one_line(message: object, *_: object, **__: object) -> str:
    return f"hebbian: {str(message).strip().partition(chr(10))[0]}\n"


def _complain(words: str, code: int) -> int:
    line = " ".join(words.split())
    if len(line) > LONGEST:
        line = f"{line[: LONGEST - 100]} ... {line[-80:]}"
    print(f"hebbian: error: {line}", file=sys.stderr)
    return code


def _hint(word: object, known: Sequence[str]) -> str:
    """Propose the known word that is nearest to a strange one."""
    from difflib import get_close_matches

    near = get_close_matches(str(word)[:60], known, n=1)
    return f"; did you mean {near[0]}?" if near else ""
