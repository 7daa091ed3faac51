#!/usr/bin/env bash
# Run the benchmarks and write docs/performance.md. Arguments go to pytest.
# Usage: performance.sh [pytest arguments]    about twenty minutes; best on an idle machine
#        performance.sh -k first_call   the page keeps what other files measured last
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh" test

# One thread of the matrix library: threads are those the benchmarks start.
export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1

mkdir -p results/benchmarks
for file in benchmarks/test_*.py; do
    # A benchmark that misses its goal fails; its figures are written nevertheless.
    found=results/benchmarks/$(basename "$file" .py)
    pytest "$file" "$@" --benchmark-json="$found.new" || true
    if [[ -s $found.new ]]; then mv "$found.new" "$found.json"; else rm -f "$found.new"; fi
done
python benchmarks/roofline.py docs/figures
python benchmarks/page.py docs/performance.md results/benchmarks/*.json
