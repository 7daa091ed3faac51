"""The benchmark of the device, on the emulated one: no figure of it means anything here."""

import device_emulator
import gpu as benchmark
import page
import pytest

from hebbian import Dense, Hopfield
from montecarlo import device

pytestmark = [device_emulator.needed, pytest.mark.usefixtures("emulator")]

CASES = (
    benchmark.Case(Hopfield(), 40, 10, 3),
    benchmark.Case(Dense(order=4), 20, 10**9, 2),
    benchmark.Case(Dense(order=4), 20, 300, 2),
    benchmark.Case(Dense(order=4), 20, 300, 2, mean_field=True),
)
FAILURE = ("OutOfMemoryError:", "emulated", "device")
NAMES = ("Hopfield N=40 K=10", "P=4 N=20 K=300", "P=4 N=20 K=300 mean field")


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(benchmark, "COPIED", 1 << 12)
    monkeypatch.setattr(benchmark, "ROUNDS", 3)
    monkeypatch.setattr(benchmark, "rate", lambda call, work, _: (call(1), float(work))[1])


@pytest.mark.heavy
def test_a_case_that_fails_does_not_stop_the_others(tmp_path, capsys):
    path = tmp_path / "performance.md"
    path.write_text(f"# Performance\n\n{page.UNMEASURED}\n\n## Other tables\n", "utf-8")
    benchmark.main(["--quick", "--page", str(path)], CASES)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("emulated device, CUDA driver 12080, 20")
    assert ["failed" in line for line in lines[2:]] == [False, True, False, False]
    assert lines[3].split() == ["P=4", "N=20", "K=1e+09", "failed:", *FAILURE]
    text = path.read_text("utf-8")
    assert text.startswith("# Performance\n\n**GPU**: emulated device")
    assert text.endswith("\n\n## Other tables\n")
    assert [line.split("|")[1].strip() for line in text.splitlines()[6:9]] == list(NAMES)
    page.main(str(path))
    assert "**GPU**: emulated device" in path.read_text("utf-8")
    page.put_device(str(path), "**GPU**: measured again.")
    assert path.read_text("utf-8").endswith("busy.\n\n**GPU**: measured again.\n")


def test_cases_past_the_time_are_named(capsys):
    _, lines = benchmark.table(CASES[:2], minutes=0.0, seconds=0.5)
    assert lines == [benchmark.HEADER]
    assert capsys.readouterr().out.count("not measured: the time is over") == 2


def test_no_device_is_one_line(emulator, capsys):
    def absent():
        raise RuntimeError("no driver")

    device.name.cache_clear()
    emulator.cuda.runtime.getDevice = absent
    benchmark.main([], CASES)
    assert capsys.readouterr().out.count("\n") == 1


def test_every_case_of_the_table_fits_a_device():
    """Rows as bits and levels of a byte: 60 GB at most."""
    for case in benchmark.CASES:
        rows = case.n_rows * case.n_spins / 8
        levels = case.n_rows * case.n_chains * (1 if case.n_spins < 256 else 2)
        assert rows + levels < 60e9
