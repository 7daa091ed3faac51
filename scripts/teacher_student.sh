#!/usr/bin/env bash
# Teacher and student: the plane of load and temperature at one signal, theory and simulation point
# by point; then what is known of the teacher along the number of examples, at three signals.
# Usage: teacher_student.sh [--quick] [FOLDER]    writes phase_diagram.pdf, .png, examples.pdf,
# .png, study.zarr and examples.zarr
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/study.sh" teacher_student "$@"

small=(--set grid.alpha=0.5,1 --set grid.T=1,2 --set grid.n_spins=40)
hebbian sweep scripts/teacher_student.toml --out "$folder/study.zarr" --resume \
    --executor "$workers" "${quick[@]}" ${quick[0]:+"${small[@]}"}
hebbian figure "$folder/study.zarr" --out "$folder/phase_diagram"

few=(--set grid.alpha=0.5,1 --set grid.n_spins=40)
hebbian sweep scripts/teacher_student.toml --out "$folder/examples.zarr" --resume \
    --executor "$workers" --set grid.signal=1,3,9 --set grid.T=1.2 --set grid.alpha=0.1:1.5:8 \
    "${quick[@]}" ${quick[0]:+"${few[@]}"}
hebbian figure "$folder/examples.zarr" --select signal=3 --out "$folder/examples"
hebbian compare "$folder/study.zarr"
