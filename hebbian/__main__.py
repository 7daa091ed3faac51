"""``python -m hebbian`` is the command ``hebbian``."""

import runpy

if __name__ == "__main__":
    # By name: this room imports nothing of those above.
    runpy.run_module("phase_diagrams", run_name="__main__", alter_sys=True)
