"""``python -m phase_diagrams`` is the command ``hebbian``."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
