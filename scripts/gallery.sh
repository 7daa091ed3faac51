#!/usr/bin/env bash
# Every claim of the papers, computed again: numbers, figures and captions.
# Usage: gallery.sh [--quick] [CLAIM ...]    arguments go to 'hebbian gallery'
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh" ""

hebbian gallery --executor "process:$(getconf _NPROCESSORS_ONLN)" "$@"
