import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import phase_diagrams

ROOT = Path(__file__).parents[1]
SCRIPTS = ROOT / "scripts"
STUDIES = {
    "dense_p4": ["phase_diagram", "overlap"],
    "exponential": ["phase_diagram", "overlap"],
    "dreaming": ["phase_diagram", "sleep"],
    "assemblies": ["phase_diagram", "layers"],
    "sequences": ["phase_diagram", "replay"],
    "teacher_student": ["phase_diagram", "examples"],
    "strengths": ["strongest", "tenth"],
    "hopfield_load": ["N50", "N100"],
    "dense_learning": ["r0.2", "r0.4"],
    "multitasking_dilution": ["k3"],
}


def script(name, *arguments, **variables):
    """Run a script in the environment of the tests."""
    environment = {
        **os.environ,
        "HEBBIAN_PYTHON": sys.executable,
        "PYTHONPATH": str(ROOT),
        "NUMBA_NUM_THREADS": "1",
        **variables,
    }
    return subprocess.run(
        ["bash", str(SCRIPTS / f"{name}.sh"), *map(str, arguments)],
        capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip


@pytest.mark.parametrize("name", STUDIES)
@pytest.mark.heavy
def test_every_study_runs_as_it_is(name, tmp_path):
    ran = script(name, "--quick", tmp_path / "made" / "here")
    assert ran.returncode == 0, ran.stderr
    folder = tmp_path / "made" / "here"
    stores = [*map(phase_diagrams.open, folder.glob("*.zarr"))]
    for tree in stores:
        assert (tree["simulation/status"] == 1).all()
    (compared,) = (tree for tree in stores if "comparison" in tree.children)
    assert "points" in compared["comparison"].children
    for stem in STUDIES[name]:
        assert (folder / f"{stem}.pdf").stat().st_size > 1000
        assert (folder / f"{stem}.png").stat().st_size > 1000
    assert "compared at" in ran.stdout


@pytest.mark.heavy
def test_tasks_of_an_array_meet(tmp_path):
    """Task by task as SLURM runs them, in any order: the last joins the parts."""
    for task in ("2", "1"):
        ran = script(
            "slurm_array", "--quick", tmp_path, SLURM_ARRAY_TASK_ID=task, SLURM_ARRAY_TASK_COUNT="2"
        )
        assert ran.returncode == 0, ran.stderr
        assert (tmp_path / "study.zarr").exists() == (task == "1")
    assert (tmp_path / "phase_diagram.pdf").exists()
    tree = phase_diagrams.open(tmp_path / "study.zarr")
    assert tree["simulation/status"].values.tolist() == [[1, 1], [1, 1]]


def test_a_wrong_flag_is_an_error(tmp_path):
    ran = script("dense_p4", "--fast", tmp_path)
    assert ran.returncode == 2
    assert ran.stderr == (
        "error: --fast is not a flag of dense_p4.sh: it takes --quick and a folder\n"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
def test_scripts_are_clean():
    checked = subprocess.run(
        ["shellcheck", "--shell=bash", "--external-sources", "--source-path=SCRIPTDIR",
         *map(str, sorted(SCRIPTS.glob("*.sh")))],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (checked.returncode, checked.stdout) == (0, "")
