# Sourced by the other scripts: makes .venv with the pinned packages, once, and enters it.
# Usage: source environment.sh [EXTRA]    (EXTRA: an optional dependency group, "test")
# HEBBIAN_PYTHON names an interpreter that has the package already: nothing is installed then.
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit

find_python() {
    local candidate
    for candidate in python3 python3.13 python3.12 python3.11 python; do
        if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
            2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "error: Python 3.11, 3.12 or 3.13 is needed and none was found" >&2
    return 1
}

enter_environment() {
    local extra=${1:-} python wanted ready=.venv/ready${1:+-$1}
    wanted=$(cat pyproject.toml constraints.txt | cksum)
    if [[ ! -x .venv/bin/python || "$(cat "$ready" 2>/dev/null)" != "$wanted" ]]; then
        python=$(find_python)
        echo "Installing into .venv (about a minute) ..." >&2
        [[ -x .venv/bin/python ]] || "$python" -m venv .venv
        .venv/bin/python -m pip install --quiet --disable-pip-version-check \
            --constraint constraints.txt --editable ".${extra:+[$extra]}"
        echo "$wanted" >"$ready"
    fi
    PATH=$PWD/.venv/bin:$PATH
}

if [[ -n ${HEBBIAN_PYTHON:-} ]]; then
    PATH=$(dirname "$HEBBIAN_PYTHON"):$PATH
else
    enter_environment "${1:-}"
fi
