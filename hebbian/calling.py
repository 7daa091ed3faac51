"""Calls of the public functions: one line for every call that cannot be meant as it stands.

`checked` decorates functions and classes of all four rooms.  Their signatures, names and
documentation stay what they are.
"""

from __future__ import annotations

import functools
import inspect
import os
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from . import domain

__all__ = ["checked", "checked_with"]

Target = TypeVar("Target", bound=Callable[..., Any])

#: What the literature and other packages call the parameters, and how they are called here.
_MEANT = {
    "N": ("n_spins",), "size": ("n_spins",), "n": ("n_spins",), "n_neurons": ("n_spins",),
    "K": ("n_patterns", "alpha"), "P": ("order",), "p": ("order",), "r": ("quality", "n_neurons"),
    "M": ("n_examples",), "d": ("dilution", "radius"), "temperature": ("T",), "load": ("alpha",),
    "temp": ("T",), "a": ("alpha",), "t": ("T",), "beta": ("T", "sharpness"), "rng": ("seed",),
    "random_state": ("seed",), "random_seed": ("seed",),
    "n_steps": ("sweeps", "schedule"), "steps": ("sweeps", "schedule"),
    "n_sweeps": ("sweeps", "schedule"), "sweep": ("sweeps", "schedule"),
    "sweeps": ("schedule", "max_iter"), "warmup": ("schedule",), "warm_up": ("warmup", "schedule"),
    "burn_in": ("warmup", "schedule"), "thermalization": ("warmup", "schedule"),
    "thin": ("stride", "schedule"), "stride": ("schedule",), "cooling": ("schedule",),
    "threads": ("n_threads",), "n_jobs": ("n_threads", "executor"), "samples": ("n_samples",),
    "replicas": ("n_replicas",), "init": ("start",), "initial": ("start",), "path": ("out",),
    "lam": ("sharpness",), "lambda_": ("sharpness",), "l": ("sharpness",), "delta": ("radius",),
    "axes": ("ax",), "alpha": ("grid",), "T": ("grid",), "n_patterns": ("alpha", "grid"),
    "quality": ("grid",), "order": ("grid",), "dilution": ("grid",), "sharpness": ("grid",),
    "radius": ("grid",), "filename": ("path", "name"),
}  # fmt: skip

#: What a state and a run are told, and a model is not.
_CONTROLS = ("alpha", "T", "n_spins", "n_samples", "n_replicas", "schedule", "dynamics", "seed")

#: Parameters of models and rules: of the classes that have been decorated.
_OF_MODELS: set[str] = set()

#: Where functions are found, before the rooms that these are in.
_PLACES = ("phase_diagrams.figures", "hebbian.testing", "phase_diagrams.stores.integrity")
_ROOMS = ("hebbian", "theory", "montecarlo", "phase_diagrams")
_CLASSES = {"Model", "Rule", "Schedule", "Cooling"}
_SCALARS = {"int", "float"}


def checked_with(inner: Callable[..., Any]) -> Callable[[Target], Target]:
    """Return `checked` for a function that hands the rest of its arguments on to `inner`.

    Examples
    --------
    >>> def run(model, *, n_spins: int = 10): ...
    >>> @checked_with(run)
    ... def basin(model, *, overlaps, **settings): ...
    >>> basin("h", overlaps=[0.5], N=100)
    Traceback (most recent call last):
    TypeError: hebbian.basin has no argument N: give n_spins
    """
    return lambda target: _decorated(target, inspect.signature(inner).parameters)


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
    TypeError: hebbian.solve has no argument beta: give T = 1 / beta, here T = 0.2
    """
    return _decorated(target, {})


def _decorated(target: Target, inner: Mapping[str, inspect.Parameter]) -> Target:
    call: Any = vars(target)["__init__"] if isinstance(target, type) else target
    signature = inspect.signature(call)
    module, name = f"{target.__module__}.", target.__name__
    places = [each for each in (*_PLACES, *_ROOMS) if module.startswith(f"{each}.")]
    if places and not isinstance(target, type):
        name = f"{places[0]}.{name}"
    order = [each for each in signature.parameters.values() if each.name != "self"]
    if isinstance(target, type):  # its own parameters before those of its bases
        own = inspect.get_annotations(target)
        order.sort(key=lambda each: each.name not in own)
    several = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    names = {each.name: each for each in order if each.kind not in several}
    rest = next((each.name for each in order if each.kind == each.VAR_KEYWORD), "")
    names |= {key: each for key, each in inner.items() if key not in names}
    kinds = {key: set(re.findall(r"\w+", str(each.annotation))) for key, each in names.items()}
    open_ended = rest and not inner
    if isinstance(target, type) and {"Model", "Rule"} & {kind.__name__ for kind in target.__mro__}:
        _OF_MODELS.update(names)

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
        values = bound.arguments
        for each, value in (*values.items(), *values.get(rest, {}).items()):
            if each in names:
                _check(name, names[each], kinds[each], value)
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


def _meant(strange: str, names: Collection[str]) -> list[str]:
    return [each for each in _MEANT.get(strange, ()) if each in names][:1]


def _unknown(function: str, strange: str, value: Any, names: list[str]) -> str:
    words = f"{function} has no argument {strange}"
    meant = _meant(strange, names)
    if strange == "beta" and meant == ["T"]:
        return f"{words}: give T = 1 / beta{_inverse(value)}"
    if meant == ["grid"]:
        return f"{words}: give grid={{{strange!r}: ...}}"
    if meant == ["schedule"]:
        part = next((each for each in _MEANT[strange] if each != "schedule"), strange)
        part = "sweeps" if part == "max_iter" else part
        return f"{words}: give schedule=montecarlo.Schedule({part}={_short(value)})"
    if meant:
        return f"{words}: give {meant[0]}"
    return words + (
        _elsewhere(strange, names)
        or domain.did_you_mean(strange, names)
        or f": it has {', '.join(names)}"
    )


def _inverse(value: Any) -> str:
    """Return the end of a sentence that gives temperatures: a few, none of them infinite."""
    try:
        beta = domain.real_array("beta", value, "(0, inf)")
    except ValueError:
        return ""
    if beta.size > 5 or beta.ndim > 1:
        return ""
    found = ", ".join(f"{1 / number:g}" for number in beta.ravel())
    return f", here T = [{found}]" if beta.ndim else f", here T = {found}"


def _elsewhere(strange: str, names: list[str]) -> str:
    """Return the end of a sentence about what belongs to a model, or to what is done with it."""
    words = [strange, *_MEANT.get(strange, ())]
    if "rule" in names:
        found = [each for each in words if each in _CONTROLS]
        return f": give {found[0]} to theory.solve or montecarlo.simulate" if found else ""
    found = [each for each in words if each in _OF_MODELS] if "model" in names else []
    return f": {found[0]} is a parameter of the model" if found else ""


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
        for value in extra:
            kinds = {kind.__name__ for kind in type(value).__mro__} & _CLASSES
            fitting = [each for each in free if str(each.annotation) in kinds] or free
            parts.append(f"{fitting[0].name}={_short(value)}")
            free.remove(fitting[0])
        parts += [f"{name}={_short(value)}" for name, value in kwargs.items()]
        return f"{function} takes these by name: write {function}({', '.join(parts)})"
    given = {each.name for each in placed[: len(args)]} | set(kwargs)
    missing = [
        each.name
        for each in order
        if each.default is each.empty and each.kind != each.VAR_KEYWORD and each.name not in given
    ]
    return f"{function} needs {', '.join(missing)}" if missing else ""


def _check(function: str, parameter: inspect.Parameter, kinds: set[str], value: Any) -> None:
    """Refuse a class or a name for an object, several numbers for one, and None for a number."""
    name = parameter.name
    if isinstance(value, type) and kinds & _CLASSES:
        words = f"{name} = {value.__name__} is a class"
        raise TypeError(f"{function}: {words}: write {value.__name__}(...)")
    bases = {kind.__name__ for kind in type(value).__mro__}  # models themselves use this module
    if str(parameter.annotation) == "Model" and "Model" not in bases:
        given = f"{function}: {name} = {_short(value)} is not a model"
        raise TypeError(f"{given}: give hebbian.Hopfield(), hebbian.Dense(order=4) or another")
    if str(parameter.annotation) == "Dataset" and "Dataset" not in bases:
        given = f"{function}: {name} = {_short(value)} is not a Dataset"
        raise ValueError(f"{given}: give hebbian.draw(model, ...) or hebbian.from_examples(...)")
    if kinds & {"DataTree", "PathLike"} and "Sequence" not in kinds:
        _check_place(name, value, kinds, bases)
    if not kinds & _SCALARS or kinds - _SCALARS - {"None", "str"}:
        return
    if value is None and "None" not in kinds and parameter.default is not parameter.empty:
        left_out = f"leave it out for {parameter.default!r}"
        raise ValueError(f"{name} = None is not a value of {function}: {left_out}")
    if (isinstance(value, list | tuple) or getattr(value, "ndim", False)) and "str" not in kinds:
        raise ValueError(
            f"{name} = {_short(value)}: {function} takes one{_several(function, name)}"
        )


def _several(function: str, name: str) -> str:
    """Return the end of a sentence that says who takes several values."""
    room = function.partition(".")[0]
    if name not in ("alpha", "T", "n_spins"):
        return ""
    if function == "phase_diagrams.sweep":
        return ": put several into its grid"
    if room == "theory":
        return ": theory.solve takes several" if name != "n_spins" else ""
    if function == "montecarlo.ramp":
        return ": phase_diagrams.ramps takes several"
    if room == "montecarlo":
        doors = "montecarlo.simulate and phase_diagrams.sweep take"
        return f": {doors if name == 'T' else 'phase_diagrams.sweep takes'} several"
    return ": call it for each"


def _check_place(name: str, value: Any, kinds: set[str], bases: set[str]) -> None:
    """Refuse a path for what it holds, and anything else for a path."""
    named = isinstance(value, str | os.PathLike)
    if "PathLike" in kinds and not named and (value is not None or "None" not in kinds):
        raise TypeError(f"{name} = {_short(value)} is not the name of a file")
    if "DataTree" in kinds and "DataTree" not in bases:
        how = f": give phase_diagrams.open({_short(value)})" if named else ""
        raise TypeError(f"{name} is a {type(value).__name__}, not the DataTree of a study{how}")


def _short(value: Any) -> str:
    if isinstance(value, type):
        return f"{value.__name__}(...)"
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{text[:57]}..."
