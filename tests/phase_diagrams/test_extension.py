"""A finished study takes more points, another form, another backend and a merge: nothing is
computed twice, and the bits are those of one sweep of it all."""

import os
import shutil

import crashes
import numpy as np
import pytest
import xarray as xr

import phase_diagrams
from hebbian import Hopfield, Multitasking, Supervised
from phase_diagrams.grid import Grid
from phase_diagrams.results import FAILED
from phase_diagrams.stores import integrity
from phase_diagrams.stores.journal import Journal
from phase_diagrams.stores.store import Store
from phase_diagrams.sweeps import batches, running

pytestmark = pytest.mark.heavy

GRID = {"alpha": [0.03, 0.1], "T": [0.2, 0.6, 1.3]}
FINER = {"alpha": [0.03, 0.07, 0.1], "T": [0.2, 0.4, 0.6, 1.3]}


@pytest.fixture(scope="module")
def finer(tmp_path_factory, settings):
    out = tmp_path_factory.mktemp("finer") / "study.zarr"
    phase_diagrams.sweep(Hopfield(), FINER, out=out, **settings)
    return out


@pytest.fixture(scope="module")
def coarse(tmp_path_factory, settings):
    out = tmp_path_factory.mktemp("coarse") / "study.zarr"
    phase_diagrams.sweep(Hopfield(), GRID, out=out, **settings)
    return out


@pytest.fixture
def out(coarse, tmp_path):
    return shutil.copytree(coarse, tmp_path / "study.zarr")


@pytest.fixture
def computed(monkeypatch):
    """The coordinates of the points that are simulated."""
    found, compute = [], batches.compute

    def noted(batch, *rest):
        report = compute(batch, *rest)
        found.extend((cell.alpha, cell.T) for cell in batch[: len(report.outcomes)])
        return report

    monkeypatch.setattr(batches, "compute", noted)
    return found


def extend(out, grid, settings, model=None, **changes):
    arguments = {**settings, "out": out, "resume": True, **changes}
    return phase_diagrams.sweep(model or Hopfield(), grid, **arguments)


def assert_same_tree(found, expected):
    for name in ("simulation", "theory"):
        xr.testing.assert_identical(
            found[name].to_dataset().drop_attrs(), expected[name].to_dataset().drop_attrs()
        )


def test_a_finer_grid_computes_what_is_new(out, finer, settings, computed):
    tree = extend(out, FINER, settings)
    old = {(a, t) for a in GRID["alpha"] for t in GRID["T"]}
    assert len(computed) == len(set(computed)) == 6
    assert not old & set(computed)
    assert crashes.rows(out) == crashes.rows(finer)
    assert_same_tree(tree, phase_diagrams.open(finer))
    assert integrity.check(out) == []
    with xr.open_datatree(out, engine="zarr", consolidated=False) as plain:
        assert_same_tree(plain.load(), phase_diagrams.open(finer))
    # Any part of it is there, and needs no work.
    stamp = (out / "zarr.json").stat().st_mtime_ns
    assert_same_tree(extend(out, GRID, settings, resume=False), tree)
    assert_same_tree(extend(out, {"alpha": 0.07, "T": [0.4]}, settings), tree)
    assert (out / "zarr.json").stat().st_mtime_ns == stamp
    assert len(computed) == 6


def test_one_more_temperature_by_itself(out, settings, computed):
    tree = extend(out, {"alpha": [0.1, 0.03], "T": 0.9}, settings)
    assert sorted(computed) == [(0.03, 0.9), (0.1, 0.9)]
    assert tree["simulation/T"].values.tolist() == [0.2, 0.6, 0.9, 1.3]
    whole = phase_diagrams.sweep(
        Hopfield(), {"alpha": [0.03, 0.1], "T": [0.2, 0.6, 0.9, 1.3]}, **settings
    )
    dims = tree["simulation/m"].dims
    order = {name: whole[name].to_dataset().transpose(*dims, ...) for name in whole.children}
    assert_same_tree(tree, xr.DataTree.from_dict(order))


def test_a_store_is_not_extended_without_a_word(out, settings, computed):
    before = crashes.rows(out)
    with pytest.raises(ValueError, match=r"without 6 of 12 points: extend it \(resume=True"):
        extend(out, FINER, settings, resume=False)
    with pytest.raises(ValueError, match=r"no rectangle \(12 points would be, 8 are named\)"):
        extend(out, {"alpha": [0.2], "T": [0.2, 1.5]}, settings)
    with pytest.raises(ValueError, match="start is a coordinate of one of the grids alone"):
        extend(out, {**GRID, "start": [0.5, 1.0]}, settings)
    with pytest.raises(ValueError, match="seed is 5 there, 6 here"):
        extend(out, FINER, {**settings, "seed": 6})
    assert crashes.rows(out) == before
    assert computed == []


def test_a_shard_does_not_grow(settings, tmp_path):
    out = tmp_path / "1of2.zarr"
    phase_diagrams.sweep(Hopfield(), GRID, out=out, shard=(1, 2), theory=False, **settings)
    with pytest.raises(ValueError, match="is a shard without 6 of 12 points: merge the shards"):
        extend(out, FINER, settings, shard=(1, 2), theory=False)


def test_how_points_are_computed_is_provenance(settings, tmp_path, computed):
    out = tmp_path / "study.zarr"
    arguments = {**settings, "theory": False}
    for grid, change in (
        ({"alpha": 0.1, "T": [0.2]}, {"backend": "numba", "form": "couplings"}),
        ({"alpha": 0.1, "T": [0.2, 0.6]}, {"backend": "numba", "form": "overlaps"}),
        ({"alpha": 0.1, "T": [0.2, 0.6, 1.3]}, {"backend": "reference"}),
    ):
        tree = extend(out, grid, arguments, **change)
    assert computed == [(0.1, 0.2), (0.1, 0.6), (0.1, 1.3)]
    assert tree["simulation"].attrs["backend"] == "numba reference"
    whole = phase_diagrams.sweep(Hopfield(), grid, **arguments)["simulation"].to_dataset()
    for name in ("m", "m_err", "q", "acceptance", "m_samples", "tau"):
        np.testing.assert_array_equal(tree["simulation"][name], whole[name])
    extend(out, grid, arguments, backend="auto", form="tables")
    assert len(computed) == 6


def test_the_law_renews_the_theory_alone(settings, tmp_path, computed):
    model = Hopfield(rule=Supervised(quality=0.5, n_examples=4))
    out, grid = tmp_path / "study.zarr", {"alpha": 0.03, "T": [0.2, 0.6]}
    first = phase_diagrams.sweep(model, grid, out=out, **{**settings, "theory": False})
    assert len(computed) == 2
    for law in ("binomial", "gaussian"):
        with pytest.raises(
            ValueError, match=r"without (its theory|the theory of law = 'gaussian')"
        ):
            extend(out, grid, settings, model, law=law, resume=False)
        tree = extend(out, grid, settings, model, law=law)
        alone = phase_diagrams.sweep(model, grid, simulate=False, law=law)
        xr.testing.assert_identical(
            tree["theory"].to_dataset().drop_attrs(), alone["theory"].to_dataset().drop_attrs()
        )
    # The theory stays where it is not asked for.
    kept = extend(out, grid, settings, model, theory=False)
    assert_same_tree(kept, tree)
    xr.testing.assert_identical(kept["simulation/m"], first["simulation/m"])
    assert len(computed) == 2


def test_theory_takes_a_simulation_and_grows_alone(coarse, settings, tmp_path):
    out = tmp_path / "study.zarr"
    phase_diagrams.sweep(Hopfield(), {**GRID, "T": 0.2}, simulate=False, out=out, **settings)
    tree = extend(out, GRID, settings, simulate=False)
    assert tree["theory/m"].shape == (2, 3)
    with pytest.raises(ValueError, match="without its simulation: extend it"):
        extend(out, GRID, settings, resume=False)
    assert_same_tree(extend(out, GRID, settings), phase_diagrams.open(coarse))
    assert crashes.rows(out) == crashes.rows(coarse)
    assert integrity.check(out) == []


def test_a_parameter_of_the_model_becomes_an_axis(settings, tmp_path, computed):
    """Patterns of larger models make rows longer."""
    out = tmp_path / "study.zarr"
    arguments = {**settings, "start": "hierarchical"}
    grid = {"T": [0.1, 0.4], "n_patterns": [2, 3], "dilution": [0.2, 0.5]}
    extend(out, {"T": [0.1, 0.4]}, arguments, Multitasking(n_patterns=2, dilution=0.2))
    tree = extend(out, grid, arguments, Multitasking())
    assert len(computed) == 8
    whole = tmp_path / "whole.zarr"
    expected = phase_diagrams.sweep(Multitasking(), grid, out=whole, **arguments)
    assert_same_tree(tree, expected)
    assert crashes.rows(out) == crashes.rows(whole)


@pytest.mark.parametrize("moment", ["insert", "named", "mended"])
def test_a_death_while_it_grows_costs_nothing(moment, out, finer, settings, monkeypatch, computed):
    class Killed(BaseException):
        pass

    def die(*_, **__):
        raise Killed

    before = phase_diagrams.open(out)
    with monkeypatch.context() as patch:
        if moment == "insert":
            patch.setattr(Journal, "insert", die)
        elif moment == "named":
            patch.setattr(Store, "note", die)
        else:
            patch.setattr(running, "complete", die)
        with pytest.raises(Killed):
            extend(out, FINER, settings)
    survived = phase_diagrams.open(out)
    if moment == "mended":
        assert int((survived["simulation/status"] == 1).sum()) == 6
    else:
        assert_same_tree(survived, before)
    assert_same_tree(extend(out, FINER, settings), phase_diagrams.open(finer))
    assert crashes.rows(out) == crashes.rows(finer)
    assert len(computed) == 6
    assert integrity.check(out) == []


def test_no_room_to_grow_leaves_the_store_as_it_was(out, coarse, settings, monkeypatch, computed):
    def full(handle, offset, size):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "posix_fallocate", full)
        with pytest.raises(OSError, match=r"no room for the \d+ bytes of 12 points"):
            extend(out, FINER, settings)
    assert computed == []
    assert crashes.rows(out) == crashes.rows(coarse)
    assert_same_tree(phase_diagrams.open(out), phase_diagrams.open(coarse))
    assert integrity.check(out) == []


def test_it_grows_again_and_again(out, finer, settings, computed):
    for T in ([0.2, 0.4, 0.6, 1.3], [0.4]):
        extend(out, {"alpha": [0.03, 0.1], "T": T}, settings)
    assert len(computed) == 2
    extend(out, FINER, settings)
    assert len(computed) == 6
    assert crashes.rows(out) == crashes.rows(finer)


def test_points_of_a_refinement_are_points_of_a_larger_grid(settings, tmp_path, computed):
    out = tmp_path / "study.zarr"
    phase_diagrams.sweep(Hopfield(), GRID, out=out, **settings)
    points = phase_diagrams.refine(out, 3)["refinement/simulation"].to_dataset()
    assert len(computed) == 9
    T = sorted({*GRID["T"], *points["T"].values.tolist()})
    tree = extend(out, {**GRID, "T": T}, settings)
    assert len(computed) == len(set(computed)) == 2 * len(T)
    xr.testing.assert_identical(
        tree["refinement/simulation"].to_dataset().drop_attrs(), points.drop_attrs()
    )
    whole = phase_diagrams.sweep(Hopfield(), {**GRID, "T": T}, **settings)
    assert_same_tree(tree, whole)


def test_grids_of_one_study_merge(finer, settings, tmp_path, computed):
    columns = tmp_path / "columns.zarr"
    rest = tmp_path / "rest.zarr"
    phase_diagrams.sweep(Hopfield(), {**FINER, "T": [0.2, 0.4]}, out=columns, **settings)
    phase_diagrams.sweep(
        Hopfield(), {"T": [1.3, 0.4, 0.6], "alpha": [0.1, 0.03]}, out=rest, theory=False,
        form="overlaps", backend="numba", **settings,
    )  # fmt: skip
    assert len(computed) == 12
    both = tmp_path / "both.zarr"
    tree = phase_diagrams.merge([columns, rest], both)
    status = tree["simulation/status"].transpose("alpha", "T").values
    np.testing.assert_array_equal(status, [[1, 1, 1, 1], [1, 1, 0, 0], [1, 1, 1, 1]])
    extend(both, FINER, settings)
    assert sorted(computed[12:]) == [(0.07, 0.6), (0.07, 1.3)]
    merged = phase_diagrams.merge([finer, both], tmp_path / "all.zarr")
    assert_same_tree(merged, phase_diagrams.open(finer))
    assert crashes.rows(tmp_path / "all.zarr") == crashes.rows(finer)


def test_refinements_merge_with_their_stores(settings, tmp_path):
    paths = [tmp_path / f"{i}.zarr" for i in range(2)]
    for path, budget in zip(paths, (1, 3), strict=True):
        phase_diagrams.sweep(Hopfield(), GRID, out=path, **settings)
        phase_diagrams.refine(path, budget)
    merged = phase_diagrams.merge(paths, tmp_path / "both.zarr")
    few, many = (phase_diagrams.open(path)["refinement/simulation"] for path in paths)
    found = {}
    for tree in (merged["refinement/simulation"], few, many):
        for i in range(tree.sizes["point"]):
            point = tree.to_dataset().isel(point=i)
            found.setdefault((float(point["alpha"]), float(point["T"])), []).append(point)
    assert merged["refinement/simulation"].sizes["point"] == len(found)
    for points in found.values():
        assert len(points) >= 2
        assert len({point["m_samples"].values.tobytes() for point in points}) == 1
    assert integrity.check(tmp_path / "both.zarr") == []
    assert merged["refinement/theory"].sizes["point"] == len(found)


@pytest.mark.parametrize("order", [1, -1])
def test_done_beats_failed_beats_pending(order, coarse, settings, tmp_path, monkeypatch):
    """Whichever store comes first."""
    bad = tmp_path / "bad.zarr"
    compute = batches.compute

    def one_by_one(batch, *rest):
        if batch[0].T == 0.6:
            return batches.Report([batches.Failure("FloatingPointError", "tepid")], 1.0)
        return compute(batch[:1], *rest)

    with monkeypatch.context() as patch:
        patch.setattr(batches, "compute", one_by_one)
        phase_diagrams.sweep(Hopfield(), GRID, out=bad, **settings)
    assert Store(bad).counts()["failed"] == 2
    merged = phase_diagrams.merge([coarse, bad][::order], tmp_path / "all.zarr")
    assert_same_tree(merged, phase_diagrams.open(coarse))
    assert crashes.rows(tmp_path / "all.zarr") == crashes.rows(coarse)
    half = tmp_path / "half.zarr"
    phase_diagrams.sweep(Hopfield(), GRID, out=half, shard=(1, 2), **settings)
    merged = phase_diagrams.merge([half, bad][::order], tmp_path / "both.zarr")
    mine = phase_diagrams.open(half)["simulation/status"]
    expected = phase_diagrams.open(bad)["simulation/status"].where(mine == 0, mine)
    np.testing.assert_array_equal(merged["simulation/status"], expected)
    assert (expected == FAILED).any()


def test_a_row_of_another_point_is_damaged(coarse, out, settings):
    """Rows carry the key of their point, not its place."""
    store = Store(out)
    grid = Grid(Hopfield(), {**GRID, "n_spins": 41})
    strange = Journal(store.journal.folder, grid, store.journal.slots, store.journal.fingerprint)
    assert (strange.status() == 3).all()
    assert (store.journal.status() == 1).all()
