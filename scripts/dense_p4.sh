#!/usr/bin/env bash
# Dense network, P = 4: overlap with a stored pattern over load and temperature.
# Usage: dense_p4.sh [--quick] [FOLDER]    writes study.zarr and phase_diagram.pdf, .png
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/study.sh" dense_p4 "$@"

small=(--set grid.n_spins=30 --set grid.alpha=0.05:0.4:3 --set grid.T=0.2:0.9:3)
hebbian sweep scripts/dense_p4.toml --out "$folder/study.zarr" --resume --executor "$workers" \
    "${quick[@]}" ${quick[0]:+"${small[@]}"}
hebbian figure "$folder/study.zarr" --out "$folder/phase_diagram"
hebbian compare "$folder/study.zarr" --finite-size
printf '\nData:   %s\nFigure: %s and .png\n' "$folder/study.zarr" "$folder/phase_diagram.pdf"
