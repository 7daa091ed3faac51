from types import SimpleNamespace

import pytest
from shares import Shares, share

TESTS = [
    "tests/hebbian/test_rules.py::test_a[x::y/z]",
    "tests/montecarlo/test_forms.py::test_a",
    "tests/montecarlo/test_forms.py::test_b",
    "tests/theory/dreaming/test_lines.py::TestB::test_a",
    "tests/theory/test_basin.py::test_a",
    "tests/phase_diagrams/test_grid.py::test_a",
    "tests/test_cli.py::test_a",
    "montecarlo/run.py::montecarlo.run.Run",
]


class Process:
    """What a scheduler sees of a process that runs tests."""

    shutting_down = False

    def __init__(self, name):
        self.gateway = SimpleNamespace(id=name)
        self.given = []

    def send_runtest_some(self, indices):
        self.given += [TESTS[i] for i in indices]

    def shutdown(self):
        self.shutting_down = True


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (TESTS[0], "kernels"),
        (TESTS[1], "kernels"),
        (TESTS[3], "equations"),
        (TESTS[5], "tests/phase_diagrams/test_grid.py"),
        (TESTS[6], "tests/test_cli.py"),
        (TESTS[7], "montecarlo/run.py"),
        ("hebbian.py::doc", "hebbian.py"),
    ],
)
def test_folders_that_compile_the_same_are_one_share(name, expected):
    assert share(name) == expected


def test_a_process_gets_whole_shares():
    """As xdist deals them out, not as they are named."""
    config = SimpleNamespace(
        getvalue=lambda name: ["popen", "popen"], option=SimpleNamespace(loadscopereorder=True)
    )
    scheduler = Shares(config)
    processes = Process("one"), Process("two")
    for process in processes:
        scheduler.add_node(process)
        scheduler.add_node_collection(process, TESTS)
    scheduler.schedule()
    one, two = (process.given for process in processes)
    assert one == TESTS[:3]
    assert two[:2] == TESTS[3:5]
    assert {share(name) for name in one}.isdisjoint(map(share, two))


def test_the_processes_of_this_run_are_dealt_with_by_it(pytestconfig):
    settings = SimpleNamespace(getvalue={"dist": "loadgroup", "tx": ["popen"]}.get)
    made = pytestconfig.hook.pytest_xdist_make_scheduler(config=settings, log=None)
    assert isinstance(made, Shares)
