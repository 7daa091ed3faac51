"""What the command line says before it computes: dry runs, and what cannot fit."""

import json
import re
import shutil
from importlib.util import find_spec

import pytest
from command_lines import SMALL

from phase_diagrams.cli import main


def test_a_dry_run_counts_and_writes_nothing(study_file, tmp_path, capsys):
    out = ["--out", str(tmp_path / "x.zarr")]
    assert main(["sweep", str(study_file), *out, "--dry-run", "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert (plan["points"], plan["tasks"], plan["workers"]) == (4, 4, 1)
    assert 0 < plan["seconds"] < 600
    assert plan["memory"] < plan["memory_available"]
    shard = ["--shard", "1/2", "--executor", "process:3"]
    assert main(["sweep", str(study_file), *out, *shard, "--dry-run"]) == 0
    output = capsys.readouterr().out
    assert "points   4, 2 of them to simulate here" in output
    assert "workers  3 on this machine" in output
    assert [path.name for path in tmp_path.iterdir()] == ["study.toml"]


def test_a_dry_run_shows_the_job_of_a_cluster(study_file, tmp_path, capsys):
    if find_spec("dask_jobqueue") is None:
        pytest.skip("needs dask-jobqueue")
    jobs = tmp_path / "cluster.toml"
    jobs.write_text('jobs = 2\ncores = 4\nprocesses = 4\nmemory = "8GB"\nwalltime = "01:30:00"\n')
    out = ["--out", str(tmp_path / "x.zarr"), "--executor", f"slurm:{jobs}"]
    assert main(["sweep", str(study_file), *out, "--dry-run"]) == 0
    output = capsys.readouterr().out
    assert "workers  other machines" in output
    assert "#SBATCH -t 01:30:00" in output
    assert not (tmp_path / "x.zarr").exists()


@pytest.mark.parametrize("dry", [["--dry-run"], []])
@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--model", "dense", "--n-spins", "5000", "--alpha", "0.4"],
         r"the rows of the network need .* GiB, this machine has .* GiB: reduce alpha, or n_spins "
         r"to [1-9]\d+$"),
        (["--model", "exponential", "--n-spins", "40,57", "--alpha", "0.4"],
         r"the rows of the network need .*: reduce alpha, or n_spins to 5\d$"),
        (["--model", "exponential", "--n-spins", "40,58", "--alpha", "0.4"],
         r"alpha = 0.4 is outside the allowed range \[0, 0.39.*\].* it takes n_spins up to 57$"),
        (["--model", "hopfield", "--n-spins", "100", "--alpha", "0.1", "--executor", "process:1024",
          "--set", "settings.n_replicas=1000000"],
         r"memory = .* GiB is outside the allowed range \[0, .* GiB\]: reduce"),
    ],
)  # fmt: skip
def test_what_cannot_fit_is_refused(dry, flags, words, tmp_path, capsys):
    out = str(tmp_path / "x.zarr")
    assert main(["sweep", *flags, "--T", "0.2", "--out", out, *dry]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert re.search(words, line)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("flag", "words"),
    [("--sweeps", "memory = "), ("--n-samples", "n_samples = 1000000000000 is outside")],
)
def test_results_in_memory_must_fit_it(flag, words, capsys):
    flags = ["--model", "hopfield", "--alpha", "0.1", "--T", "0.2", "--n-spins", "20"]
    assert main(["simulate", *flags, flag, "1000000000000"]) == 2
    assert words in capsys.readouterr().err


def test_a_full_disk_is_refused(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(9, 9, 10))
    flags = ["--model", "hopfield", "--alpha", "0.1", "--T", "0.2", *SMALL]
    assert main(["sweep", *flags, "--out", str(tmp_path / "x.zarr")]) == 2
    assert "disk = " in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
