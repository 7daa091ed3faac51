import sys
from pathlib import Path

import hypothesis

sys.path.insert(0, str(Path(__file__).parent))  # for conformance.py

hypothesis.settings.register_profile("fixed", derandomize=True, deadline=None)
hypothesis.settings.load_profile("fixed")
