"""What the commands know of the models of other packages."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from hebbian import registry
from phase_diagrams.commands.networks import BUILT_IN, NAMED

pytestmark = pytest.mark.heavy

ROOT = Path(__file__).parents[1]

TOY = """
from dataclasses import dataclass
import numpy as np
from diluted_network import Diluted
from hebbian import Model
from theory.closure import Closure, closure
from theory.lines import Line

@dataclass(frozen=True, kw_only=True)
class Toy(Model):
    count = Diluted.count
    draw = Diluted.draw
    lower = Diluted.lower
    example_overlap_scale = Diluted.example_overlap_scale
    order: int = 3
    dilution: float = 0.0

class Equations(Closure):
    starts = ("retrieval",)
    has_load = True
    lines = (Line("toy_temperature", "T_t", "toy temperature", "half the load", "alpha"),)

    def solve(self, alpha, T, start):
        raise NotImplementedError

    def toy_temperature(self, alpha):
        return alpha / 2

@closure.register
def _(model: Toy, law: str = "binomial"):
    return Equations()
"""


@pytest.fixture
def command(tmp_path):
    """Run the command in a fresh process beside a distribution that offers the model toy."""
    folder = tmp_path / "plugged-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: plugged\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text(f"[{registry.GROUP}]\ntoy = toy_model:Toy\n")
    (tmp_path / "toy_model.py").write_text(TOY)
    path = f"{tmp_path}:{ROOT / 'docs' / 'examples'}:{ROOT}"

    def run(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "phase_diagrams", *arguments],
            env={"PYTHONPATH": path, "PATH": "", "HOME": str(tmp_path)},
            capture_output=True, text=True, check=False, cwd=tmp_path,
        )  # fmt: skip

    return run


NAMES = ", ".join((*BUILT_IN, *NAMED, "toy"))


def test_the_models_of_this_package_are_named():
    from hebbian import model

    ours = {name for name, kind in model.Model.kinds.items() if kind.__module__[:8] == "hebbian."}
    assert ours == set(BUILT_IN)
    assert [*model.Model.named] == [*NAMED]


@pytest.mark.parametrize("name", ["theory", "simulate", "temper", "sweep"])
def test_a_help_names_the_models_there_are(command, name):
    words = " ".join(command(name, "--help").stdout.split())
    assert f"--model NAME {NAMES}" in words


def test_a_missing_model_is_told_which_there_are(command):
    done = command("sweep", "--out", "x.zarr", "--T", "1")
    assert done.returncode == 2
    assert f"model is missing: one of {NAMES}" in done.stderr


def test_a_line_of_another_package_is_found(command):
    line = ["theory", "--model", "toy", "--alpha", "0.2,0.5", "--quantity"]
    done = command(*line, "toy-temperature", "--json")
    assert done.returncode == 0, done.stderr
    points = json.loads(done.stdout)["points"]
    assert [point["toy_temperature"] for point in points] == [0.1, 0.25]
    done = command(*line, "toy-temperatur")
    assert done.returncode == 2
    assert done.stderr.endswith("toy-temperature; did you mean toy-temperature?\n")
    done = command("theory", "--model", "dense", "--alpha", "0.2", "--quantity", "toy-temperature")
    assert done.returncode == 2
    assert "quantity = 'toy-temperature' is not one of" in done.stderr
