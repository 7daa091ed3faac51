#!/usr/bin/env bash
# Patterns of unequal strengths: where the strongest and the tenth are retrieved, theory and
# simulation point by point, and which patterns survive at one load.
# Usage: strengths.sh [--quick] [FOLDER]    writes strongest.pdf, .png, tenth.pdf, .png, ranks.json,
# strongest.zarr and tenth.zarr
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/study.sh" strengths "$@"

small=(--set grid.alpha=0.25,0.5 --set grid.T=0.1,0.5 --set grid.n_spins=60)
for name in strongest:pattern tenth:pattern:9; do
    hebbian sweep scripts/strengths.toml --out "$folder/${name%%:*}.zarr" --resume \
        --executor "$workers" --set settings.start="${name#*:}" \
        "${quick[@]}" ${quick[0]:+"${small[@]}"}
    hebbian figure "$folder/${name%%:*}.zarr" --out "$folder/${name%%:*}"
done
hebbian theory --model hopfield --weights zipf:0.5 --alpha 0.1 --n-spins 400 --quantity by-rank \
    --json > "$folder/ranks.json"
hebbian compare "$folder/strongest.zarr"
