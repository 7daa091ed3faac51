#!/usr/bin/env bash
# Multitasking networks: (d, T) diagrams of 2, 3 and 4 patterns, and the staircases of overlaps.
# Usage: multitasking.sh [FOLDER]    writes a store and figures of each study into FOLDER
set -euo pipefail
folder=${1:-$(dirname "${BASH_SOURCE[0]}")/../results/multitasking}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh" ""

for study in k2 k3 k4 cooling dilution; do
    hebbian sweep "scripts/multitasking_$study.toml" --out "$folder/$study.zarr" --resume \
        --executor "process:$(getconf _NPROCESSORS_ONLN)"
    hebbian figure "$folder/$study.zarr" --out "$folder/$study"
    hebbian compare "$folder/$study.zarr"
done
for study in k2 k3 k4; do
    hebbian figure "$folder/$study.zarr" --variable phase --out "$folder/${study}_phases"
done
