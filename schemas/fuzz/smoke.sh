#!/bin/bash
# Runs each fuzz target for FUZZ_SECONDS (15) from its seeds; exits non-zero on a crash, whose input
# is kept in target/fuzz/crashes/TARGET/.
#
# The stable compiler instruments through LLVM's own pass, as `cargo fuzz` does without a sanitizer.
# Naming the target keeps build scripts and macros out of it.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
platform=x86_64-unknown-linux-gnu
seconds=${FUZZ_SECONDS:-15}

flags=(
    -Cpasses=sancov-module
    -Cllvm-args=-sanitizer-coverage-level=4
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters
    -Cllvm-args=-sanitizer-coverage-pc-table
    --cfg fuzzing
)

cd "$here"
RUSTFLAGS="${flags[*]}" CARGO_TARGET_DIR="$root/target/fuzz" \
    cargo build --release --locked --target "$platform"

corpora=$(mktemp -d)
trap 'rm -rf "$corpora"' EXIT

for target in ${FUZZ_TARGETS:-envelope mtom submission query update hl7v2 pix codes itk itk_answer smsp cda consent saml}; do
    echo "-- fuzz $target, $seconds s"
    cp -r "seeds/$target" "$corpora/$target"
    crashes="$root/target/fuzz/crashes/$target/"
    mkdir -p "$crashes"
    log="$corpora/$target.log"
    if ! "$root/target/fuzz/$platform/release/$target" \
        -max_total_time="$seconds" -max_len=65536 -rss_limit_mb=2048 -timeout=10 \
        -artifact_prefix="$crashes" "$corpora/$target" >"$log" 2>&1; then
        tail -n 60 "$log"
        echo "fuzz $target: failed, see $crashes" >&2
        exit 1
    fi
    tail -n 1 "$log"
done
