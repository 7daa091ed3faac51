#!/usr/bin/env bash
# One Dask worker for each CUDA device, each seeing its own device alone.
# Usage: gpu_workers.sh SCHEDULER_ADDRESS [DEVICE ...]
#        (default: the devices of CUDA_VISIBLE_DEVICES, else those of nvidia-smi)
# Then: hebbian sweep ... --backend cupy --executor dask:SCHEDULER_ADDRESS
set -euo pipefail
if (($# == 0)); then
    echo "usage: $0 SCHEDULER_ADDRESS [DEVICE ...]" >&2
    exit 2
fi
address=$1
shift
devices=("$@")
if (($# == 0)); then
    listed=${CUDA_VISIBLE_DEVICES:-$(nvidia-smi --query-gpu=index --format=csv,noheader 2>/dev/null ||
        true)}
    read -r -a devices <<<"${listed//[$',\n']/ }"
fi
if ((${#devices[@]} == 0)); then
    echo "error: no CUDA device: nvidia-smi lists none, name them after the address" >&2
    exit 2
fi
export CUDA_DEVICE_ORDER=PCI_BUS_ID # the numbers are those of nvidia-smi
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
for id in "${devices[@]}"; do
    CUDA_VISIBLE_DEVICES=$id dask worker "$address" --name "device-$id" --nworkers 1 \
        --nthreads 1 --no-dashboard &
done
wait
