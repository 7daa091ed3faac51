"""How the tests are shared out between processes: by what they have compiled, not one by one.

A scheduler of its own reads the share off the name of a test.  The groups of xdist
(``xdist_group``) would be written into those names instead, which pytest 9.2 does not let
xdist change: without a word, each process then ran every other test.
"""

from xdist.scheduler import LoadScopeScheduling

__all__ = ["Shares", "share"]

#: Folders that one process tests, so that what they share is compiled once.
TOGETHER = {"hebbian": "kernels", "montecarlo": "kernels", "theory": "equations"}


def share(name: str) -> str:
    """Return what a test goes together with: the group of its folder, or its file."""
    file = name.partition("::")[0]
    room, *folders = file.split("/")[:-1] or [""]
    return TOGETHER.get(folders[0], file) if room == "tests" and folders else file


class Shares(LoadScopeScheduling):
    """Whole shares for each process, those of most tests first."""

    def _split_scope(self, nodeid: str) -> str:
        return share(nodeid)
