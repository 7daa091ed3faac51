"""Ramps: metastable retrieval above the transition, cuts, nested loads, errors."""

import numpy as np
import pytest

import montecarlo
import theory
from hebbian import Hopfield, Multitasking, draw
from montecarlo import Schedule
from montecarlo.protocols.ramp import Line, Ramp

STEPS = Schedule(warmup=60, sweeps=40, stride=4)
FEW = {"n_spins": 60, "n_samples": 2, "n_replicas": 2, "schedule": Schedule(warmup=2, sweeps=6)}


def test_heating_loses_retrieval_at_the_spinodal():
    """Far above the transition of the free energies and at T_M of theory, N = 1000."""
    T = np.linspace(0.35, 0.7, 8)
    lines = [
        montecarlo.ramp(
            Hopfield(), T=T, alpha=0.05, n_spins=1000, n_samples=4, n_replicas=1, schedule=STEPS,
            carry=carry,
        ).line()
        for carry in (True, False)
    ]  # fmt: skip
    spinodal = theory.spinodal_temperature(Hopfield(), 0.05)
    transition = theory.transition_temperature(Hopfield(), 0.05)
    for line in lines:
        assert line.fraction == 1.0
        assert line.value > transition + 10 * line.error
        assert abs(line.value - spinodal) < 0.05


def test_cooling_from_a_random_start_finds_retrieval():
    """One pattern is a ferromagnet: T_c = 1, whichever of the two signs is found."""
    cooling = montecarlo.ramp(
        Hopfield(), T=np.linspace(1.3, 0.3, 6), alpha=0.0, n_spins=500, n_samples=4,
        n_replicas=1, schedule=STEPS, start="random",
    )  # fmt: skip
    line = cooling.line(0.3)
    assert line.fraction == 1.0
    assert abs(line.value - 0.97) < 0.1
    assert cooling.m.mean[-1] > 0.9
    assert cooling.energy.mean[-1] == pytest.approx(-0.5 * cooling.m.mean[-1] ** 2, abs=0.01)


@pytest.mark.parametrize("dynamics", ["glauber", "parallel"])
def test_a_ramp_may_be_cut_anywhere(dynamics):
    T = [0.2, 0.6, 0.2]
    whole = montecarlo.ramp(Hopfield(), T=T, alpha=0.1, dynamics=dynamics, **FEW)
    first = montecarlo.ramp(Hopfield(), T=T[:2], alpha=0.1, dynamics=dynamics, **FEW)
    rest = montecarlo.ramp(
        Hopfield(), T=T[2:], alpha=0.1, start=first.last, first_step=2, dynamics=dynamics, **FEW
    )
    np.testing.assert_array_equal(whole.last, rest.last)
    for name in whole.series:
        np.testing.assert_array_equal(whole.series[name][:2], first.series[name])
        np.testing.assert_array_equal(whole.series[name][2:], rest.series[name])


def test_a_temperature_visited_twice_sees_new_noise():
    loop = montecarlo.ramp(Hopfield(), T=[1.5, 1.5], alpha=0.1, carry=False, **FEW)
    assert (loop.series["energy"][0] != loop.series["energy"][1]).any()


def test_a_ramp_in_the_load_adds_rows():
    ramp = montecarlo.ramp(Hopfield(), T=0.0, alpha=[0.02, 0.1, 0.3], **FEW)
    np.testing.assert_array_equal(ramp.alpha, [0.02, 0.1, 0.3])
    few, many = (draw(Hopfield(), n_spins=60, alpha=a).memory.rows for a in (0.02, 0.3))
    np.testing.assert_array_equal(few, many[: len(few)])
    last = ramp.last[0, 0]
    energy = draw(Hopfield(), n_spins=60, alpha=0.3).memory.energy(last) / 60
    assert ramp.series["energy"][2, 0, 0, -1] != ramp.series["energy"][0, 0, 0, -1]
    assert ramp.series["energy"].shape == (3, 2, 2, 1)
    final = montecarlo.ramp(
        Hopfield(), T=0.0, alpha=0.3, start=ramp.last, dynamics="zero-temperature",
        **{**FEW, "schedule": Schedule(warmup=0, sweeps=1, stride=1)},
    )  # fmt: skip
    assert final.series["energy"][0, 0, 0, 0] <= energy + 1e-12


def test_the_first_step_is_a_plain_run():
    ramp = montecarlo.ramp(Hopfield(), T=[0.3, 0.5], alpha=0.1, **FEW)
    run = montecarlo.simulate(Hopfield(), T=0.3, alpha=0.1, **FEW)
    np.testing.assert_array_equal(ramp.series["m"][0], run.series["m"])
    np.testing.assert_array_equal(ramp.series["energy"][0], run.series["energy"])


def test_largest_overlap_is_positive_and_a_model_without_load_ramps_in_T():
    ramp = montecarlo.ramp(
        Multitasking(n_patterns=2, dilution=0.3), T=[0.05, 1.5], start="random",
        **{**FEW, "n_spins": 500, "schedule": Schedule(warmup=20, sweeps=20)},
    )  # fmt: skip
    assert np.isnan(ramp.alpha).all()
    assert ramp.m.mean[0] > 0.5
    assert abs(ramp.m.mean[1]) < 0.3
    assert ramp.line(0.4).fraction == 1.0


def test_line_of_a_known_ramp():
    m = np.array([[0.9, 0.8], [0.7, 0.75], [0.1, 0.25], [0.6, 0.2]])
    made = Ramp(
        T=np.array([0.1, 0.2, 0.3, 0.4]), alpha=np.full(4, np.nan),
        series={"m": m[:, :, None, None]}, stride=1, last=np.empty(0), settings={},
    )  # fmt: skip
    line = made.line(0.5)
    np.testing.assert_allclose(line.samples, [0.2 + 0.1 / 3, 0.25])
    assert line.value == pytest.approx(np.mean(line.samples))
    assert line.error == pytest.approx(np.std(line.samples, ddof=1) / np.sqrt(2))
    never = made.line(0.95)
    assert isinstance(never, Line)
    assert np.isnan(never.value)
    assert never.fraction == 0.0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"T": []}, "hold no step"),
        ({"T": [[0.1]]}, "must be numbers or sequences"),
        ({"T": [0.1, -1.0]}, "T = -1.0 is outside"),
        ({"T": [0.1, 0.2], "alpha": [0.1, 0.2, 0.3]}, "2 temperatures do not match 3 loads"),
        ({"follow": "second"}, "follow = 'second' is not one of first, largest"),
        ({"first_step": -1}, "first_step = -1 is outside"),
        ({"first_sweep": 3}, "neither data nor first_sweep"),
        ({"alpha": None}, "alpha is missing"),
    ],
)
def test_bad_input_is_one_clear_line(changes, message):
    with pytest.raises(ValueError, match=message) as caught:
        montecarlo.ramp(Hopfield(), **{"T": [0.1, 0.2], "alpha": 0.1, **FEW, **changes})
    assert "\n" not in str(caught.value)


def test_a_ramp_in_both_has_no_line():
    ramp = montecarlo.ramp(Hopfield(), T=[0.1, 0.2], alpha=[0.1, 0.2], **FEW)
    with pytest.raises(ValueError, match="varies both"):
        ramp.line()
