import signal

import hypothesis
import pytest
from command_lines import STUDY

hypothesis.settings.register_profile("fixed", derandomize=True, deadline=None)
hypothesis.settings.load_profile("fixed")

# A shell's background jobs ignore interrupts, and so would the processes that tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


#: Files that one process tests, so that what they share is compiled once: by their names or room.
TOGETHER = {
    "kernels": ("test_exact", "test_dynamics", "test_kernels", "test_forms", "test_tempering"),
    "equations": ("theory",),
}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        place = item.path.relative_to(item.config.rootpath)
        names = {place.stem, place.parts[1] if len(place.parts) > 2 else ""}
        named = [group for group, among in TOGETHER.items() if names & set(among)]
        item.add_marker(pytest.mark.xdist_group(named[0] if named else str(place)))


@pytest.fixture
def study_file(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text(STUDY)
    return path
