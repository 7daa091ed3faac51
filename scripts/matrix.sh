#!/usr/bin/env bash
# The package as it is installed, tested with every Python that is at hand, with the oldest packages
# that pyproject.toml allows and with the newest; ends with a table, which docs/install.md states.
# Usage: matrix.sh [ARGUMENTS OF PYTEST]    (default: a few hundred tests of all four rooms)
# Needs a network: uv comes from the package index, environments are kept in results/matrix.
set -euo pipefail
unset PYTHONPATH
cd "$(dirname "${BASH_SOURCE[0]}")/.."

chosen=("$@")
(($#)) || chosen=(
    tests/test_golden.py tests/hebbian/test_tabulated.py tests/theory/test_labelled.py
    tests/montecarlo/test_checkpoint.py tests/phase_diagrams/test_exports.py
    tests/phase_diagrams/test_figures.py
)

# The shims of version managers answer to names of interpreters that are not chosen.
find_python() {
    local candidate
    for candidate in "python$1" "${PYENV_ROOT:-$HOME/.pyenv}/versions/$1".*/bin/python; do
        if "$candidate" -c 'import sys; sys.exit("%d.%d" % sys.version_info[:2] != sys.argv[1])' \
            "$1" 2>/dev/null; then
            "$candidate" -c 'import sys; print(sys.executable)'
            return
        fi
    done
}

home=results/matrix
mkdir -p "$home"
uv=$(command -v uv) || {
    uv=$home/tools/bin/uv
    [[ -x $uv ]] || {
        python3 -m venv "$home/tools"
        "$home/tools/bin/python" -m pip install --quiet --disable-pip-version-check uv
    }
}
rm -rf "$home/dist"
"$uv" build --quiet --wheel --out-dir "$home/dist"
extras=(--extra completion --extra data --extra html)
failed=0
table=()
for version in 3.11 3.12 3.13; do
    python=$(find_python "$version")
    [[ -n $python ]] || {
        table+=("Python $version: not at hand")
        continue
    }
    for resolution in lowest-direct highest; do
        there=$home/$version-$resolution
        packages=$there/packages.txt
        # Of binary packages alone: what has to be compiled is not what users get.
        "$uv" venv --quiet --clear --python "$python" "$there"
        "$uv" pip compile --quiet --python "$there/bin/python" --resolution "$resolution" --no-build \
            "${extras[@]}" --no-annotate --no-header --output-file "$packages" pyproject.toml
        # What runs the tests is the newest, beside packages that stay what they are.
        "$uv" pip install --quiet --python "$there" --no-build --constraint "$packages" \
            "$(echo "$home"/dist/*.whl)[completion,data,html]" pytest hypothesis pytest-xdist
        verdict=passed
        NUMBA_CACHE_DIR=$PWD/$there/numba "$there/bin/pytest" --numprocesses 2 --dist loadgroup \
            "${chosen[@]}" || verdict=FAILED failed=1
        found=$(grep -E '^(numpy|scipy|numba|xarray|zarr|matplotlib)==' "$packages" | paste -sd ' ')
        table+=("$("$there/bin/python" --version), $resolution: $verdict with $found")
    done
done
printf '%s\n' "" "${table[@]}"
exit "$failed"
