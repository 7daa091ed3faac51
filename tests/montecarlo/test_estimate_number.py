"""An estimate is a number with an error: float, array, entries, arithmetic, words."""

import dataclasses

import numpy as np
import pytest
import xarray as xr

import montecarlo
from hebbian import Hopfield
from montecarlo.statistics.estimate import Estimate
from montecarlo.statistics.estimators import estimate, overlap_estimate
from montecarlo.statistics.number import shortest
from montecarlo.statistics.proportion import proportion
from montecarlo.statistics.rare_events import Range


def series(*lead, seed=0):
    """Return overlaps of 100 spins, shape (*lead, sample, replica, measurement)."""
    rng = np.random.default_rng(seed)
    return 1 - 2 * rng.binomial(100, 0.1, (*lead, 5, 2, 60)) / 100


def number(*lead):
    return overlap_estimate(series(*lead), 100, 1)


def test_one_number_is_a_float():
    x = number()
    assert float(x) == float(x.mean)
    assert x.shape == ()
    assert float(number(1)) == float(number(1).mean[0])
    assert f"{x:.3f}" == f"{float(x.mean):.3f}"
    assert f"{x}" == str(x) == shortest(float(x.mean), float(x.error))


def test_several_numbers_are_an_array():
    x = number(3)
    np.testing.assert_array_equal(np.asarray(x), x.mean)
    assert np.asarray(x, dtype=np.float32).dtype == np.float32
    np.asarray(x)[...] = 7
    assert (x.mean < 1).all()
    assert len(x) == 3
    assert x.shape == (3,)
    with pytest.raises(TypeError, match=r"Estimate of shape \(3,\) is not one number") as refused:
        float(x)
    assert "\n" not in str(refused.value)
    with pytest.raises(TypeError, match="has no length"):
        len(x[0])
    with pytest.raises(TypeError):
        list(x[0])
    assert f"{x:.2f}" == "[" + " ".join(f"{m:.2f}" for m in x.mean) + "]"


@pytest.mark.parametrize(
    "index", [1, -1, slice(1, None), slice(None, None, 2), [0, 2], (1, 0), (..., 1), np.array([2])]
)
def test_entries_have_all_that_belongs_to_them(index):
    x = number(3, 2)
    part = x[index]
    for name in ("mean", "error", "tau", "n_eff", "short", "few", "unseen"):
        np.testing.assert_array_equal(getattr(part, name), getattr(x, name)[index])
    assert part.freedom == x.freedom
    for own, whole in zip(part.interval(), x.interval(), strict=True):
        np.testing.assert_allclose(own, whole[index], rtol=1e-12)


def test_entries_one_after_the_other():
    x = number(3)
    assert [float(each) for each in x] == x.mean.tolist()
    assert [float(each.error) for each in x] == x.error.tolist()
    with pytest.raises(IndexError):
        _ = x[3]


#: An operation, and its slope.
ARITHMETIC = {
    "x + 2": (lambda x: x + 2, lambda x: 1.0),
    "2 + x": (lambda x: 2 + x, lambda x: 1.0),
    "x - 2": (lambda x: x - 2, lambda x: 1.0),
    "2 - x": (lambda x: 2 - x, lambda x: -1.0),
    "x * -3": (lambda x: x * -3, lambda x: -3.0),
    "np.float64(3) * x": (lambda x: np.float64(3) * x, lambda x: 3.0),
    "x / 4": (lambda x: x / 4, lambda x: 0.25),
    "4 / x": (lambda x: 4 / x, lambda x: -4 / x**2),
    "x**2": (lambda x: x**2, lambda x: 2 * x),
    "x**0.5": (lambda x: x**0.5, lambda x: 0.5 * x**-0.5),
    "x**-1": (lambda x: x**-1, lambda x: -(x**-2.0)),
    "-x": (lambda x: -x, lambda x: -1.0),
    "+x": (lambda x: +x, lambda x: 1.0),
    "x * array": (lambda x: x * np.array([1.0, -2.0, 0.5]), lambda x: np.array([1.0, -2.0, 0.5])),
    "array - x": (lambda x: np.array([1.0, 2.0, 3.0]) - x, lambda x: -1.0),
}


@pytest.mark.parametrize(("operation", "slope"), ARITHMETIC.values(), ids=ARITHMETIC)
def test_arithmetic_is_that_of_numpy(operation, slope):
    x = number(3)
    found = operation(x)
    assert isinstance(found, Estimate)
    np.testing.assert_allclose(found.mean, operation(x.mean), rtol=1e-14)
    np.testing.assert_allclose(found.error, np.abs(slope(x.mean)) * x.error, rtol=1e-13)
    np.testing.assert_array_equal(found.tau, x.tau)
    np.testing.assert_array_equal(found.n_eff, x.n_eff)


def test_lines_are_those_of_the_series():
    """2 m - 1 of every number is the estimate of 2 m - 1, its interval included."""
    values = series(2)
    within = Range(low=-1.0, high=1.0, event=0.02)
    x = estimate(values, 1, within)
    direct = estimate(2 * values - 1, 1, Range(low=-3.0, high=1.0, event=0.04))
    found = 2 * x - 1
    for name in ("mean", "error", "tau", "n_eff", "unseen"):
        np.testing.assert_allclose(getattr(found, name), getattr(direct, name), rtol=1e-12)
    np.testing.assert_array_equal(found.few, direct.few)
    assert found.within == direct.within
    for own, other in zip(found.interval(), direct.interval(), strict=True):
        np.testing.assert_allclose(own, other, rtol=1e-10)
    turned = estimate(1 - values, 1, Range(low=0.0, high=2.0, event=0.02))
    for own, other in zip((1 - x).interval(), turned.interval(), strict=True):
        np.testing.assert_allclose(own, other, rtol=1e-9)


def test_intervals_of_different_ranges():
    """Each entry of x times an array has a range, and an interval, of its own."""
    x = number(3)
    factors = np.array([1.0, -2.0, 0.0])
    low, high = (x * factors).interval()
    for k, factor in enumerate(factors):
        own = (x[k] * factor).interval()
        np.testing.assert_allclose((low[k], high[k]), own, rtol=1e-12)
        np.testing.assert_allclose((x * factors)[k].interval(), own, rtol=1e-12)
    assert low[1] < -2 * x.mean[1] < high[1]


def test_zero_times_an_endless_range():
    found = estimate(series(), 1) * 0
    assert float(found) == 0.0
    assert float(found.error) == 0.0


def test_refusals():
    x = number()
    for operation in (
        lambda: x + x,
        lambda: x * number(),
        lambda: x / proportion(np.ones((3, 2), bool)),
        lambda: x - number(3)[0],
    ):
        with pytest.raises(TypeError, match="two numbers with errors are not combined") as refused:
            operation()
        assert "\n" not in str(refused.value)
    for other in ("1", None, [None], 1j, object()):
        with pytest.raises(TypeError):
            _ = x + other
    for operation in (lambda: 2**x, lambda: x // 2, lambda: np.exp(x), lambda: x % 2):
        with pytest.raises(TypeError):
            operation()


def test_comparison():
    x = number(3)
    assert (x > 0.5).all()
    assert (x < 1).all()
    assert (x >= x.mean).all()
    assert (x <= x.mean).all()
    assert number() > 0.5
    assert number() > 0.5
    assert not number() > 0.99
    assert number() < number() + 1
    np.testing.assert_array_equal(x > x.mean[::-1], x.mean > x.mean[::-1])


@pytest.mark.parametrize(
    ("mean", "error", "text"),
    [
        (0.99487, 0.00081, "0.9949(8)"),
        (0.99487, 0.0012, "0.9949(12)"),
        # 100 to 354: two digits; 355 to 949: one; 950 to 999: as 1000, two.
        (1.23456, 0.0100, "1.235(10)"),
        (1.23456, 0.0354, "1.23(4)" if False else "1.235(35)"),
        (1.23456, 0.0355, "1.23(4)"),
        (1.23456, 0.000949, "1.2346(9)"),
        (1.23456, 0.00095, "1.2346(10)"),
        (1.23456, 0.0949, "1.23(9)"),
        (1.23456, 0.0995, "1.23(10)"),
        (1.23456, 0.09999, "1.23(10)"),
        (0.827, 0.119, "0.83(12)"),
        (0.827, 0.367, "0.8(4)"),
        (123.4, 40.0, "120(40)"),
        (123.4, 12.0, "123(12)"),
        (1234.5, 354.0, "1230(350)"),
        (1234.5, 950.0, "1200(1000)"),
        (-0.5, 0.02, "-0.500(20)"),
        (0.5, 0.0, "0.5"),
        (1.0, np.nan, "1"),
        (np.nan, 0.1, "nan"),
        (0.123456789, np.inf, "0.123457"),
        (np.inf, 0.1, "inf"),
        (3e20, 2e19, "300000000000000000000(20000000000000000000)"),
        (1e-12, 2.5e-13, "0.00000000000100(25)"),
    ],
)
def test_errors_have_the_digits_of_the_particle_data_group(mean, error, text):
    assert shortest(mean, error) == text


def test_labelled_arrays_and_tables_take_it():
    x = number(3)
    data = xr.DataArray(x, dims="T", coords={"T": [0.1, 0.2, 0.3]})
    np.testing.assert_array_equal(data, x.mean)
    pandas = pytest.importorskip("pandas")
    np.testing.assert_array_equal(pandas.Series(x), x.mean)
    frame = pandas.DataFrame({"m": x, "m_err": x.error})
    np.testing.assert_array_equal(frame["m"], x.mean)


def test_estimates_of_a_run_are_numbers():
    run = montecarlo.simulate(
        Hopfield(), alpha=0.1, T=[0.2, 0.6], n_spins=40, n_samples=3, seed=3,
        schedule=montecarlo.Schedule(warmup=4, sweeps=12, stride=2),
    )  # fmt: skip
    distance = 0.5 * (1 - run.m)
    np.testing.assert_allclose(distance.mean, 0.5 * (1 - run.m.mean))
    np.testing.assert_allclose(distance.error, 0.5 * run.m.error)
    low, high = distance.interval()
    assert (low >= 0).all()
    assert (high <= 1).all()
    assert dataclasses.replace(distance).within == distance.within
    share = run.success(0.7)
    assert float(share[0]) == share.mean[0]
    assert len(share) == 2
    assert (np.asarray(share) == share.mean).all()
