#!/usr/bin/env bash
# Every claim of the papers, computed again: numbers, figures and captions, and those of the
# documentation in docs/gallery. What results/gallery holds is only drawn again.
# Usage: gallery.sh [--quick] [CLAIM ...]    arguments go to 'hebbian gallery'
# HEBBIAN_DATA_DIR names a folder with MNIST and Fashion-MNIST; the quick version publishes nothing.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh" ""

arguments=(--executor "process:$(getconf _NPROCESSORS_ONLN)")
[[ " $* " == *" --quick "* || " $* " == *" --list "* ]] || arguments+=(--publish docs/gallery)
[[ -z ${HEBBIAN_DATA_DIR:-} ]] || arguments+=(--data-dir "$HEBBIAN_DATA_DIR")
hebbian gallery "${arguments[@]}" "$@"
