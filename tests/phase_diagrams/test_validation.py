"""The validation table: every number, every identity, and a few of the random points."""

import dataclasses

import pytest

from phase_diagrams.validation import identities, published, report, sampling


@pytest.mark.parametrize(
    "entry", [*published.entries(), *identities.entries()], ids=lambda entry: entry.what
)
def test_entry(entry):
    checked = entry.check()
    assert checked.passed, f"{checked.value} for {entry.expected}"


def test_points_depend_on_the_seed_and_their_number_alone():
    few, many = list(sampling.draw(5, 1)), list(sampling.draw(8, 1))
    assert many[:5] == few
    assert list(sampling.draw(5, 2)) != few
    kinds = {(type(p.model).__name__, type(p.model.rule).__name__) for p in sampling.draw(18, 1)}
    assert len(kinds) == 9


def test_random_points_agree_or_say_why():
    drawn = [sampling.compare(point) for point in sampling.draw(3, 11)]
    assert all(v.reason != "not explained" for v in drawn)
    assert any(not v.disagrees for v in drawn)
    wrong = dataclasses.replace(drawn[0], disagrees=True, reason="not explained")
    entry = published.entries()[0]
    page = report.page([entry.check()], [entry._replace(expected=0.5).check()], [*drawn, wrong])
    assert "published numbers: 1 of 1 pass" in page
    assert "identities: 0 of 1 pass" in page
    assert "1 are not explained" in page
