#!/usr/bin/env bash
# Sequence: the overlap with the pattern that is due over load and temperature, theory and
# simulation point by point, then the replay step by step from several starts.
# Usage: sequences.sh [--quick] [FOLDER]    writes phase_diagram.pdf, .png, replay.pdf, .png,
# study.zarr and replay.zarr
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/study.sh" sequences "$@"

small=(--set grid.alpha=0.05,0.2 --set grid.T=0.1,0.6 --set grid.n_spins=40)
hebbian sweep scripts/sequences.toml --out "$folder/study.zarr" --resume --executor "$workers" \
    "${quick[@]}" ${quick[0]:+"${small[@]}"}
hebbian figure "$folder/study.zarr" --out "$folder/phase_diagram"

hebbian sweep --model sequence --alpha 0.15 --T 0.1 --start 0.2,0.4,0.6,1 --n-spins 1000 \
    --dynamics parallel --n-steps 20 --seed 18 --out "$folder/replay.zarr" --resume \
    --executor "$workers" ${quick[0]:+--set grid.n_spins=40 --set settings.n_samples=2}
hebbian figure "$folder/replay.zarr" --out "$folder/replay"
hebbian compare "$folder/study.zarr"
