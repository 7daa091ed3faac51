"""What rules and models declare of their rows is what is drawn, and what everyone counts."""

from dataclasses import dataclass

import numpy as np
import pytest
from conformance import CASES, IDS
from device_chains import samples_there

from hebbian import Hopfield, Model, Multitasking, Supervised, Unsupervised, datasets, draw
from hebbian.packed import Packed
from phase_diagrams.sweeps.planning import _Size


def bytes_of(rows):
    return (rows.bits if isinstance(rows, Packed) else rows).nbytes


def declared(name, entries, archetypes):
    """A pair network of given archetypes."""
    body = {
        "__module__": __name__,
        "entries": entries,
        "draw": lambda self, key, n_patterns, n_spins: archetypes(n_patterns, n_spins),
    }
    methods = ("order", "indices", "count", "lower", "example_overlap_scale")
    body |= {method: getattr(Hopfield, method) for method in methods}
    return dataclass(frozen=True, kw_only=True)(type(name, (Model,), body))()


@pytest.fixture(autouse=True)
def kinds_as_they_were(monkeypatch):
    monkeypatch.setattr(Model, "kinds", dict(Model.kinds))


@pytest.mark.parametrize("keep", [None, 2])
@pytest.mark.parametrize(("model", "alpha"), CASES, ids=IDS)
def test_declared_rows_are_drawn(model, alpha, keep):
    data = draw(model, n_spins=21, alpha=alpha, keep=keep)
    layout = model.layout(data.n_patterns, 21)
    assert layout.n_rows == data.memory.n_rows
    assert layout.n_bytes == bytes_of(data.memory.kept_rows)
    assert (layout.entries == "signs") == data.memory.binary
    assert np.abs(data.memory.rows).max() <= model.rule.largest


@pytest.mark.parametrize("n_examples", [1, 127, 128, 40_000])
def test_sums_take_the_smallest_type(n_examples):
    model = Hopfield(rule=Supervised(quality=0.5, n_examples=n_examples))
    layout, rows = model.layout(1, 5), draw(model, n_spins=5, alpha=0.0).memory.rows
    assert layout.bits == 8 * rows.itemsize
    assert (layout.entries == "signs") == (n_examples == 1)


@pytest.mark.parametrize(("model", "alpha"), CASES, ids=IDS)
def test_planner_and_launcher_count_the_same_rows(model, alpha):
    n_patterns = model.count(alpha, 21)
    layout = model.layout(n_patterns, 21)
    if model.polynomial and model.uniform:
        there = samples_there(model, alpha, 21)
        assert there.drawn_there == model.drawable
        assert (there.n_rows, there.binary) == (layout.n_rows, layout.entries == "signs")
        if model.drawable:
            assert (there._source.n_rows, there._source.binary) == (there.n_rows, there.binary)
    size = _Size(model, alpha, 21)
    assert size.layout == layout
    assert size.memory > layout.n_bytes


def test_a_user_s_rows_are_counted_as_they_are_kept(monkeypatch):
    """Signs that a model keeps as int8 take eight times the bits that built-in models take."""

    def signs(n_patterns, n_spins):
        return np.where(np.arange(n_patterns * n_spins) % 3, 1, -1).astype(np.int8).reshape(
            n_patterns, n_spins
        )  # fmt: skip

    wide = declared("Wide", "ternary", signs)
    assert wide.layout(128, 1000).n_bytes == 8 * Hopfield().layout(128, 1000).n_bytes
    assert wide.layout(100, 1000).n_bytes == 100_000
    assert bytes_of(draw(wide, n_spins=1000, alpha=0.1).memory.kept_rows) == 100_000
    monkeypatch.setattr(datasets, "physical_memory", lambda: 99_999)
    with pytest.raises(ValueError, match=r"the rows of the network need 9.31e-05 GiB"):
        draw(wide, n_spins=1000, alpha=0.1)
    narrow = declared("Narrow", "signs", signs)
    data = draw(narrow, n_spins=1000, alpha=0.1)
    assert bytes_of(data.memory.kept_rows) == narrow.layout(100, 1000).n_bytes == 16_000
    np.testing.assert_array_equal(data.archetypes, signs(100, 1000))
    for model in (wide, narrow):
        there = samples_there(model, 0.1, 1000)
        assert not there.drawn_there
        assert there.binary == (model is narrow)
    assert _Size(wide, 0.1, 1000).memory > _Size(narrow, 0.1, 1000).memory


@pytest.mark.parametrize(
    ("entries", "drawn"),
    [
        ("signs", np.zeros((2, 10), np.int8)),
        ("ternary", np.ones((2, 10), np.int64)),
        ("ternary", Packed(np.zeros((10, 1), np.uint64), 2)),
    ],
)
def test_other_archetypes_than_declared_are_refused(entries, drawn):
    with pytest.raises(ValueError, match=f"Liar.draw returned .*, its entries are '{entries}'"):
        draw(declared("Liar", entries, lambda *_: drawn), n_spins=10, alpha=0.2)


def test_only_laws_that_a_device_knows_are_drawable():
    assert Multitasking(sampling="independent").drawable
    assert not Multitasking().drawable
    assert not declared("Own", "signs", None).drawable


def test_examples_are_found_whatever_the_rule_keeps():
    """The single examples of a pattern add up to its sums."""
    for rule in (Supervised(quality=0.6, n_examples=5), Unsupervised(quality=0.6, n_examples=5)):
        for model in (Hopfield(rule=rule), Multitasking(n_patterns=3, rule=rule)):
            data = draw(model, n_spins=12, alpha=None if model.retrieves_several else 0.3, seed=2)
            found = data.examples()
            for pattern in range(data.n_patterns):
                total = found(pattern).sum(axis=0, dtype=int)
                np.testing.assert_array_equal(total, data.observed([pattern])[1][0])
