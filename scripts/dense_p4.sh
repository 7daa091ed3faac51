#!/usr/bin/env bash
# Dense network, P = 4: overlap with a stored pattern over load and temperature.
# Usage: dense_p4.sh [STEM]    writes STEM.pdf and STEM.png, default results/dense_p4
set -euo pipefail
stem=${1:-results/dense_p4}
# shellcheck source=scripts/environment.sh
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh" ""

hebbian sweep scripts/dense_p4.toml --out results/dense_p4.zarr --resume \
    --executor "process:$(getconf _NPROCESSORS_ONLN)"
hebbian figure results/dense_p4.zarr --out "$stem"
hebbian compare results/dense_p4.zarr --finite-size
