import itertools

import crashes
import numpy as np
import pytest
import xarray as xr

import hebbian
import montecarlo
import phase_diagrams
from hebbian import Dense, Hopfield, Multitasking
from phase_diagrams.grid import Grid
from phase_diagrams.shards import Shard, parse_shard
from phase_diagrams.stores import integrity
from phase_diagrams.stores.store import Store

pytestmark = pytest.mark.heavy

GRID = {"alpha": [0.03, 0.1], "T": [0.2, 0.6, 1.3]}


@pytest.fixture(scope="module")
def whole(tmp_path_factory, settings):
    out = tmp_path_factory.mktemp("whole") / "study.zarr"
    phase_diagrams.sweep(Hopfield(), GRID, out=out, **settings)
    return out


def sweep_shard(folder, i, n, settings, **changes):
    out = folder / f"{i}of{n}.zarr"
    arguments = {**settings, "out": out, "shard": (i, n), **changes}
    grid = arguments.pop("grid", GRID)
    phase_diagrams.sweep(Hopfield(), grid, **arguments)
    return out


def groups(tree):
    return {name: child.to_dataset().drop_attrs() for name, child in tree.children.items()}


@pytest.mark.parametrize("n", [1, 2, 5])
def test_shards_deal_every_point_once(n):
    grid = Grid(Dense(), {"T": [0.3, 0.1, 0.2], "order": [3, 4], "alpha": 0.1})
    masks = np.stack([Shard(i, n).mask(grid) for i in range(1, n + 1)])
    np.testing.assert_array_equal(masks.sum(axis=0), 1)
    assert np.ptp(masks.sum(axis=(1, 2))) <= 1
    permuted = Grid(Dense(), {"order": [4, 3], "T": [0.1, 0.2, 0.3], "alpha": 0.1})
    for i in range(1, n + 1):
        mine = {(c.T, c.model.order) for c in grid.cells() if Shard(i, n).mask(grid)[c.index]}
        theirs = {
            (c.T, c.model.order) for c in permuted.cells() if Shard(i, n).mask(permuted)[c.index]
        }
        assert mine == theirs
    assert Shard(1, 1).mask(Grid(Hopfield(), {"alpha": 0.1, "T": 0.1})).all()


@pytest.mark.parametrize(
    "shard", ["", "1", "0/2", "3/2", "1/2/3", "a/b", "-1/2", "1.0/2", (0, 2), (1.5, 2), (3, 2), 7,
              "1/9999999", "¹/2"],
)  # fmt: skip
def test_bad_shards_are_refused(shard):
    with pytest.raises(ValueError, match="shard = "):
        parse_shard(shard)


def test_merged_shards_are_the_whole_study(whole, settings, tmp_path):
    paths = [sweep_shard(tmp_path, i, 4, settings) for i in (3, 1, 2)]
    counts = [Store(path).counts() for path in paths]
    assert [c["points"] for c in counts] == [c["done"] for c in counts] == [1, 2, 2]
    assert [list(phase_diagrams.open(path).children) for path in paths] == [
        ["simulation"], ["theory", "simulation"], ["simulation"],
    ]  # fmt: skip
    phase_diagrams.merge(paths, tmp_path / "three.zarr")
    assert Store(tmp_path / "three.zarr").counts()["pending"] == 1
    paths.append(sweep_shard(tmp_path, 4, 4, settings))
    merged = phase_diagrams.merge([tmp_path / "three.zarr", *paths], tmp_path / "all.zarr")
    assert crashes.rows(tmp_path / "all.zarr") == crashes.rows(whole)
    for name, found in groups(phase_diagrams.open(whole)).items():
        assert found.identical(groups(merged)[name])
    assert integrity.check(tmp_path / "all.zarr") == []
    resumed = phase_diagrams.sweep(
        Hopfield(), GRID, out=tmp_path / "three.zarr", resume=True, **settings
    )
    assert groups(resumed)["simulation"].identical(groups(merged)["simulation"])


def test_a_shard_is_resumed_as_the_shard_it_is(settings, tmp_path):
    out = sweep_shard(tmp_path, 1, 2, settings)
    before = crashes.rows(out)
    sweep_shard(tmp_path, 1, 2, settings, resume=True)
    assert crashes.rows(out) == before
    for shard in (None, (2, 2), (1, 3)):
        with pytest.raises(ValueError, match="holds shard 1/2 of this study, not"):
            phase_diagrams.sweep(Hopfield(), GRID, out=out, shard=shard, resume=True, **settings)
    with pytest.raises(ValueError, match=r"shard = .* needs out"):
        phase_diagrams.sweep(Hopfield(), GRID, shard=(1, 2), **settings)


def test_axes_in_another_order_merge_by_their_values(whole, settings, tmp_path):
    permuted = {"T": [1.3, 0.2, 0.6], "alpha": [0.1, 0.03]}
    first = sweep_shard(tmp_path, 1, 2, settings)
    second = sweep_shard(tmp_path, 2, 2, settings, grid=permuted)
    phase_diagrams.merge([first, second], tmp_path / "all.zarr")
    assert crashes.rows(tmp_path / "all.zarr") == crashes.rows(whole)


def test_what_cannot_be_merged_is_refused(whole, settings, tmp_path, monkeypatch):
    out = tmp_path / "all.zarr"
    first = sweep_shard(tmp_path, 1, 2, settings)
    other = tmp_path / "other.zarr"
    phase_diagrams.sweep(Hopfield(), GRID, out=other, **{**settings, "seed": 6})
    with pytest.raises(ValueError, match=r"another study \(seed is 6 there, 5 here\)"):
        phase_diagrams.merge([first, other], out)
    with pytest.raises(ValueError, match="exists already"):
        phase_diagrams.merge([first], other)
    with pytest.raises(ValueError, match="not a list of stores"):
        phase_diagrams.merge([], out)
    with pytest.raises(ValueError, match="does not exist"):
        phase_diagrams.merge([first, tmp_path / "none.zarr"], out)
    with Store(first).lock(), pytest.raises(ValueError, match="written by another process"):
        phase_diagrams.merge([whole, first], out)
    tampered = Store(first)
    with tampered.lock(), tampered.journal as journal:
        journal.write(0, 1, np.zeros(sum(journal.slots.values())))
    with pytest.raises(ValueError, match=r"disagrees .* about the point T=0.2, alpha=0.03"):
        phase_diagrams.merge([whole, first], out)
    newer = tmp_path / "newer.zarr"
    with monkeypatch.context() as patch:
        patch.setattr(hebbian, "__version__", "99.0")
        phase_diagrams.sweep(Hopfield(), GRID, out=newer, theory=False, **settings)
    with pytest.raises(ValueError, match=r"version is 99.0 there"):
        phase_diagrams.merge([whole, newer], out)
    assert not out.exists()


AXES = {
    "quality": [0.3, 0.9], "n_examples": [3, 20], "start": [0.5, 1.0], "n_spins": [30, 41],
}  # fmt: skip


def test_any_parameter_and_the_start_can_be_axes(schedule):
    rule = hebbian.Supervised(quality=0.5, n_examples=5)
    grid = {**AXES, "alpha": 0.02, "T": 0.2}
    arguments = {"n_samples": 2, "schedule": schedule, "theory": True, "seed": 1}
    tree = phase_diagrams.sweep(Hopfield(rule=rule), grid, **arguments)
    found = tree["simulation"].to_dataset()
    assert dict(found["m"].sizes) == dict.fromkeys(AXES, 2)
    assert dict(tree["theory/m"].sizes) == {"quality": 2, "n_examples": 2}
    assert found["m_samples"].dims == (*AXES, "sample")
    np.testing.assert_allclose(found["m_samples"].mean("sample"), found["m"], rtol=1e-12)
    for values in itertools.islice(itertools.product(*AXES.values()), 0, None, 5):
        point = dict(zip(AXES, values, strict=True))
        size, start = point["n_spins"], point["start"]
        model = Hopfield(rule=rule).replace(
            quality=point["quality"], n_examples=point["n_examples"]
        )
        run = montecarlo.simulate(
            model, alpha=0.02, T=0.2, n_spins=size, start=start, n_samples=2, seed=1,
            schedule=schedule,
        )  # fmt: skip
        assert found["m"].sel(point) == run.m.mean
        assert found["energy"].sel(point) == run.energy.mean


def test_samples_of_several_patterns_are_of_the_first(schedule):
    model = Multitasking(n_patterns=3, dilution=0.2)
    tree = phase_diagrams.sweep(
        model, {"T": [0.05, 0.2]}, n_spins=60, schedule=schedule, start="hierarchical"
    )
    found = tree["simulation"].to_dataset()
    np.testing.assert_allclose(
        found["m_samples"].mean("sample"), found["m"].isel(pattern=0), rtol=1e-12
    )


def test_a_study_repeats_itself(whole, tmp_path, caplog, monkeypatch):
    tree = phase_diagrams.open(whole)
    phase_diagrams.export(tree, tmp_path / "study.nc")
    for i, source in enumerate((whole, tmp_path / "study.nc")):
        again = phase_diagrams.rerun(source, tmp_path / f"{i}.zarr")
        assert crashes.rows(tmp_path / f"{i}.zarr") == crashes.rows(whole)
        for name, found in groups(tree).items():
            xr.testing.assert_identical(found, groups(again)[name])
    assert caplog.text == ""
    (tmp_path / "text.nc").write_text("no data")
    with pytest.raises(ValueError, match="is not an exported study"):
        phase_diagrams.rerun(tmp_path / "text.nc", tmp_path / "b.zarr")
    monkeypatch.setattr(hebbian, "__version__", "99.0")
    phase_diagrams.rerun(whole, tmp_path / "newer.zarr")
    assert "numbers may differ" in caplog.text


def test_one_study_has_one_set_of_bits(whole, settings, scheduler, tmp_path):
    """Serial, pool, cluster, shards, another order of points: one file of rows."""
    for name in ("process:2", scheduler.name):
        folder = tmp_path / name[:4]
        out = folder / "study.zarr"
        phase_diagrams.sweep(Hopfield(), GRID, out=out, executor=name, **settings)
        assert crashes.rows(out) == crashes.rows(whole)
    shards = [
        sweep_shard(tmp_path, 1, 2, settings),
        sweep_shard(tmp_path, 2, 2, settings, executor=scheduler.name),
    ]
    phase_diagrams.merge(shards, tmp_path / "merged.zarr")
    assert crashes.rows(tmp_path / "merged.zarr") == crashes.rows(whole)
    permuted = {"T": [0.6, 1.3, 0.2], "alpha": [0.1, 0.03]}
    phase_diagrams.sweep(Hopfield(), permuted, out=tmp_path / "permuted.zarr", **settings)
    phase_diagrams.merge([whole, tmp_path / "permuted.zarr"], tmp_path / "both.zarr")
    assert crashes.rows(tmp_path / "both.zarr") == crashes.rows(whole)
