"""Settings and descriptions of studies: what they may say, and how much it may be."""

import json

import pytest

import phase_diagrams
from hebbian import Hopfield, datasets
from phase_diagrams.grid import Grid
from phase_diagrams.settings import Settings
from phase_diagrams.study import Study

VALUES = {"alpha": [0.1, 0.2], "T": 0.3, "n_spins": 12}
PLAIN = Study.asked(Grid(Hopfield(), VALUES), Settings()).describe()


@pytest.mark.parametrize("name", PLAIN)
def test_every_entry_of_a_description_is_needed(name):
    lacking = {key: value for key, value in PLAIN.items() if key != name}
    for given in (lacking, json.dumps(lacking)):
        with pytest.raises(ValueError, match=rf"^study: .*`?{name}`?"):
            Study.stored(given, None)


DEEP: list = []
for _ in range(70):
    DEEP = [DEEP]


@pytest.mark.parametrize("wrong", [None, [], {}, [1], {"a": 1}, DEEP], ids=str)
@pytest.mark.parametrize("name", [*PLAIN, None])
def test_entries_of_another_form_are_refused_in_one_line(name, wrong):
    given = wrong if name is None else {**PLAIN, name: wrong}
    if given == {**PLAIN, "cooling": None} or (name, wrong) == ("observables", []):
        return
    for one in (given, json.dumps(given)):
        for make in (Study.build, lambda study: Study.stored(study, None)):
            with pytest.raises(ValueError, match=r"\A(study|T|model|a)\b") as caught:
                make(one)
            assert "\n" not in str(caught.value)
            assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("n_samples", 10**9, r"n_samples = 1000000000 is outside the allowed range \[1, 1000000\]"),
        ("n_samples", 0, "n_samples = 0 is outside"),
        ("n_replicas", 10**7, "n_replicas = 10000000 is outside"),
        ("warmup", -1, r"warmup = -1 is outside the allowed range \[0, 1000000000000\]"),
        ("sweeps", 10**13, "sweeps = 10000000000000 is outside"),
        ("stride", 0, "stride = 0 is outside"),
        ("seed", -1, "seed = -1 is outside"),
        ("law", "x", "law = 'x' is not one of"),
        ("cooling", "x", "cooling = 'x' is not T or T:path"),
        ("start", 2.0, "start = 2.0 is outside"),
    ],
)
def test_numbers_have_the_same_ranges_at_every_door(name, value, words):
    with pytest.raises(ValueError, match=words):
        Study.stored(json.dumps({**PLAIN, name: value}), None)
    with pytest.raises(ValueError, match=words):
        Study.build({**PLAIN, name: value})
    with pytest.raises(ValueError, match=words):
        Study.asked(Grid(Hopfield(), VALUES), Settings(**{name: value}))
    if name in ("n_samples", "n_replicas", "seed", "law", "start"):
        with pytest.raises(ValueError, match=words):
            phase_diagrams.sweep(Hopfield(), VALUES, **{name: value})


@pytest.mark.parametrize("wrong", [True, "3", None, [3], 0.5, float("nan"), 10**400])
def test_what_is_no_whole_number_is_none_of_samples(wrong):
    with pytest.raises(ValueError, match="n_samples"):
        Study.build({**PLAIN, "n_samples": wrong})
    with pytest.raises(ValueError, match="n_samples"):
        Study.asked(Grid(Hopfield(), VALUES), Settings(n_samples=wrong))


def test_results_that_no_machine_holds_are_refused_at_once():
    grid = Grid(Hopfield(), {"alpha": [0.1, 0.2], "T": [0.001 * i for i in range(1, 100_000)]})
    words = r"results of 199998 points = .* GiB is outside the allowed range \[0, 1024 GiB\]"
    with pytest.raises(ValueError, match=words):
        Study.asked(grid, Settings(n_samples=10**6))
    large = Study(grid=grid, settings=Settings(n_samples=10**6)).describe()
    with pytest.raises(ValueError, match=words):
        Study.stored(json.dumps(large), None, {})


def test_the_memory_of_a_container_and_of_the_shell_counts(monkeypatch, tmp_path):
    whole = datasets.physical_memory()
    assert 2**20 < whole <= 2**40
    for limit, expected in (("max", whole), ("1048576", 2**20), ("x", whole)):
        (tmp_path / "memory.max").write_text(limit)
        monkeypatch.setattr(datasets, "CGROUP", tmp_path)
        assert datasets.physical_memory() == expected
    monkeypatch.undo()
    resource = pytest.importorskip("resource")
    monkeypatch.setattr(resource, "getrlimit", lambda _: (12345, 67890))
    assert datasets.physical_memory() == 12345
