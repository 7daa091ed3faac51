# Sourced by the studies. Usage: source study.sh NAME [--quick] [FOLDER]
# Enters the environment and sets `folder`, where results go, and `quick`: flags that shrink a
# study to seconds (sizes too small for physics), empty for the study itself.
study=$1
quick=()
shift
while (($#)); do
    case $1 in
        --quick) quick=(--set settings.n_samples=2 --set settings.warmup=5 --set settings.sweeps=20) ;;
        -*)
            echo "error: $1 is not a flag of $study.sh: it takes --quick and a folder" >&2
            exit 2
            ;;
        *) folder=$1 ;;
    esac
    shift
done
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=${folder:-$here/results/$study${quick:+_quick}}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
workers="process:$(getconf _NPROCESSORS_ONLN)"
# shellcheck disable=SC2034 # read by the scripts that source this one
[[ ${#quick[@]} == 0 ]] || workers=serial # starting processes takes longer than the study
source "$here/scripts/environment.sh" ""
