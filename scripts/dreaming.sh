#!/usr/bin/env bash
# Dreaming network: the plane of load and temperature, theory and simulation point by point, then
# the overlap along the sleep at one load, from Hopfield's couplings on.
# Usage: dreaming.sh [--quick] [FOLDER]    writes phase_diagram.pdf, .png, sleep.pdf, .png,
# study.zarr and sleep.zarr
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/study.sh" dreaming "$@"

small=(--set grid.alpha=0.1,0.3 --set grid.T=0.2,0.6 --set grid.n_spins=40)
hebbian sweep scripts/dreaming.toml --out "$folder/study.zarr" --resume --executor "$workers" \
    "${quick[@]}" ${quick[0]:+"${small[@]}"}
hebbian figure "$folder/study.zarr" --out "$folder/phase_diagram"

hebbian sweep scripts/dreaming.toml --out "$folder/sleep.zarr" --resume --executor "$workers" \
    --set grid.alpha=0.25 --set grid.T=0.2 --set grid.sleep=0,0.25,0.5,1,2,4 \
    "${quick[@]}" ${quick[0]:+--set grid.n_spins=40}
hebbian figure "$folder/sleep.zarr" --out "$folder/sleep"
hebbian compare "$folder/study.zarr"
