#!/usr/bin/env bash
# Hopfield network: where retrieval ends with growing load, at three sizes, and at infinite size.
# Usage: hopfield_load.sh [--quick] [FOLDER]    writes study.zarr and a figure for every size
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/study.sh" hopfield_load "$@"

sizes=(200 400 800)
[[ ${#quick[@]} == 0 ]] || sizes=(50 100)
list=$(IFS=, && echo "${sizes[*]}")
small=(--set grid.alpha=0.02:0.2:4)
hebbian sweep scripts/hopfield_load.toml --set "grid.n_spins=$list" --out "$folder/study.zarr" \
    --resume --executor "$workers" "${quick[@]}" ${quick[0]:+"${small[@]}"}
for n_spins in "${sizes[@]}"; do
    hebbian figure "$folder/study.zarr" --select "n_spins=$n_spins" --out "$folder/N$n_spins"
done
hebbian compare "$folder/study.zarr" --extrapolate
