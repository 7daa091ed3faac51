"""What docstrings and pages name exists: every `room.module.name` in backticks."""

import dataclasses
import importlib
import re
from pathlib import Path

import pytest

from hebbian import registry
from montecarlo import quantities

HERE = Path(__file__).parents[1]
ROOMS = ("hebbian", "theory", "montecarlo", "phase_diagrams")
ENTRY_POINTS = (registry.GROUP, quantities.GROUP)
NAME = rf"(?:{'|'.join(ROOMS)})(?:\.\w+)+"
#: In backticks, or a line of a table of the reference.
NAMED = re.compile(rf"(?:`~?|^   )({NAME})(?=`|\([^`]*\)`|$)", re.MULTILINE)


def exists(name):
    """Import as much of a dotted name as is a module, and look up the rest."""
    if name in ENTRY_POINTS:
        return True
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError as error:
            if not ".".join(parts[:length]).startswith(str(error.name)):
                raise
            continue
        for part in parts[length:]:
            fields = dataclasses.fields(found) if dataclasses.is_dataclass(found) else ()
            if part in {field.name for field in fields}:
                return True
            if not hasattr(found, part):
                break
            found = getattr(found, part)
        else:
            return True
    return False


def test_names_that_are_no_more_are_found():
    assert exists("theory.solve")
    assert exists("montecarlo.Run.series")
    assert exists("phase_diagrams.gallery.claims.Claim")
    for stale in ("theory.no_such_module", "theory.solve.nothing", "montecarlo.Run.spin"):
        assert not exists(stale)
    words = "`theory.solve` and `hebbian.draw(model, n_spins=3)`, `~theory.State`, theory.none"
    assert NAMED.findall(words) == ["theory.solve", "hebbian.draw", "theory.State"]


@pytest.mark.parametrize("folder", [*ROOMS, "docs", "tests", "benchmarks", "scripts"])
def test_named_things_exist(folder):
    files = [p for kind in ("py", "md", "sh", "toml") for p in (HERE / folder).rglob(f"*.{kind}")]
    pages = [HERE / "README.md", HERE / "CONTRIBUTING.md"] if folder == "docs" else []
    known: dict[str, bool] = {}
    stale = []
    for path in [*files, *pages]:
        if "_build" in path.parts or "_generated" in path.parts or path == Path(__file__):
            continue
        for name in NAMED.findall(path.read_text(encoding="utf-8")):
            if name.endswith(".py"):  # a file
                continue
            if name not in known:
                known[name] = exists(name)
            if not known[name]:
                stale.append(f"{path.relative_to(HERE)}: {name}")
    assert files
    assert stale == []


def test_every_promise_names_its_test():
    rows = re.findall(
        r"^\| .* \| .* \| (.*) \|$",
        (HERE / "README.md")
        .read_text(encoding="utf-8")
        .split("## What is survived")[1]
        .split("\n## ")[0],
        re.MULTILINE,
    )[1:]
    named = [re.fullmatch(r"`([\w/]+\.py)::(test_\w+)`", row) for row in rows if row.strip()]
    assert len(named) > 25
    for found in named:
        assert found is not None
        source = (HERE / "tests" / found[1]).read_text(encoding="utf-8")
        assert f"def {found[2]}(" in source, found[0]
