#!/usr/bin/env bash
# Dense network, P = 4, learning with a teacher: overlap with the archetype over the number and
# the temperature, at two qualities of the examples.
# Usage: dense_learning.sh [--quick] [FOLDER]    writes study.zarr and a figure for each quality
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/study.sh" dense_learning "$@"

small=(--set grid.n_spins=24 --set "grid.n_examples=5,50" --set "grid.T=0.2,0.8")
hebbian sweep scripts/dense_learning.toml --out "$folder/study.zarr" --resume \
    --executor "$workers" "${quick[@]}" ${quick[0]:+"${small[@]}"}
for quality in 0.2 0.4; do
    hebbian figure "$folder/study.zarr" --select "quality=$quality" --out "$folder/r$quality"
done
hebbian compare "$folder/study.zarr"
