#!/bin/bash
# demo-numbers.sh PROGRAM: runs the demo in a fresh folder and recomputes every number from the CSVs with DuckDB.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp -R configs/nycflights13.yaml configs/data "$folder/"
"$1" run "$folder" --date 2013-01-01..2013-01-03 --quiet --json | tail -n 1 >"$folder/report.json"
"$MEDALLION_VENV/bin/python" scripts/demo_numbers.py "$folder"
