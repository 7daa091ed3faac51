#!/usr/bin/env bash
# One Dask worker for each CUDA device, each seeing its own device alone.
# Usage: gpu_workers.sh SCHEDULER_ADDRESS [DEVICE ...]    (default: the devices of nvidia-smi)
# Then: hebbian sweep ... --backend cupy --executor dask:SCHEDULER_ADDRESS
set -euo pipefail
if (($# == 0)); then
    echo "usage: $0 SCHEDULER_ADDRESS [DEVICE ...]" >&2
    exit 2
fi
address=$1
shift
if (($# == 0)); then
    mapfile -t devices < <(nvidia-smi --query-gpu=index --format=csv,noheader)
else
    devices=("$@")
fi
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
for id in "${devices[@]}"; do
    CUDA_VISIBLE_DEVICES=$id dask worker "$address" --name "device-$id" --nworkers 1 \
        --nthreads 1 --no-dashboard &
done
wait
