#!/usr/bin/env bash
# The package as users get it: wheel and sdist are built, their metadata checked, the wheel is
# installed into an environment of its own and used from another folder, a script of the unpacked
# sdist is run.  Nothing is left in the checkout.
# Usage: wheel.sh [FOLDER]    FOLDER keeps wheel and sdist. Needs a network for the packages.
set -euo pipefail
[[ -z ${1:-} ]] || { mkdir -p "$1" && kept=$(cd "$1" && pwd); }
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
unset PYTHONPATH

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
quiet=(--quiet --disable-pip-version-check)
python3 -m venv "$temporary/tools"
"$temporary/tools/bin/python" -m pip install "${quiet[@]}" build twine
"$temporary/tools/bin/python" -m build --outdir "$temporary/dist" .
"$temporary/tools/bin/twine" check --strict "$temporary"/dist/*

python3 -m venv "$temporary/user"
"$temporary/user/bin/python" -m pip install "${quiet[@]}" --constraint constraints.txt \
    "$temporary"/dist/*.whl mypy
PATH=$temporary/user/bin:$PATH
mkdir "$temporary/elsewhere"
cd "$temporary/elsewhere"
set -x
hebbian --version
python -m hebbian --version
hebbian doctor
hebbian theory --model hopfield --alpha 0.02:0.12:3 --T 0.1
hebbian sweep --model hopfield --alpha 0.02,0.1 --T 0.2,0.6 --n-spins 50 --n-samples 2 --warmup 5 \
    --sweeps 20 --out study.zarr
hebbian figure study.zarr --out figure
test -s figure.pdf
mypy --strict "$root/tests/calls_of_users.py"
tar -xzf "$temporary"/dist/*.tar.gz
HEBBIAN_PYTHON=$temporary/user/bin/python bash hebbian_toolkit-*/scripts/hopfield_load.sh --quick \
    "$temporary/study"
[[ -z ${kept:-} ]] || cp "$temporary"/dist/* "$kept"
