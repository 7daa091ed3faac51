"""Calls of the public functions: one line for every call that cannot be meant as it stands.

`checked` decorates functions and classes of all four rooms.  Their signatures, names and
documentation stay what they are.
"""

from __future__ import annotations

import functools
import inspect
import os
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from . import domain

__all__ = ["checked"]

Target = TypeVar("Target", bound=Callable[..., Any])

#: What the literature and other packages call the parameters, and how they are called here.
_MEANT = {
    "N": ("n_spins",), "size": ("n_spins",), "n": ("n_spins",), "n_neurons": ("n_spins",),
    "K": ("n_patterns", "alpha"), "P": ("order",), "p": ("order",), "r": ("quality", "n_neurons"),
    "M": ("n_examples",), "d": ("dilution", "radius"), "temperature": ("T",), "load": ("alpha",),
    "a": ("alpha",), "t": ("T",), "beta": ("T", "sharpness"), "rng": ("seed",),
    "random_state": ("seed",),
    "n_steps": ("sweeps", "schedule"), "steps": ("sweeps", "schedule"),
    "n_sweeps": ("sweeps", "schedule"), "sweeps": ("schedule",), "warmup": ("schedule",),
    "burn_in": ("warmup", "schedule"), "thin": ("stride", "schedule"), "stride": ("schedule",),
    "threads": ("n_threads",), "n_jobs": ("n_threads", "executor"), "samples": ("n_samples",),
    "replicas": ("n_replicas",), "init": ("start",), "initial": ("start",), "path": ("out",),
    "lam": ("sharpness",), "lambda_": ("sharpness",), "l": ("sharpness",), "delta": ("radius",),
    "axes": ("ax",), "alpha": ("grid",), "T": ("grid",), "n_patterns": ("alpha", "grid"),
    "quality": ("grid",), "order": ("grid",), "dilution": ("grid",), "sharpness": ("grid",),
    "radius": ("grid",), "filename": ("path", "name"),
}  # fmt: skip

_CLASSES = {"Model", "Rule", "Schedule", "Cooling"}
_SCALARS = {"int", "float"}


def checked(target: Target) -> Target:
    """Decorate a function or a class so that a call that cannot be is explained in one line.

    Raises
    ------
    TypeError
        When it is called with arguments that it does not have, by position what has a name,
        without one that it needs, or with a class in place of an object.
    ValueError
        When one number is asked for and several are given, or None.

    Examples
    --------
    >>> @checked
    ... def solve(model, *, alpha, T): ...
    >>> solve("h", 0.1, beta=5)
    Traceback (most recent call last):
    TypeError: solve has no argument beta: give T = 1 / beta, here T = 0.2
    """
    call: Any = vars(target)["__init__"] if isinstance(target, type) else target
    signature = inspect.signature(call)
    room = str(getattr(target, "__module__", "")).partition(".")[0]
    name = target.__name__
    if not isinstance(target, type) and room in ("theory", "montecarlo", "phase_diagrams"):
        name = f"{room}.{name}"
    order = [each for each in signature.parameters.values() if each.name != "self"]
    if isinstance(target, type):  # its own parameters before those of its bases
        own = inspect.get_annotations(target)
        order.sort(key=lambda each: each.name not in own)
    several = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    names = {each.name: each for each in order if each.kind not in several}
    open_ended = any(each.kind == each.VAR_KEYWORD for each in order)

    @functools.wraps(call)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        strange = [each for each in kwargs if each not in names]
        strange = [each for each in strange if not open_ended or _meant(each, names)]
        if strange:
            raise TypeError(_unknown(name, strange[0], kwargs[strange[0]], list(names)))
        try:
            bound = signature.bind(*args, **kwargs)
        except TypeError as error:
            given = args[1:] if isinstance(target, type) else args
            words = _unbound(name, order, given, kwargs) or f"{name}: {error}"
            raise TypeError(words) from None
        for each, value in bound.arguments.items():
            if each in names:
                _check(name, names[each], value)
        value = call(*args, **kwargs)
        for one in value if isinstance(value, list) else [value]:
            if hasattr(type(one), "record"):
                bound.apply_defaults()
                one.record(name, _flat(bound.arguments, order))
        return value

    if isinstance(target, type):
        type.__setattr__(target, "__init__", wrapper)
        return target
    return wrapper  # type: ignore[return-value]


def _flat(given: Mapping[str, Any], order: list[inspect.Parameter]) -> dict[str, Any]:
    """Return the arguments of a call by name, those that a signature takes together, too."""
    together = [each.name for each in order if each.kind == each.VAR_KEYWORD]
    flat = {each: value for each, value in given.items() if each not in together}
    return flat | {k: v for each in together for k, v in given[each].items()}


def _meant(strange: str, names: Mapping[str, Any]) -> list[str]:
    return [each for each in _MEANT.get(strange, ()) if each in names][:1]


def _unknown(function: str, strange: str, value: Any, names: list[str]) -> str:
    words = f"{function} has no argument {strange}"
    meant = _meant(strange, dict.fromkeys(names))
    if strange == "beta" and meant == ["T"]:
        number = isinstance(value, int | float) and not isinstance(value, bool) and value
        return f"{words}: give T = 1 / beta" + (f", here T = {1 / value:g}" if number else "")
    if meant == ["grid"]:
        return f"{words}: give grid={{{strange!r}: ...}}"
    if meant:
        return f"{words}: give {meant[0]}"
    return words + (domain.did_you_mean(strange, names) or f": it has {', '.join(names)}")


def _unbound(
    function: str, order: list[inspect.Parameter], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> str:
    """Say how a call is written whose arguments are too many by position, or too few."""
    placed = [each for each in order if each.kind == each.POSITIONAL_OR_KEYWORD]
    if any(each.kind == each.VAR_POSITIONAL for each in order):
        return ""
    free = [each for each in order if each.kind == each.KEYWORD_ONLY and each.name not in kwargs]
    if len(args) > len(placed):
        extra = args[len(placed) :]
        if len(extra) > len(free):
            return f"{function} takes {len(placed) + len(free)} arguments, not {len(args)}"
        parts = [_short(value) for value in args[: len(placed)]]
        named = zip((each.name for each in free), extra, strict=False)
        parts += [f"{name}={_short(value)}" for name, value in (*named, *kwargs.items())]
        return f"{function} takes these by name: write {function}({', '.join(parts)})"
    given = {each.name for each in placed[: len(args)]} | set(kwargs)
    missing = [
        each.name
        for each in order
        if each.default is each.empty and each.kind != each.VAR_KEYWORD and each.name not in given
    ]
    return f"{function} needs {', '.join(missing)}" if missing else ""


def _check(function: str, parameter: inspect.Parameter, value: Any) -> None:
    """Refuse a class or a name for an object, several numbers for one, and None for a number."""
    name, kinds = parameter.name, set(re.findall(r"\w+", str(parameter.annotation)))
    if isinstance(value, type) and kinds & _CLASSES:
        raise TypeError(f"{name} = {value.__name__} is a class: write {value.__name__}(...)")
    bases = {kind.__name__ for kind in type(value).__mro__}  # models themselves use this module
    if str(parameter.annotation) == "Model" and "Model" not in bases:
        given = f"{name} = {_short(value)} is not a model"
        raise TypeError(f"{given}: give hebbian.Hopfield(), hebbian.Dense(order=4) or another")
    if kinds & {"DataTree", "PathLike"} and "Sequence" not in kinds:
        _check_place(name, value, kinds, bases)
    if not kinds & _SCALARS or kinds - _SCALARS - {"None", "str"}:
        return
    if value is None and "None" not in kinds and parameter.default is not parameter.empty:
        left_out = f"leave it out for {parameter.default!r}"
        raise ValueError(f"{name} = None is not a value of {function}: {left_out}")
    if (isinstance(value, list | tuple) or getattr(value, "ndim", False)) and "str" not in kinds:
        where = ": phase_diagrams.sweep takes several" if name in ("alpha", "n_spins") else ""
        if function == "phase_diagrams.sweep":
            where = ": put several into its grid"
        raise ValueError(f"{name} = {_short(value)}: {function} takes one{where}")


def _check_place(name: str, value: Any, kinds: set[str], bases: set[str]) -> None:
    """Refuse a path for what it holds, and anything else for a path."""
    named = isinstance(value, str | os.PathLike)
    if "PathLike" in kinds and not named and (value is not None or "None" not in kinds):
        raise TypeError(f"{name} = {_short(value)} is not the name of a file")
    if "DataTree" in kinds and "DataTree" not in bases:
        how = f": give phase_diagrams.open({_short(value)})" if named else ""
        raise TypeError(f"{name} is a {type(value).__name__}, not the DataTree of a study{how}")


def _short(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{text[:57]}..."
