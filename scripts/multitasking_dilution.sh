#!/usr/bin/env bash
# Multitasking network, three diluted patterns: overlaps over dilution and temperature.
# Usage: multitasking_dilution.sh [--quick] [FOLDER]    writes study.zarr and a map per pattern
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/study.sh" multitasking_dilution "$@"

small=(--set grid.n_spins=200 --set grid.dilution=0.1:0.7:3 --set "grid.T=0.05,0.4")
hebbian sweep scripts/multitasking_dilution.toml --out "$folder/study.zarr" --resume \
    --executor "$workers" "${quick[@]}" ${quick[0]:+"${small[@]}"}
for pattern in 0 1 2; do
    hebbian figure "$folder/study.zarr" --pattern "$pattern" --out "$folder/pattern$pattern"
done
hebbian compare "$folder/study.zarr"
