#!/usr/bin/env bash
# Build the documentation into docs/_build; its notebooks are executed (about eight minutes).
# Usage: docs.sh [--quick]    (--quick: cells are not executed; one minute)
# HEBBIAN_DOCS_ONLINE=1 links types of Python, numpy, scipy, xarray and matplotlib to their sites.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh" docs

options=()
case ${1:-} in
"") ;;
--quick) options=(-D nb_execution_mode=off) ;;
*) echo "error: $1 is not --quick" >&2 && exit 2 ;;
esac
python -m sphinx -W --keep-going -b html "${options[@]}" docs docs/_build/html
