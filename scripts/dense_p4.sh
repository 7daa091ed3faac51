#!/usr/bin/env bash
# Dense network, P = 4: the phase diagram of load and temperature. Theory as lines; finite networks
# as points, where they lose retrieval on heating and where replica exchange puts their transition.
# Then theory and simulation at N = 100 point by point.
# Usage: dense_p4.sh [--quick] [FOLDER]    writes phase_diagram.pdf, .png, overlap.pdf, .png,
# study.zarr, and the numbers, caption and verdict of the diagram in FOLDER/dense_p4
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/study.sh" dense_p4 "$@"

hebbian gallery dense_p4 --out "$folder" ${quick[0]:+--quick}
for suffix in pdf png; do
    cp "$folder/dense_p4/figure.$suffix" "$folder/phase_diagram.$suffix"
done

small=(--set grid.n_spins=30 --set grid.alpha=0.05:0.4:3 --set grid.T=0.2:0.9:3)
hebbian sweep scripts/dense_p4.toml --out "$folder/study.zarr" --resume --executor "$workers" \
    "${quick[@]}" ${quick[0]:+"${small[@]}"}
hebbian figure "$folder/study.zarr" --out "$folder/overlap"
hebbian compare "$folder/study.zarr" --finite-size
printf '\nData:   %s and %s\nFigure: %s and .png\n' "$folder/dense_p4/data.nc" \
    "$folder/study.zarr" "$folder/phase_diagram.pdf"
