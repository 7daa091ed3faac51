"""Networks of exponentially many patterns: what they take, and what is refused before that."""

import math
import re
import tracemalloc

import numpy as np
import pytest

import montecarlo
from hebbian import Exponential, Hopfield, SparseDistributed, Tabulated, datasets, draw, patterns
from hebbian.exponential import exponential_count
from montecarlo import Schedule

GIB = 2**30


@pytest.fixture
def a_gibibyte(monkeypatch):
    """A machine of that much memory, on which nobody may draw a pattern."""
    from montecarlo.engine import job

    for module in (datasets, job):
        monkeypatch.setattr(module, "physical_memory", lambda: GIB)
    monkeypatch.setattr(patterns, "rademacher_bits", None)


MODELS = {
    "exponential": (Exponential(), 0.35),
    "sdm": (SparseDistributed(radius=0.2), 0.3),
    "tabulated": (
        Tabulated(interaction=lambda M: M / 2, outer="log", scaling="exponential"),
        0.35,
    ),
    "pairs": (Hopfield(), 0.3),
}


@pytest.mark.parametrize(("model", "alpha"), MODELS.values(), ids=MODELS)
def test_the_largest_size_that_fits_is_told(model, alpha, a_gibibyte):
    """That size has a place, the next one has not; of a run the levels of a chain count, too."""
    n_spins = 65 if alpha < 0.35 else 60
    n_spins = 10**6 if isinstance(model, Hopfield) else n_spins

    def draws(n):
        draw(model, n_spins=n, alpha=alpha)

    def runs(n):
        schedule = Schedule(warmup=0, sweeps=1, stride=1)
        montecarlo.simulate(
            model, n_spins=n, alpha=alpha, T=0.5, n_samples=1, n_replicas=1, n_threads=1,
            dynamics="parallel" if model.parallel_only else "glauber", schedule=schedule,
        )  # fmt: skip

    for attempt in (draws, runs):
        with pytest.raises(ValueError, match="the rows of the network need") as raised:
            attempt(n_spins)
        found = re.fullmatch(r".*this machine has 1 GiB: reduce alpha, or n_spins to (\d+)",
                             str(raised.value))  # fmt: skip
        largest = int(found[1])
        with pytest.raises(ValueError, match="the rows of the network need"):
            attempt(largest + 1)
        with pytest.raises(TypeError, match="'NoneType' object is not callable"):
            attempt(largest)  # goes on to draw
        layout = model.layout(model.count(alpha, largest), largest)
        assert layout.n_bytes <= GIB < 2.5 * layout.n_bytes


def test_neurons_count_with_their_counters(a_gibibyte):
    model = SparseDistributed(radius=0.3, n_neurons=10**7)
    with pytest.raises(ValueError, match=r"need 1.92 GiB.* reduce alpha or n_neurons, or n_spins"):
        draw(model, n_spins=50, alpha=0.1)


def test_every_chain_keeps_levels(a_gibibyte):
    """Where one chain fits, as many as threads need not."""
    model, n_spins = Exponential(), 51
    alpha = math.log(GIB * 8 / 1.3 / n_spins) / n_spins
    asked = {"n_spins": n_spins, "alpha": alpha, "T": 0.5, "n_samples": 1, "n_replicas": 16}
    asked["schedule"] = Schedule(warmup=0, sweeps=1, stride=1)
    with pytest.raises(TypeError):  # it would go on
        montecarlo.simulate(model, **asked, n_threads=1)
    with pytest.raises(ValueError, match="n_spins to 48"):
        montecarlo.simulate(model, **asked, n_threads=16)


@pytest.mark.parametrize("K", [10**6, 4_000_001])
def test_rows_are_drawn_within_their_own_size(K):
    """An eighth of a byte an entry, 500 MB for 1e8 patterns of 40 spins, and 4 MiB of scratch."""
    n_spins, model = 40, Exponential()
    draw(model, n_spins=n_spins, alpha=0.1)
    tracemalloc.start()
    try:
        data = draw(model, n_spins=n_spins, alpha=math.log(K) / n_spins)
        kept, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    rows = n_spins * 8 * -(-K // 64)
    assert data.n_patterns == K
    assert kept < rows + 100_000
    assert peak < rows + 5e6
    assert model.layout(K, n_spins).n_bytes == rows
    assert model.layout(10**8, n_spins).n_bytes == 500_000_000
    columns = data.observed(slice(0, 2000))[0].astype(int).sum(axis=0)
    assert np.abs(columns).max() < 4.5 * 2000**0.5
    small = draw(model, n_spins=n_spins, alpha=0.1)
    np.testing.assert_array_equal(data.observed(range(50))[0], small.observed(range(50))[0])


@pytest.mark.parametrize(
    ("alpha", "n_spins", "words"),
    [
        (0.4, 100, r"alpha = 0.4 is outside the allowed range \[0, 0.230259\] .* up to 57$"),
        (1e300, 57, r"1e\+10 at most$"),
        (1e-3, 10**7, r"takes n_spins up to 23025$"),
        (-0.1, 20, r"alpha = -0.1 is outside the allowed range \[0, inf\)"),
        (math.nan, 20, "alpha = nan is outside"),
        (math.inf, 20, "alpha = inf is outside"),
        (None, 20, "alpha is missing"),
        ("0.1", 20, "alpha = '0.1' is not a real number"),
    ],
)
def test_numbers_of_patterns_without_end_are_refused(alpha, n_spins, words):
    for model in (Exponential(), SparseDistributed()):
        with pytest.raises(ValueError, match=words):
            model.count(alpha, n_spins)


def test_whole_numbers_of_patterns():
    assert exponential_count(0.0, 40) == 1
    assert exponential_count(0.01, 40) == 1  # 1.49
    assert exponential_count(0.0102, 40) == 2  # 1.504
    for K in (1, 2, 3, 10, 12345, 10**6, 10**9):
        for n_spins in (5, 40, 1000):
            assert exponential_count(Exponential().load(K, n_spins), n_spins) == K
