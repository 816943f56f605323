#!/bin/sh
# Fuzzes every target for so many seconds each (default 10): fuzz/run.sh [SECONDS [TARGET…]].
#
# cargo-fuzz wants a nightly compiler for its sanitizers. Tollgate forbids unsafe code, so coverage is all that is needed, and the
# stable compiler gives that: the flags below are those of cargo-fuzz without its sanitizer. Where nightly and cargo-fuzz are
# installed, `cargo fuzz run TARGET fuzz/corpus/TARGET fuzz/seeds/TARGET` works too.
set -eu
cd "$(dirname "$0")"
seconds=${1:-10}
[ $# -gt 0 ] && shift
case $seconds in '' | *[!0-9]*) echo "fuzz/run.sh: SECONDS is a number, not '$seconds'" >&2; exit 2 ;; esac
command -v c++ >/dev/null || {
    echo "fuzz/run.sh: libFuzzer needs a C++ compiler: apt-get install g++" >&2
    exit 2
}

all=$(for file in fuzz_targets/*.rs; do basename "$file" .rs; done)
for target in $all; do
    grep -q "^name = \"$target\"\$" Cargo.toml || {
        echo "fuzz/run.sh: fuzz_targets/$target.rs has no [[bin]] in fuzz/Cargo.toml" >&2
        exit 2
    }
done
[ $# -gt 0 ] || set -- $all

host=$(rustc -vV | sed -n 's/^host: //p')
coverage="-sanitizer-coverage-level=4 -sanitizer-coverage-inline-8bit-counters -sanitizer-coverage-pc-table -sanitizer-coverage-trace-compares -simplifycfg-branch-fold-threshold=0"
flags="--cfg fuzzing -Cpasses=sancov-module -Ccodegen-units=1"
for flag in $coverage; do flags="$flags -Cllvm-args=$flag"; done
echo "building the fuzz targets"
RUSTFLAGS="$flags" cargo build --quiet --release --target-dir target --target "$host" $(for target in "$@"; do echo "--bin $target"; done)

failed=""
for target in "$@"; do
    mkdir -p "corpus/$target" "artifacts/$target" "seeds/$target"
    log="artifacts/$target/log"
    echo "fuzzing $target for $seconds s"
    # A unit that takes 5 s or a process that takes 1 GiB is a finding like a panic.
    if "target/$host/release/$target" "corpus/$target" "seeds/$target" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=1024 \
        -max_len=16384 -print_final_stats=1 -artifact_prefix="artifacts/$target/" >"$log" 2>&1; then
        runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
        coverage=$(sed -n 's/.*cov: \([0-9]*\).*/\1/p' "$log" | tail -n 1)
        echo "  $runs runs, $coverage edges, nothing found"
    else
        failed="$failed $target"
        tail -n 40 "$log"
        echo "  $target failed; its input is in fuzz/artifacts/$target/"
    fi
done
[ -z "$failed" ] || { echo "fuzz/run.sh: failed:$failed" >&2; exit 1; }
