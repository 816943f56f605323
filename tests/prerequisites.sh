#!/usr/bin/env bash
# Sees to the programs that the goals of the Makefile need. What is missing and a Debian package has is
# installed, where this user may install; otherwise the packages are named.
set -euo pipefail

# program, Debian package, what it is needed for
needs='
cc       build-essential  build
make     make             build
node     nodejs           run
curl     curl             run
python3  python3          test
node     nodejs           test
curl     curl             test
nginx    nginx-light      test
openssl  openssl          test
python3  python3          h2spec
openssl  openssl          h2spec
python3  python3          soak
openssl  openssl          soak
python3  python3          bench
nginx    nginx-light      bench
wrk      wrk              bench
h2load   nghttp2-client   bench
openssl  openssl          bench
taskset  util-linux       bench
python3  python3          differential
javac    openjdk-17-jdk-headless  differential
'

goal=${1:?build, run, test, h2spec, soak, bench or differential}
if ! command -v "${CARGO:-cargo}" >/dev/null; then
    # Debian's own is older than what is needed here.
    echo 'cargo is missing: install a Rust toolchain with rustup' >&2
    exit 1
fi

programs=() packages=()
while read -r program package purpose; do
    [ -n "$program" ] || continue
    [ "$purpose" = "$goal" ] || [ "$purpose" = build ] || continue
    command -v "$program" >/dev/null || [ -x "/usr/sbin/$program" ] || { programs+=("$program"); packages+=("$package"); }
done <<<"$needs"
if [ "$goal" = test ] && command -v python3 >/dev/null && ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
    programs+=("python3's venv"); packages+=(python3-venv)
fi
if [ "$goal" = differential ]; then
    [ -e /usr/share/java/velocity.jar ] || { programs+=(Velocity); packages+=(velocity); }
    [ -e /usr/share/java/json-path.jar ] || { programs+=("Jayway's JsonPath"); packages+=(libjsonpath-java); }
fi
[ ${#programs[@]} -eq 0 ] && exit

printf 'missing for make %s: %s\n' "$goal" "$(IFS=,; echo "${programs[*]}" | sed 's/,/, /g')" >&2
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo -n)
if ! command -v apt-get >/dev/null || ! "${as_root[@]}" true 2>/dev/null; then
    printf 'on Debian and Ubuntu: sudo apt-get install %s\n' "${packages[*]}" >&2
    exit 1
fi
printf 'installing %s\n' "${packages[*]}" >&2
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >&2
