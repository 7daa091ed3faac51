#!/usr/bin/env bash
# From a fresh checkout to a phase diagram: theory as lines, finite networks as points.
# Needs Python 3.11 or newer; a second run uses what is stored. Interrupt it at will.
set -euo pipefail
bash "$(dirname "${BASH_SOURCE[0]}")/dense_p4.sh"
