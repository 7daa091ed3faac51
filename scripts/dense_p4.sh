#!/usr/bin/env bash
# Dense network, P = 4: overlap with a stored pattern over load and temperature.
# Usage: dense_p4.sh [FOLDER]    writes study.zarr and phase_diagram.pdf, .png into FOLDER
set -euo pipefail
folder=${1:-$(dirname "${BASH_SOURCE[0]}")/../results/dense_p4}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh" ""

hebbian sweep scripts/dense_p4.toml --out "$folder/study.zarr" --resume \
    --executor "process:$(getconf _NPROCESSORS_ONLN)"
hebbian figure "$folder/study.zarr" --out "$folder/phase_diagram"
hebbian compare "$folder/study.zarr" --finite-size
printf '\nData:   %s\nFigure: %s and .png\n' "$folder/study.zarr" "$folder/phase_diagram.pdf"
