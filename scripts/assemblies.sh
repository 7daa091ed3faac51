#!/usr/bin/env bash
# Bidirectional associative memory: the plane of load and temperature by heat bath layer after
# layer, theory and simulation point by point; in one column the overlaps of both layers.
# Usage: assemblies.sh [--quick] [FOLDER]    writes phase_diagram.pdf, .png, layers.pdf, .png and
# study.zarr
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/study.sh" assemblies "$@"

small=(--set grid.alpha=0.05,0.1,0.2 --set grid.T=0.2,0.6 --set grid.n_spins=60)
hebbian sweep scripts/assemblies.toml --out "$folder/study.zarr" --resume --executor "$workers" \
    "${quick[@]}" ${quick[0]:+"${small[@]}"}
hebbian figure "$folder/study.zarr" --out "$folder/phase_diagram"
hebbian figure "$folder/study.zarr" --select T=0.2 --out "$folder/layers"
hebbian compare "$folder/study.zarr"
