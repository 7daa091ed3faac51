"""What all runners refuse in the same words, and the empty cases that they all accept."""

import numpy as np
import pytest
import xarray as xr
from long_runs import RUNS, assert_same_bits, bits

from montecarlo import Schedule

MONTE_CARLO = [name for name in RUNS if name != "plefka"]
PLAIN = [name for name in RUNS if "ramp" not in name]


def refused(name, message, **changes):
    with pytest.raises(ValueError, match=message) as caught:
        RUNS[name](**changes)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", RUNS)
def test_wrong_numbers_and_words(name):
    refused(name, "seed = -1 is outside", seed=-1)
    refused(name, "n_replicas = '2' is not a whole number", n_replicas="2")
    refused(name, "n_samples = 0 is outside", n_samples=0)
    refused(name, "T = nan is outside", T=[0.5, np.nan])
    refused(name, "n_threads = 0 is outside", n_threads=0)
    refused(name, "checkpoint = 3 is not the path of a file", checkpoint=3)


@pytest.mark.parametrize("name", MONTE_CARLO)
@pytest.mark.parametrize("schedule", ["long", 0, {"sweeps": 3}])
def test_a_schedule_is_a_schedule(name, schedule):
    refused(name, r"schedule = .* is not a Schedule\(", schedule=schedule)


@pytest.mark.parametrize("name", PLAIN)
def test_temperatures_archetypes_and_data(name):
    no_ladder = r"T = \[\] (is not a ladder|holds no temperature)"
    refused(name, no_ladder, T=[])
    refused(name, "data = 3 is not a Dataset", data=3)
    if name != "basin":
        refused(name, "patterns = 3 is not a sequence", patterns=3)
        refused(name, r"patterns = \[\] is empty", patterns=[])


@pytest.mark.parametrize("name", ["ramp", "load_ramp"])
def test_a_ramp_has_its_own_refusals(name):
    refused(name, "patterns is not a choice here", patterns=[0])
    refused(name, "carry = 'x' is neither True nor False", carry="x")
    refused(name, "follow = '' is not one of", follow="")
    for dynamics in ("plefka", "mean-field"):
        refused(name, f"dynamics = '{dynamics}' has no ramp", dynamics=dynamics)


@pytest.mark.parametrize("name", MONTE_CARLO)
def test_whole_floats_and_labelled_arrays_are_numbers(name):
    given = RUNS[name](n_threads=1)
    same = RUNS[name](n_threads=1.0, n_replicas=2.0, seed=3.0, n_samples=np.int64(2))
    assert_same_bits(bits(same), bits(given))
    T = {"simulate": [0.5, 1.1], "temper": [0.3, 0.5, 0.8], "ramp": [0.3, 0.9, 0.3]}
    T |= {"trajectories": [0.1, 0.4], "tune_ladder": [0.3, 1.2]}
    if name in T:
        labelled = RUNS[name](T=xr.DataArray(T[name], dims="T"))
        assert_same_bits(bits(labelled), bits(given))


@pytest.mark.parametrize("name", [name for name in MONTE_CARLO if name != "tune_ladder"])
@pytest.mark.parametrize("warmup", [0, 3])
def test_no_measurement_yields_nan_not_a_warning(name, warmup):
    run = RUNS[name](schedule=Schedule(warmup=warmup, sweeps=0))
    repr(run)
    run._repr_html_()
    if name == "basin":
        assert np.isnan(run.critical).all()
        assert np.isnan(run.success.mean).all()
        assert np.isnan(run.final).all()
    elif name == "equilibrated":
        assert run.short.all()
        assert not run.agree.any()
    else:
        assert np.isnan(run.m.mean).all()
    if "ramp" in name:
        line = run.line()
        assert np.isnan(line.value)
        assert line.fraction == 0.0


@pytest.mark.parametrize("name", MONTE_CARLO)
def test_one_sample_and_one_replica_are_enough(name):
    run = RUNS[name](n_samples=1, n_replicas=1)
    repr(run)
    run._repr_html_()
