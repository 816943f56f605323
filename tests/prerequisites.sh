#!/usr/bin/env bash
# Says which programs are missing for `make build`, `make run` or `make test`, and the Debian packages that have them.
# `--packages` prints those packages for everything, missing or not (for .ci/run).
set -euo pipefail

# program, Debian package, what it is needed for
needs='
cc       build-essential  build
cargo    cargo            build
make     make             build
node     nodejs           run
curl     curl             run
python3  python3          test
node     nodejs           test
curl     curl             test
nginx    nginx-light      test
'

if [ "${1:-}" = --packages ]; then
    awk 'NF && $1 != "cargo" { print $2 }' <<<"$needs" | sort -u | grep -v '^python3$'
    echo python3-venv
    exit
fi

goal=${1:?build, run or test}
programs=() packages=()
while read -r program package purpose; do
    [ -n "$program" ] || continue
    [ "$purpose" = "$goal" ] || [ "$purpose" = build ] || continue
    command -v "$program" >/dev/null || [ -x "/usr/sbin/$program" ] || { programs+=("$program"); packages+=("$package"); }
done <<<"$needs"
if [ "$goal" = test ] && command -v python3 >/dev/null && ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
    programs+=("python3's venv"); packages+=(python3-venv)
fi
[ ${#programs[@]} -eq 0 ] && exit
printf 'missing for make %s: %s\n' "$goal" "$(IFS=,; echo "${programs[*]}" | sed 's/,/, /g')" >&2
printf 'on Debian and Ubuntu: sudo apt-get install %s\n' "${packages[*]}" >&2
exit 1
