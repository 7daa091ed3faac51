#!/usr/bin/env bash
# A study in parts, one per task of a SLURM array; the last to end joins them.
# Usage: sbatch --array=1-8 slurm_array.sh [--quick] [FOLDER]
# Without SLURM the parts run one after the other. Run it again to resume what was cut off.
#SBATCH --job-name=hebbian
#SBATCH --cpus-per-task=1
#SBATCH --time=04:00:00
#SBATCH --requeue
set -euo pipefail
# SLURM runs a copy of this script: the checkout is where it was submitted.
scripts=$(dirname "${BASH_SOURCE[0]}")
[[ -e $scripts/study.sh ]] || scripts=${SLURM_SUBMIT_DIR:?}/scripts
source "$scripts/study.sh" slurm_array "$@"

parts=${SLURM_ARRAY_TASK_COUNT:-2}
small=(--set grid.n_spins=30 --set grid.alpha=0.05:0.4:2 --set "grid.T=0.2,0.9")
for part in ${SLURM_ARRAY_TASK_ID:-$(seq "$parts")}; do
    hebbian sweep scripts/dense_p4.toml --shard "$part/$parts" --out "$folder/part$part.zarr" \
        --resume "${quick[@]}" ${quick[0]:+"${small[@]}"}
done

# All parts must be complete; of several tasks that see it at once, one joins them.
for part in $(seq "$parts"); do
    hebbian status "$folder/part$part.zarr" >/dev/null 2>&1 || exit 0
done
exec 9>"$folder/.joining"
flock --nonblock 9 || exit 0
[[ -e $folder/study.zarr ]] || hebbian merge "$folder"/part*.zarr --out "$folder/study.zarr"
hebbian figure "$folder/study.zarr" --out "$folder/phase_diagram"
hebbian compare "$folder/study.zarr" --finite-size
