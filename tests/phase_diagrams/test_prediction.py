"""Predictions on a grid are the public functions at its points, in the law that is asked for."""

import numpy as np
import pytest

import theory
from hebbian import Dense, Multitasking, Supervised
from phase_diagrams.grid import Grid
from phase_diagrams.phases import Phase
from phase_diagrams.prediction import predict
from theory.lines import UNDER_LOAD
from theory.one_pattern.closure import ReplicaSymmetric

MODEL = Dense(order=4, rule=Supervised(quality=0.5, n_examples=8))
ALPHA, T = [0.02, 0.05, 0.2], [0.1, 0.4, 0.9]


@pytest.mark.parametrize("law", ["binomial", "gaussian"])
def test_lines_are_those_of_the_law(law):
    found = predict(Grid(MODEL, {"alpha": ALPHA, "T": T}), "pattern", law)
    axes = {"alpha": ALPHA, "T": T}
    for line in UNDER_LOAD:
        assert (line.name in found) == line.predicted
        if line.predicted:
            public = getattr(theory, line.name)(MODEL, axes[line.along], law=law)
            np.testing.assert_array_equal(found[line.name], public)
            assert found[line.name].dims == (line.along,)
            assert found[line.name].attrs["comment"] == line.definition
    s = theory.solve(MODEL, alpha=np.array(ALPHA)[:, None], T=T, law=law)
    kept = s.converged
    np.testing.assert_array_equal(found["m"].values[kept], s.m[kept])


def test_a_line_of_one_value_is_a_number():
    found = predict(Grid(MODEL, {"alpha": 0.02, "T": T}), "pattern", "binomial")
    assert found["spinodal_temperature"].dims == ()
    assert found["spinodal_temperature"] == theory.spinodal_temperature(MODEL, 0.02)
    assert found["critical_load"].dims == ("T",)


def test_without_the_lines_that_tell_them_apart_phases_are_unknown(monkeypatch):
    monkeypatch.setattr(ReplicaSymmetric, "lines", ())
    found = predict(Grid(MODEL, {"alpha": ALPHA, "T": T}), "pattern", "binomial")
    assert (found["phase"] == Phase.UNKNOWN).all()
    assert not {line.name for line in UNDER_LOAD} & set(found)


def test_lines_of_dilution_are_for_the_asking():
    found = predict(Grid(Multitasking(n_patterns=2), {"T": T}), "hierarchical", "binomial")
    assert not [name for name in found if str(name).endswith("_temperature")]
