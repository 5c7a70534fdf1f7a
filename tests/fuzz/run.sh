#!/usr/bin/env bash
# Fuzzes every reader, or those that are named, for so many seconds of processor time each, on a stable compiler.
#   tests/fuzz/run.sh SECONDS [TARGET...]
#   An input that takes a second, or 512 MB, fails as one that panics does.
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
exec python3 run.py "$place" "$place/target/$target/release" "$seconds" "$@"
