#!/usr/bin/env bash
# Lint, formatting, types, import contract and tests. Arguments go to pytest.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh" test

ruff check .
ruff format --check .
mypy
lint-imports
if command -v shellcheck >/dev/null; then shellcheck --shell=bash --external-sources --source-path=SCRIPTDIR scripts/*.sh; fi
pytest "$@"
