#!/usr/bin/env bash
# Writes docs/validation.md: published numbers, identities, theory against simulation.
# Usage: validation.sh [--points N] [--out FILE]    about 25 minutes on two cores
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh" ""

python -m phase_diagrams.validation --executor "process:$(getconf _NPROCESSORS_ONLN)" "$@"
