#!/usr/bin/env bash
# Exponential memory: the diagram of heated and cooled networks at three sharpnesses, then the plane
# of load and temperature from a pattern at one of them, theory and simulation point by point.
# Usage: exponential.sh [--quick] [FOLDER]    writes phase_diagram.pdf, .png, overlap.pdf, .png,
# study.zarr, and the numbers, caption and verdict of the diagram in FOLDER/exponential_diagram
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/study.sh" exponential "$@"

hebbian gallery exponential_diagram --out "$folder" ${quick[0]:+--quick}
for suffix in pdf png; do
    cp "$folder/exponential_diagram/figure.$suffix" "$folder/phase_diagram.$suffix"
done

small=(--set grid.alpha=0.1:0.4:3 --set grid.T=0.2:1.4:3 --set grid.n_spins=16)
hebbian sweep scripts/exponential.toml --out "$folder/study.zarr" --resume --executor "$workers" \
    "${quick[@]}" ${quick[0]:+"${small[@]}"}
hebbian figure "$folder/study.zarr" --out "$folder/overlap"
hebbian compare "$folder/study.zarr"
