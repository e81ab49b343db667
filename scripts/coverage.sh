#!/bin/bash
# coverage.sh: line coverage of the tests as HTML. The tool's own LLVM does not come with Rust 1.95.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/ui.sh build
export LLVM_COV=${LLVM_COV:-/usr/bin/llvm-cov-19} LLVM_PROFDATA=${LLVM_PROFDATA:-/usr/bin/llvm-profdata-19}
# The same set as `make test-fast`; binaries that tests start are measured too.
cargo llvm-cov nextest --locked --html --output-dir coverage
cargo llvm-cov report --summary-only | tail -n 1
echo "coverage/html/index.html"
