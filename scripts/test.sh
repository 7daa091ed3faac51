#!/usr/bin/env bash
# Lint, formatting, types, import contract and tests. Arguments go to pytest.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh" test

ruff check .
ruff format --check .
mypy
lint-imports
if command -v shellcheck >/dev/null; then shellcheck --shell=bash --external-sources --source-path=SCRIPTDIR scripts/*.sh; fi
if (($#)); then
    pytest "$@"
else
    # Two processes, and what is promised within seconds on a machine that does nothing else.
    pytest --numprocesses 2 --dist loadfile --benchmark-disable -m "not alone and not heavy"
    pytest -m alone
    # Once more with every array index of the compiled kernels checked; such code has to be
    # compiled anew, so it gets a cache of its own.
    checked=$(mktemp -d)
    trap 'rm -rf "$checked"' EXIT
    NUMBA_BOUNDSCHECK=1 NUMBA_CACHE_DIR=$checked pytest -k "not reference" \
        tests/montecarlo/test_exact.py tests/montecarlo/test_histograms.py \
        tests/montecarlo/test_parallel.py
fi
