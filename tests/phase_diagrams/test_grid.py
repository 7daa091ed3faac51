import numpy as np
import pytest

import hebbian
from hebbian import Dense, Hopfield, Multitasking, Supervised
from phase_diagrams.grid import Grid
from phase_diagrams.keys import find, hashes, united
from phase_diagrams.settings import Settings
from phase_diagrams.study import Study


def test_two_floats_of_one_number_are_one_value():
    fine, coarse = np.linspace(0, 0.2, 21), np.linspace(0, 0.2, 5)
    assert fine[15] != coarse[3]
    grid = Grid(Hopfield(), {"alpha": np.r_[fine, coarse], "T": 0.3})
    assert grid.shape == (21,)
    assert grid.axes["alpha"][15] == 0.15


def test_cells_carry_their_own_model_and_follow_the_order_of_the_axes():
    values = {"T": [0.2, 0.1], "order": [3, 4], "quality": 0.5, "alpha": 0.1, "n_spins": [30, 40]}
    grid = Grid(Dense(rule=Supervised(quality=0.9, n_examples=7)), values)
    cells = list(grid.cells())
    assert len(cells) == grid.size == 8
    for cell in cells:
        assert grid.axes["T"][cell.index[0]] == cell.T
        assert cell.model.order == grid.axes["order"][cell.index[1]]
        assert cell.n_spins == grid.axes["n_spins"][cell.index[2]]
        assert cell.model.rule == Supervised(quality=0.5, n_examples=7)
        assert cell.alpha == 0.1


def test_patterns_are_counted_by_the_largest_model():
    grid = Grid(Multitasking(), {"T": 0.1, "n_patterns": [2, 5, 3]})
    assert grid.n_patterns == 5
    assert Grid(Hopfield(), {"T": 0.1, "alpha": 0.1}).n_patterns is None


@pytest.mark.parametrize(
    ("model", "values", "words"),
    [
        (Hopfield(), {"alpha": 0.1}, "T is missing"),
        (Hopfield(), {"T": 0.1}, "alpha is missing"),
        (Hopfield(), {"alpha": 0.1, "T": [0.1, -1]}, r"T = -1.0 .* \[0, inf\)"),
        (Hopfield(), {"alpha": 0.1, "T": [0.1, np.nan]}, "T = nan"),
        (Hopfield(), {"alpha": 0.1, "T": []}, "T = .*non-empty"),
        (Hopfield(), {"alpha": 0.1, "T": [[0.1]]}, "T = .*list of numbers"),
        (Hopfield(), {"alpha": 0.1, "T": ["0.1"]}, "T = .*real number"),
        (Hopfield(), {"alpha": 0.1, "T": 0.1, "dilution": 0.1}, "dilution is not a parameter"),
        (Hopfield(), {"alpha": 0.1, "T": 0.1, "n_spins": 1.5}, "n_spins = 1.5"),
        (Hopfield(), {"alpha": 0.1, "T": 0.1, "n_spins": 1}, r"n_spins = 1 .*\[2, "),
        (Dense(order=4), {"alpha": 0.1, "T": 0.1, "order": [4, 9]}, r"order = 9 .*\[2, 8\]"),
        (Multitasking(), {"alpha": 0.1, "T": 0.1}, "alpha = 0.1 is not a parameter"),
        (Multitasking(), {"T": 0.1, "dilution": [0.1, 1]}, r"dilution = 1.0 .*\[0, 1\)"),
        (Dense(), {"alpha": 0.1, "T": 0.1, "indices": ["all"]}, "indices"),
        (Hopfield(), {"alpha": np.zeros(1), "T": range(10**5), "n_spins": range(2, 200)}, "points"),
    ],
)
def test_bad_grids_are_refused_by_name(model, values, words):
    with pytest.raises(ValueError, match=words) as refusal:
        Grid(model, values)
    assert "\n" not in str(refusal.value)


def study(values, **settings):
    return Study(grid=Grid(Dense(), values), settings=Settings(**settings))


def test_fingerprint_is_what_changes_bits():
    values = {"alpha": [0.1, 0.2], "T": [0.3, 0.4], "n_spins": 50}
    reference = study(values)
    same = [
        study({"n_spins": 50, "T": [0.4, 0.3], "alpha": [0.2, 0.1]}),
        *(study({**values, **change}) for change in (
            {"n_spins": 51}, {"T": [0.3, 0.4, 0.5]}, {"T": 0.41}, {"order": 3}, {"order": [3, 4]},
        )),
        *(study(values, **change) for change in (
            {"backend": "reference"}, {"form": "tables"}, {"law": "gaussian"}, {"theory": False},
        )),
    ]  # fmt: skip
    assert {each.fingerprint() for each in same} == {reference.fingerprint()}
    others = [
        *(study(values, **{name: 7}) for name in ("seed", "sweeps", "warmup", "stride")),
        *(study(values, **{name: 9}) for name in ("n_samples", "n_replicas")),
        study(values, start=0.5),
        study(values, dynamics="metropolis"),
        study(values, site_order="random"),
        study(values, cooling="2:linear"),
        Study(grid=Grid(Dense(indices="all"), values), settings=Settings()),
        Study(grid=Grid(Hopfield(), values), settings=Settings()),
        Study(
            grid=Grid(Dense(rule=Supervised(quality=0.5, n_examples=5)), values),
            settings=Settings(),
        ),
    ]
    assert len({each.fingerprint() for each in [reference, *others]}) == 1 + len(others)
    for each in others:
        assert reference.difference(each.describe())
    assert reference.difference(others[0].describe()) == "seed is 7 there, 0 here"
    assert "model.rule is supervised there" in reference.difference(others[-1].describe())


@pytest.mark.parametrize("dynamics", ["plefka", "mean-field"])
def test_where_backends_agree_up_to_rounding_they_are_another_study(dynamics):
    values = {"alpha": 0.1, "T": 0.3, "n_spins": 50}
    numba, cupy = (study(values, dynamics=dynamics, backend=name) for name in ("numba", "cupy"))
    assert numba.difference(cupy.describe()) == "backend is cupy there, numba here"


def test_points_are_known_by_their_canonical_coordinates():
    grid = Grid(Dense(), {"alpha": [0.1, 0.2], "T": [0.3, 0.4, 0.5], "order": [3, 4]})
    again = Grid(Dense(order=4), {"order": [4, 3], "T": [0.5, 0.1 + 0.2, 0.4], "alpha": [0.2, 0.1]})
    keys = [cell.key() for cell in grid.cells()]
    assert len(set(keys)) == len(set(hashes(grid).tolist())) == 12
    assert [keys[i] for i in find(grid, again)] == [cell.key() for cell in again.cells()]
    np.testing.assert_array_equal(hashes(grid)[find(grid, again)], hashes(again))
    points = {"T": [0.4, 0.7, 0.3], "alpha": [0.2, 0.2, 0.1], "order": [3, 3, 4]}
    scattered = Grid(Dense(), {"points": points})
    np.testing.assert_array_equal(
        find(grid, scattered),
        [keys.index(c.key()) if c.T != 0.7 else -1 for c in scattered.cells()],
    )
    np.testing.assert_array_equal(find(scattered, scattered.subset(np.array([True, False, True]))),
                                  [0, 2])  # fmt: skip
    # A parameter that one grid fixes and the model of another has is the same coordinate.
    fixed, named = ({"alpha": 0.2, "T": 0.3} | more for more in ({}, {"order": 3}))
    assert find(Grid(Dense(order=3), fixed), Grid(Dense(order=4), named)).tolist() == [0]
    assert (find(grid, Grid(Dense(), {"alpha": 0.2, "T": 0.3, "n_spins": 50})) == -1).all()


def test_grids_unite_in_the_smallest_rectangle():
    small = Grid(Hopfield(), {"alpha": [0.1, 0.2], "T": 0.3})
    large = Grid(Hopfield(), {"T": [0.4, 0.3], "alpha": [0.2, 0.1]})
    assert united(small, large) is united(large, small) is large
    both = united(small, Grid(Hopfield(), {"alpha": [0.05, 0.2], "T": 0.5}))
    assert both.describe() == {"T": [0.3, 0.5], "alpha": [0.05, 0.1, 0.2]}
    with pytest.raises(ValueError, match="n_spins is a coordinate of one of the grids alone"):
        united(small, Grid(Hopfield(), {"alpha": 0.1, "T": 0.3, "n_spins": 50}))


def test_studies_unite_where_their_points_are_a_rectangle():
    first = study({"alpha": [0.1, 0.2], "T": [0.3, 0.4], "n_spins": 50}, law="gaussian")
    more = study({"alpha": [0.1, 0.2], "T": 0.5, "n_spins": 50}, backend="numba", theory=False)
    both = first.united(more)
    assert both.grid.describe() == {"T": [0.3, 0.4, 0.5], "alpha": [0.1, 0.2], "n_spins": 50}
    assert (both.settings.backend, both.settings.law, both.settings.theory) == (
        "numba", "gaussian", True,
    )  # fmt: skip
    with pytest.raises(ValueError, match=r"no rectangle \(9 points would be, 5 are named\)"):
        first.united(study({"alpha": 0.5, "T": 0.6, "n_spins": 50}))


def test_description_builds_the_study_again():
    original = study({"alpha": [0.1, 0.2], "T": 0.3, "order": [3, 4]}, seed=5, start=0.5)
    built = Study.build(original.describe())
    assert built.fingerprint() == original.fingerprint()
    assert [c.model for c in built.grid.cells()] == [c.model for c in original.grid.cells()]


TAUGHT = Multitasking(rule=Supervised(quality=0.9, n_examples=7))
STORED = {
    "loads": Grid(Dense(), {"alpha": [0.1, 0.2], "T": 0.3, "order": [3, 4], "n_spins": [30, 40]}),
    "patterns": Grid(TAUGHT, {"T": [0.1, 0.2], "n_patterns": [2, 5, 3], "dilution": [0, 0.5]}),
    "points": Grid(TAUGHT, {"points": {"T": [0.1, 0.2], "n_patterns": [4, 2]}, "n_spins": 50}),
}


@pytest.mark.parametrize("name", STORED)
def test_a_stored_study_is_the_same_and_is_not_judged_again(name, monkeypatch):
    asked = Study(grid=STORED[name], settings=Settings(seed=5))
    description, cells = asked.describe(), list(asked.grid.cells())
    with monkeypatch.context() as patched:
        for kind in (hebbian.dense.Dense, Hopfield, Multitasking):
            patched.setattr(kind, "count", None)
        found = Study.stored(description, asked.grid.n_patterns)
    assert found.describe() == description
    assert found.fingerprint() == asked.fingerprint()
    assert found.grid.n_patterns == asked.grid.n_patterns
    assert list(found.grid.cells()) == cells
    assert list(found.grid.numbered()) == list(asked.grid.numbered())
    assert repr(found.describe()) == repr(description)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"T": [0.1, "x"]}, "T = "),
        ({"T": [0.1, -1.0]}, "T = -1.0 is outside"),
        ({"T": 0.1, "speed": [1, 2]}, "speed is not a parameter"),
        ({"points": {"T": [0.1], "alpha": [0.1, 0.2]}}, "columns of one length"),
    ],
)
def test_what_no_store_describes_is_refused(values, words):
    description = Study(grid=Grid(Hopfield(), {"alpha": 0.1, "T": 0.1}), settings=Settings())
    with pytest.raises(ValueError, match=words):
        Study.stored({**description.describe(), "grid": values}, None)
