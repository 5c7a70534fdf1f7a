#!/usr/bin/env bash
# Fuzzes every reader, or those that are named, for so many seconds each, on a stable compiler.
#   tests/fuzz/run.sh SECONDS [TARGET...]
#   BRASA_FUZZ  folder for builds and what was found (default: the user's cache folder)
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:?how many seconds for each target}
shift
place="${BRASA_FUZZ:-${XDG_CACHE_HOME:-$HOME/.cache}/brasa-fuzz}"
# libFuzzer's counters are passes of the compiler; with a target named, programs of the build have none.
passes="-Cpasses=sancov-module"
for option in level=4 inline-8bit-counters pc-table trace-compares; do
    passes="$passes -Cllvm-args=-sanitizer-coverage-$option"
done
target=$(rustc -vV | sed -n 's/^host: //p')
RUSTFLAGS="--cfg fuzzing $passes" cargo build --release --target "$target" --target-dir "$place/target"
python3 seeds.py "$place/corpus"
if [ $# -eq 0 ]; then
    set -- $(sed -n 's/^name = "\([a-z_]*\)"$/\1/p' Cargo.toml)
fi
failed=0
for name in "$@"; do
    mkdir -p "$place/found/$name"
    # A byte of a picture can be a second's work for a decoder that is not optimised for counters: twice the time is allowed.
    if "$place/target/$target/release/$name" "$place/corpus/$name" -max_total_time="$seconds" -rss_limit_mb=512 \
        -timeout=2 -max_len=4096 -artifact_prefix="$place/found/$name/" -print_final_stats=1 >"$place/$name.log" 2>&1; then
        printf '%-14s %s\n' "$name" "$(grep -E 'number_of_executed_units' "$place/$name.log" | tr -s ' ')"
    else
        printf '%-14s FAILED, see %s\n' "$name" "$place/$name.log"
        failed=1
    fi
done
exit $failed
