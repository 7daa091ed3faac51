#!/usr/bin/env bash
# Build the documentation into docs/_build; its notebooks are executed.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh" docs

python -m sphinx -W --keep-going -b html docs docs/_build/html
