"""Write the validation page."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from montecarlo.engine.bars import progress_bar
from phase_diagrams.sweeps.executors import open_executor

from . import coverage, identities, located, published, sampling
from .report import allowed, page
from .sampling import AGREEMENT


def main() -> int:
    """Check everything, write the page; 1 if a number or an identity fails, or too many points."""
    parser = argparse.ArgumentParser(prog="python -m phase_diagrams.validation")
    parser.add_argument("--out", default="docs/validation.md", help="page to write")
    parser.add_argument("--points", type=int, default=216, help="random points (default 216)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--executor", default="serial")
    args = parser.parse_args()
    with progress_bar(True, iterable=published.entries(), unit="number") as entries:
        numbers = [entry.check() for entry in entries]
    with progress_bar(True, iterable=identities.entries(), unit="identity") as entries:
        exact = [entry.check() for entry in entries]
    with open_executor(args.executor) as pool:
        points = list(sampling.draw(args.points, args.seed))
        with progress_bar(True, iterable=points, unit="point") as shown:
            drawn = sampling.compared(shown, pool)
        sections = [*coverage.section(pool), *located.section(located.measured())]
    Path(args.out).write_text(page(numbers, exact, drawn, sections), encoding="utf-8")
    failed = [c for c in (*numbers, *exact) if not c.passed]
    for check in failed:
        print(f"FAILED: {check.entry.what}: {check.value} for {check.entry.expected}")
    against = [v for v in drawn if v.against]
    for verdict in against:
        print(f"NOT PREDICTED: {verdict}")
    agreeing = sum(v.prediction == AGREEMENT for v in drawn)
    return 1 if failed or len(against) > allowed(agreeing) else 0


if __name__ == "__main__":
    sys.exit(main())
