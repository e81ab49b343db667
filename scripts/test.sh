#!/bin/bash
# test.sh: everything that can be checked, quick things first. Stops at the first failure.
# SKIP=desktop,web,editor,stores,databases leaves parts out; nothing is left out without being asked.
set -euo pipefail
cd "$(dirname "$0")/.."
: "${CARGO_TARGET_DIR:?run this by make test}" "${MEDALLION_VENV:?run this by make test}"
step=scripts/step.sh
skip=",${SKIP:-},"
started=$SECONDS
ran=()
left=()

asked=${SKIP:-}
for part in ${asked//,/ }; do
    case $part in desktop | web | editor | stores | databases) ;; *)
        echo "SKIP takes desktop, web, editor, stores and databases, not $part" >&2
        exit 2
        ;;
    esac
done

run() { # NAME COMMAND...
    "$step" "$@"
    ran+=("$1")
}
optional() { # PART NAME COMMAND...
    if [[ $skip == *",$1,"* ]]; then left+=("$2"); else run "${@:2}"; fi
}

run "tools" scripts/setup.sh test
run "format" cargo fmt --all --check
# The program and the window embed the front end, so it comes before any cargo call on them.
run "front end build" scripts/ui.sh build
run "front end check" scripts/ui.sh check
run "front end tests" scripts/ui.sh test
run "dependencies" cargo deny --offline check bans licenses sources
run "lock of the example" cargo tree --locked --depth 0 --manifest-path examples/storage-memory/Cargo.toml
run "clippy" cargo clippy --locked --workspace --all-targets --all-features -- -D warnings
# One build for all that follows: the same packages and features, so that nothing is compiled twice.
run "build" cargo build --locked --workspace --all-features --all-targets
run "house rules" "$CARGO_TARGET_DIR/debug/xtask" tidy
filter='not binary(desktop)'
if [[ $skip == *",editor,"* ]]; then
    filter+=' and not binary(lsp_editor)'
    left+=("editor end to end")
fi
run "tests" cargo nextest run --locked --workspace --all-features -E "$filter"
optional stores "storage services" scripts/services.sh run \
    cargo nextest run --locked --workspace --all-features -E 'binary(stores)' --run-ignored only \
    --test-threads 2 --success-output final
optional databases "database servers" scripts/databases.sh run \
    cargo nextest run --locked --workspace --all-features -E 'test(extract::db::tests::servers)' --run-ignored only \
    --success-output final
optional stores "further kinds of storage" cargo run --locked --quiet --manifest-path examples/storage-memory/Cargo.toml
run "damaged configurations, 60 s" "$CARGO_TARGET_DIR/debug/fuzz_config" 60
run "published schema" "$MEDALLION_VENV/bin/python" scripts/check_schema.py
run "demo numbers" scripts/demo-numbers.sh "$CARGO_TARGET_DIR/debug/medallion"
optional web "web end to end" scripts/ui.sh e2e
optional desktop "desktop end to end" dbus-run-session -- xvfb-run -a -s "-screen 0 1280x800x24" \
    cargo nextest run --locked --workspace --all-features -E 'binary(desktop)'

list() { local IFS=,; echo "${*}" | sed 's/,/, /g'; }
echo
echo "make test: passed in $((SECONDS - started)) s. Ran: $(list "${ran[@]}").${left[*]:+ Left out as asked: $(list "${left[@]}").}"
