"""What a store says of itself: one form for its header and the copy, judged before it is used.

A digest tells a damaged header from a sound one, and nothing of who wrote it.  So every entry
has a form, the study among them is built and has to say the same as the entries beside it, and
no number is larger than a sweep may have written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from msgspec import Meta, Struct

import hebbian
from hebbian import Model
from hebbian.documents import convert, decode
from phase_diagrams.grid import MOST_POINTS, Grid
from phase_diagrams.schema import SCHEMA_VERSION, study_attributes
from phase_diagrams.shards import Shard, parse_shard
from phase_diagrams.study import Study

from .headers import attributes

__all__ = ["FORMAT", "Identity", "Name", "grid_of", "identify", "judged"]

#: Attribute ``format`` of a store.
FORMAT = "hebbian phase diagram"

#: Names of variables are names of folders.
Name = Annotated[str, Meta(pattern=r"^[^\W\d]\w*\Z")]

_Patterns = Annotated[int, Meta(ge=1, le=1_000_000)]
_Count = Annotated[int, Meta(ge=0, le=10**12)]
_Round = Annotated[int, Meta(ge=1, le=10**6)]
_Words = tuple[Literal["", "pattern", "layer"], str, str, str]


class _Header(Struct, frozen=True):
    """The attributes of a store that are more than words."""

    study: str
    fingerprint: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
    n_patterns: _Patterns | None
    observables: dict[Name, _Words]
    shard: str
    rows: Literal["grid", "larger"]
    rounds: list[_Round]
    asked: _Count
    predicted: _Count
    published: bool
    backend: str
    title: str
    created: str
    git_commit: str
    command: str
    versions: str


class Identity(NamedTuple):
    """The attributes of a store, and what they mean."""

    attributes: dict[str, Any]
    study: Study
    shard: Shard | None


def identify(path: Path) -> Identity:
    """Return what a store is: by its header, or by the copy in ``cells`` if that is damaged.

    Where both are sound and of two studies, one has been moved here from elsewhere: that is
    believed to which more of the other headers belong.

    Raises
    ------
    ValueError
        If this is no store, one of another layout, or damaged beyond its copy.
    PermissionError
        If it must not be read.
    """
    found: list[Identity] = []
    problems: list[Exception] = []
    for folder in (path, path / "cells"):
        try:
            found.append(judged(folder))
        except (OSError, ValueError) as error:
            problems.append(error)
    if found:
        if len({one.attributes["study"] for one in found}) == 2:
            found.sort(key=lambda one: -_supporters(path, one))
        return found[0]
    reasons: list[type[Exception]] = [_OtherLayout, _Damaged, PermissionError]
    for reason in reasons:
        for problem in problems:
            if isinstance(problem, reason):
                raise problem
    for problem in problems:
        if isinstance(problem, ValueError) and _names_format(path / "zarr.json"):
            raise problem
    what = "is not the store of a study" if path.exists() else "does not exist"
    raise ValueError(f"{path} {what}")


class _OtherLayout(ValueError):
    """A store that another version wrote."""


class _Damaged(ValueError):
    """A header that is a store's, and in no form that a store has."""


def _names_format(path: Path) -> bool:
    """Whether a header that cannot be read once was that of a store."""
    with suppress(OSError), path.open("rb") as file:
        return FORMAT.encode() in file.read(1 << 20)
    return False


def judged(folder: Path) -> Identity:
    """Return what the header of a store, or its copy, means.

    Raises
    ------
    ValueError
        If it is damaged, in no form that a store has, or of another layout.
    OSError
        If it cannot be read, or is of something else.
    """
    found = attributes(folder)
    if found.get("format") != FORMAT:
        raise OSError(f"{folder / 'zarr.json'} is not the header of a store")
    version = found.get("schema_version")
    if isinstance(version, int) and version != SCHEMA_VERSION:
        store = folder.parent if folder.name == "cells" else folder
        raise _OtherLayout(
            f"{store} has layout {version}, this version reads layout {SCHEMA_VERSION}: "
            "repeat the study, or use the version that wrote it"
        )
    try:
        form = convert(found, _Header, "attributes")
        study = Study.stored(form.study, form.n_patterns, form.observables)
        shard = parse_shard(form.shard or None)
        if form.rounds != sorted(set(form.rounds)):
            raise ValueError("rounds are not numbered upwards")
        _check_sizes(study)
        if json.loads(form.study)["version"] == hebbian.__version__:
            for name, value in study_attributes(study, {}).items():
                if found.get(name) != value:
                    raise ValueError(f"{name} is not that of the study")
    except ValueError as error:
        raise _Damaged(f"{folder / 'zarr.json'} is damaged: {error}") from None
    return Identity(found, study, shard)


def _check_sizes(study: Study) -> None:
    """Refuse numbers that no sweep takes."""
    if (study.grid.n_patterns is not None) != study.grid.model.retrieves_several:
        raise ValueError(f"n_patterns = {study.grid.n_patterns} of {study.grid.model!r}")
    if study.grid.size > MOST_POINTS:
        raise ValueError(f"grid of {study.grid.size} points, more than {MOST_POINTS}")


def _supporters(path: Path, one: Identity) -> int:
    """Count the headers of a store that are of a study, its grid included."""
    labelled, grid = ("", "cells", "theory", "simulation"), json.dumps(one.study.grid.describe())
    expected = {place: {"study": one.attributes["study"]} for place in labelled}
    rows = {"fingerprint": one.attributes["fingerprint"], "grid": grid}
    n = 0
    for place, entries in {**expected, f"cells/{one.attributes['rows']}": rows}.items():
        with suppress(OSError, ValueError):
            n += entries.items() <= attributes(path / place).items()
    return n


class _Points(Struct, frozen=True):
    """The attributes of the rows of a part, as far as a grid is made of them."""

    model: str
    grid: str
    n_patterns: _Patterns | None


_Numbers = list[int | float | Literal["inf"]]


def grid_of(points: Mapping[str, Any]) -> Grid:
    """Return the points that the attributes of rows describe, `phase_diagrams.stores.journal`.

    Raises
    ------
    ValueError
        If they describe none.
    """
    form = convert(points, _Points, "attributes")
    model = decode(form.model, dict[str, Any], "model")
    kind = dict[str, int | float | _Numbers | dict[str, _Numbers]]
    return Grid.stored(Model.build(model), decode(form.grid, kind, "grid"), form.n_patterns)
