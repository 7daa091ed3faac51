"""Patterns of unequal strengths: which are kept, by theory and by chains that start at each."""

import numpy as np
import pytest

import hebbian
import theory
from hebbian import Dense, Hopfield
from montecarlo import Schedule, simulate
from phase_diagrams.gallery.strong_patterns import KEPT, kept_fraction

WARM = Schedule(warmup=60, sweeps=100, stride=4)
DESCENT = Schedule(warmup=60, sweeps=1, stride=1)


def overlaps(model, ranks, *, alpha, T, n_spins, n_samples):
    """Return the overlaps of chains with the patterns where they start: (n_samples, n_ranks)."""
    patterns = [rank - 1 for rank in ranks]
    drawn = [
        hebbian.draw(model, n_spins=n_spins, alpha=alpha, seed=5, sample=k)
        for k in range(n_samples)
    ]
    start = np.array([data.observed(patterns)[0] for data in drawn])
    run = simulate(
        model, alpha=alpha, T=T, n_spins=n_spins, n_samples=n_samples, n_replicas=len(ranks),
        start=start, patterns=patterns, seed=5, schedule=WARM if T else DESCENT,
        dynamics="glauber" if T else "zero-temperature",
    )  # fmt: skip
    return np.diagonal(run.series["m"].mean(axis=2), axis1=1, axis2=2)


def check(model, ranks, *, alpha, T, n_spins, n_samples):
    m = overlaps(model, ranks, alpha=alpha, T=T, n_spins=n_spins, n_samples=n_samples)
    known = theory.by_rank(model, alpha=alpha, T=T, n_spins=n_spins, ranks=ranks)
    error = m.std(axis=0, ddof=1) / n_samples**0.5
    assert known.converged.all()
    # Of chains that hardly err, the error of few samples is often none.
    assert (abs(m.mean(axis=0) - known.m) < 4 * error + 2 / n_spins).all()
    assert error.max() < 0.01


def test_overlaps_of_a_power_law_are_those_of_theory_by_rank():
    check(Hopfield(weights="zipf:0.5"), [1, 2, 3, 5], alpha=0.5, T=0.15, n_spins=1000, n_samples=8)


def test_overlaps_of_a_palimpsest_are_those_of_theory_by_age():
    model = Hopfield(weights="palimpsest:6")
    check(model, [1, 10, 20, 30], alpha=0.6, T=0.2, n_spins=1000, n_samples=8)


def test_a_palimpsest_keeps_the_young_and_loses_the_old():
    """K is four times what a network of equal strengths holds; the cut is at an age of 49."""
    model, n = Hopfield(weights="palimpsest:8"), 1000
    point = {"alpha": 0.6, "T": 0.0, "n_spins": n}
    cut = int(theory.by_rank(model, ranks=range(1, 101), **point).cut)
    assert cut == 49
    young, old = [1, 10, 20, 30, 40], [75, 80, 90, 100]
    m = overlaps(model, young + old, n_samples=4, **point)
    assert (m[:, :5] > 0.95).all()
    assert (m[:, 5:] < KEPT).all()


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("model", "alpha", "ranks"),
    [
        (Dense(order=3, weights="zipf:0.25"), 0.5, [1, 3, 10, 30]),
        (Dense(order=3, weights="palimpsest:2"), 1.5, [1, 100, 250]),
    ],
)
def test_dense_networks_keep_what_theory_says(model, alpha, ranks):
    check(model, ranks, alpha=alpha, T=0.1, n_spins=150, n_samples=32)


@pytest.mark.heavy
def test_what_a_palimpsest_keeps_tends_to_theory():
    """More at any size, by chance and by broken replica symmetry, and less so in larger ones."""
    model, found = Hopfield(weights="palimpsest:16"), []
    for n, samples in ((500, 16), (1000, 12), (2000, 8)):
        ranks = 1 + np.rint(np.arange(0, 0.09, 0.002) * n).astype(int)
        m = overlaps(model, ranks, alpha=0.35, T=0.0, n_spins=n, n_samples=samples)
        found.append(0.002 * (m > KEPT).sum(axis=1).mean())
    excess = np.array(found) - 0.0425
    assert (np.diff(excess) < 0).all()
    assert 0 < excess[-1] < 0.6 * excess[0]


@pytest.mark.heavy
def test_samples_differ_in_what_they_keep_where_few_patterns_are_strong():
    """Rank^-1: replicas have a cut at 9, and half of the samples keep the pattern of rank 16."""
    model, n, samples = Hopfield(weights="zipf:1"), 2000, 40
    ranks = [6, 9, 13, 16, 20, 28]
    kept = (overlaps(model, ranks, alpha=1.0, T=0.0, n_spins=n, n_samples=samples) > KEPT).mean(0)
    g = model.strengths(n, n)
    drawn = [kept_fraction(g, k, n, n_strong=8, n_draws=400, seed=1) for k in ranks]
    error = np.sqrt((np.array(drawn) * (1 - np.array(drawn)) + 0.05) / samples)
    assert (abs(kept - drawn) < 3 * error).all()
    assert kept[2] > 0.4
    assert theory.by_rank(model, alpha=1.0, n_spins=n, ranks=range(1, 60)).cut == 9


def test_nothing_strong_is_the_theory_of_replicas():
    """With no overlap drawn the cut is that of `theory.by_rank`."""
    n = 1000
    for weights in ("zipf:0.5", "zipf:1"):
        model = Hopfield(weights=weights)
        cut = int(theory.by_rank(model, alpha=1.0, n_spins=n, ranks=range(1, 60)).cut)
        g = model.strengths(n, n)
        fractions = [
            kept_fraction(g, rank, n, n_strong=0, n_draws=1, seed=0)
            for rank in (cut - 1, cut, cut + 1, cut + 2)
        ]
        assert fractions[0] == 1
        assert fractions[-1] == 0
