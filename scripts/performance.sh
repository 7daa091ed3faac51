#!/usr/bin/env bash
# Run the benchmarks and write docs/performance.md. Arguments go to pytest.
# Usage: performance.sh [pytest arguments]    about ten minutes; best on an idle machine
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh" test

mkdir -p results/benchmarks
for file in benchmarks/test_*.py; do
    # A benchmark that misses its goal fails; its figures are written nevertheless.
    pytest "$file" "$@" --benchmark-json="results/benchmarks/$(basename "$file" .py).json" || true
done
python benchmarks/page.py docs/performance.md results/benchmarks/*.json
