"""Coverage of the intervals of few samples, measured by repeated runs."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from hebbian import Hopfield
from phase_diagrams.validation import coverage

PLACES = (
    coverage.Place("few", Hopfield(), 0.02, 0.13, 60, 6),
    coverage.Place("many", Hopfield(), 0.1, 1.5, 60, 8),
)


def test_intervals_of_few_events_and_of_many_cover():
    """Of 60 runs no fewer than 68 and 95 %, give or take three binomial deviations."""
    few, many = (coverage.measured(place, runs=60) for place in PLACES)
    for cover in (few, many):
        for name, covered in cover.covered.items():
            for level, part in zip(coverage.LEVELS, covered, strict=True):
                assert part > level - 3 * (level * (1 - level) / 60) ** 0.5, (name, level)
    assert few.few["m"] > 0.9
    assert few.spread < 0.8  # what the spread alone would cover
    assert many.few["m"] == 0


@pytest.mark.heavy
def test_the_section_has_a_row_for_every_point(monkeypatch):
    monkeypatch.setattr(coverage, "POINTS", PLACES)
    monkeypatch.setattr(coverage, "RUNS", 8)
    with ThreadPoolExecutor(1) as pool:
        page = coverage.section(pool)
    assert page[0].startswith("## Coverage")
    assert [line.split(" | ")[0] for line in page if line.startswith("| ")][1:] == [
        "| few",
        "| many",
    ]
