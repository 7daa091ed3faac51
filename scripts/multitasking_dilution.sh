#!/usr/bin/env bash
# Multitasking networks: (d, T) diagrams of 2, 3 and 4 patterns, and the staircases of overlaps.
# Usage: multitasking_dilution.sh [--quick] [FOLDER]    writes a store and figures of each study
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/study.sh" multitasking_dilution "$@"

studies=(k2 k3 k4 cooling staircase)
small=()
if [[ ${#quick[@]} != 0 ]]; then
    studies=(k3)
    small=(--set grid.n_spins=200 --set grid.dilution=0.1:0.7:3 --set "grid.T=0.05,0.4")
fi
for study in "${studies[@]}"; do
    hebbian sweep "scripts/multitasking_$study.toml" --out "$folder/$study.zarr" --resume \
        --executor "$workers" "${quick[@]}" "${small[@]}"
    hebbian figure "$folder/$study.zarr" --out "$folder/$study"
    hebbian compare "$folder/$study.zarr"
done
