#!/usr/bin/env bash
# Starts the petstore's backend and Tollgate with the petstore deployed, and prints the README's curl lines. Ctrl-C stops both.
#     run.sh path/to/tollgate [further arguments of tollgate dev]
# BACKEND_PORT is the backend's port: 9080 unless given, 0 picks a free one.
set -euo pipefail
tollgate=${1:?the tollgate program}
shift
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)

children=()
stop() {
    trap '' EXIT INT TERM
    for child in "${children[@]}"; do kill "$child" 2>/dev/null || true; done
    for child in "${children[@]}"; do while kill -0 "$child" 2>/dev/null; do sleep 0.05; done; done
    rm -rf "$scratch"
}
trap stop EXIT
trap 'stop; exit 0' INT TERM

# The backend says where it listens, or why it cannot.
exec {backend}< <(exec node "$here/backend.mjs" "${BACKEND_PORT:-9080}" 2>&1)
children+=($!)
if ! read -r -t 20 line <&"$backend" || [[ $line != "petstore backend on "* ]]; then
    echo "the petstore's backend cannot listen on 127.0.0.1:${BACKEND_PORT:-9080} (is something else there?)" >&2
    exit 1
fi
echo "$line"
definition=$here/petstore.yaml
if [[ $line != *:9080 ]]; then
    sed "s/:9080/:${line##*:}/" "$definition" >"$scratch/petstore.yaml"
    definition=$scratch/petstore.yaml
fi

curl_lines() {
    echo
    echo "Try, in another terminal (Ctrl-C here stops everything):"
    sed -n 's/^    \(curl .*\)$/  \1/p' "$here/README.md" | sed "s|\\\$api|$1|g"
    echo
}

exec {gateway}< <(exec "$tollgate" dev "$definition" "$@")
children+=($!)
while IFS= read -r line <&"$gateway"; do
    echo "$line"
    if [[ $line =~ ^"tollgate ready: APIs and AWS calls on http://"[^:]*:([0-9]+), ]]; then
        curl_lines "http://petstore.execute-api.localhost:${BASH_REMATCH[1]}/dev"
    fi
done
# It ended by itself and has said why.
exit 1
