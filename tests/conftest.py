import signal

import hypothesis
import pytest
from command_lines import STUDY

hypothesis.settings.register_profile("fixed", derandomize=True, deadline=None)
hypothesis.settings.load_profile("fixed")

# A shell's background jobs ignore interrupts, and so would the processes that tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


#: Folders that one process tests, so that what they share is compiled once.
TOGETHER = {"hebbian": "kernels", "montecarlo": "kernels", "theory": "equations"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        place = item.path.relative_to(item.config.rootpath)
        folder = place.parts[1] if place.parts[0] == "tests" else ""
        item.add_marker(pytest.mark.xdist_group(TOGETHER.get(folder, str(place))))


@pytest.fixture
def study_file(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text(STUDY)
    return path
