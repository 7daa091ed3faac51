#!/usr/bin/env bash
# Lint, formatting, types, import contract and tests.
# Usage: test.sh [all | ARGUMENTS OF PYTEST]    (all: the heavy tests, too, in about an hour)
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh" test

ruff check .
ruff format --check .
mypy
lint-imports
if command -v shellcheck >/dev/null; then shellcheck --shell=bash --external-sources --source-path=SCRIPTDIR scripts/*.sh; fi
tests="not alone and not heavy"
case ${1:-} in
"") ;;
all) tests="not alone" ;;
*) exec pytest "$@" ;;
esac
# Two processes, and what is promised within seconds on a machine that does nothing else.
pytest --numprocesses 2 --dist loadgroup --benchmark-disable -m "$tests"
pytest -m alone tests/phase_diagrams/test_crashes.py
if [[ ${1:-} == all ]]; then
    # Once more with every array index of the compiled kernels checked; such code has to be
    # compiled anew, so it gets a cache of its own.
    checked=$(mktemp -d)
    trap 'rm -rf "$checked"' EXIT
    NUMBA_BOUNDSCHECK=1 NUMBA_CACHE_DIR=$checked pytest -k "not reference" \
        tests/montecarlo/test_exact.py tests/montecarlo/test_histograms.py \
        tests/montecarlo/test_parallel.py tests/montecarlo/test_many_chains.py
fi
