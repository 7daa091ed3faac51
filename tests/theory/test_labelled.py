"""Labelled arrays go in and come out; so do lists and plain arrays."""

import numpy as np
import pytest
import xarray as xr

import theory
from hebbian import Dense, Hopfield, Multitasking, Unsupervised

ALPHA = xr.DataArray([0.02, 0.05, 0.1], coords={"alpha": [0.02, 0.05, 0.1]}, dims="alpha")
T = xr.DataArray([0.1, 0.5], coords={"T": [0.1, 0.5]}, dims="T")


def test_grid():
    s = theory.solve(Hopfield(), alpha=ALPHA, T=T)
    plain = theory.solve(Hopfield(), alpha=ALPHA.values[:, None], T=T.values)
    assert s.m.dims == ("alpha", "T")
    np.testing.assert_array_equal(s.m, plain.m)
    np.testing.assert_array_equal(s.m.coords["alpha"], ALPHA)
    assert s.m.attrs["symbol"] == "m"
    assert s.broken.dtype == bool
    assert s.free_energy.name == "free_energy"
    assert "ReplicaSolution over grid of shape (3, 2)" in repr(s)


def test_the_order_of_dimensions_does_not_matter():
    both = ALPHA * xr.ones_like(T)
    turned = theory.solve(Hopfield(), alpha=both.transpose("T", "alpha"), T=T)
    straight = theory.solve(Hopfield(), alpha=both, T=T)
    np.testing.assert_array_equal(turned.m.transpose("alpha", "T"), straight.m)


def test_patterns_are_a_dimension():
    s = theory.solve(Multitasking(n_patterns=3, dilution=0.3), T=T)
    assert s.m.dims == ("T", "pattern")
    assert s.label.dims == ("T",)


def test_parameter_grid():
    r = xr.DataArray([0.5, 0.8], coords={"quality": [0.5, 0.8]}, dims="quality")
    model = Dense(order=4, rule=Unsupervised(quality=0.5, n_examples=10))
    s = theory.solve(model, alpha=0.01, T=T, quality=r)
    assert set(s.m.dims) == {"T", "quality"}


@pytest.mark.parametrize(
    "line", ["spinodal_temperature", "transition_temperature", "replicon_temperature"]
)
def test_lines(line):
    found = getattr(theory, line)(Hopfield(), ALPHA)
    np.testing.assert_array_equal(found, getattr(theory, line)(Hopfield(), ALPHA.values))
    assert found.name == line
    np.testing.assert_array_equal(found, getattr(theory, line)(Hopfield(), list(ALPHA.values)))


def test_one_step():
    step = theory.signal_to_noise(Dense(order=4), alpha=ALPHA)
    assert step.m.dims == ("alpha",)
    assert step.field_variance.name == "field_variance"


def test_mixed_shapes_are_refused():
    with pytest.raises(ValueError, match="label all arrays or none"):
        theory.solve(Hopfield(), alpha=ALPHA, T=np.ones((4, 3)))


def test_html_table():
    page = theory.solve(Hopfield(), alpha=[0.02, 0.1], T=0.1)._repr_html_()
    assert page.startswith("<table>")
    assert "Mattis magnetization" in page
    assert page.count("<tr>") >= 9


def test_conversions_keep_labels():
    for labelled in (
        theory.conventions.paper_beta(T, order=4),
        theory.conventions.bare_load(T, order=4),
        theory.conventions.load(T, n_spins=100, order=2),
    ):
        assert labelled.dims == ("T",)
        assert labelled.indexes["T"].equals(T.indexes["T"])
