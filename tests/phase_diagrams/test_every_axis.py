"""Studies with every kind of axis: the same bits whoever computes them, in whatever order."""

import crashes
import pytest

import montecarlo
import phase_diagrams
from hebbian import Dense, Multitasking, Supervised, Unsupervised
from phase_diagrams.sweeps import batches

pytestmark = pytest.mark.heavy

STUDIES = {
    "dense": (
        Dense(rule=Supervised(quality=0.9, n_examples=3)),
        {"order": [4, 2], "n_spins": [24, 17], "quality": [0.9, 0.5], "T": [0.6, 0.2],
         "alpha": [0.05, 0.01]},
    ),
    "multitasking": (
        Multitasking(rule=Unsupervised(quality=0.9, n_examples=3)),
        {"dilution": [0.3, 0], "n_patterns": [3, 1], "n_examples": [3, 5], "T": [0.1, 0.5],
         "n_spins": [30, 41], "start": [1.0, 0.4]},
    ),
}  # fmt: skip


@pytest.fixture(params=STUDIES)
def sweep(request, tmp_path):
    model, grid = STUDIES[request.param]
    schedule = montecarlo.Schedule(warmup=2, sweeps=10, stride=2)
    common = {"n_samples": 2, "schedule": schedule, "seed": 3, "theory": request.param == "dense"}

    def compute(name, **changes):
        out = tmp_path / f"{name}.zarr"
        phase_diagrams.sweep(model, **{"grid": grid, **common, "out": out, **changes})
        return out

    compute.grid = grid
    return compute


def contents(out):
    """Return the bytes of every variable and of every row."""
    files = (path for path in out.rglob("*") if path.is_file() and path.name != "zarr.json")
    return {str(path.relative_to(out)): path.read_bytes() for path in files}


def test_every_axis_has_one_set_of_bits(sweep, scheduler, tmp_path, monkeypatch):
    whole = sweep("whole")
    expected = contents(whole)
    assert contents(sweep("pool", executor="process:2")) == expected
    assert contents(sweep("cluster", executor=scheduler.name)) == expected
    shards = [sweep(f"{i}of3", shard=(i, 3)) for i in (2, 3, 1)]
    phase_diagrams.merge(shards[2:] + shards[:2], tmp_path / "merged.zarr")
    assert contents(tmp_path / "merged.zarr") == expected

    permuted = {name: sweep.grid[name][::-1] for name in reversed(sweep.grid)}
    other = sweep("permuted", grid=permuted)
    assert contents(other) != expected
    phase_diagrams.merge([sweep("first", shard=(1, 3)), other], tmp_path / "both.zarr")
    assert contents(tmp_path / "both.zarr") == expected

    calls = []

    def interrupted(*arguments):
        calls.append(arguments)
        if len(calls) % 3 == 0:
            raise KeyboardInterrupt
        return usual(*arguments)

    usual = batches.compute
    monkeypatch.setattr(batches, "compute", interrupted)
    monkeypatch.setattr(batches, "BUDGET", 0.0)
    out = tmp_path / "resumed.zarr"
    n_resumed = 0
    while n_resumed < 100:
        try:
            sweep("resumed", resume=out.exists())
            break
        except KeyboardInterrupt:
            n_resumed += 1
    assert 2 < n_resumed < 100
    assert contents(out) == expected
    assert crashes.rows(out) == crashes.rows(whole)
