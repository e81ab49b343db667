#!/bin/bash
# services.sh run COMMAND...: runs a command beside SeaweedFS (S3) and Azurite (Azure), and stops them.
# services.sh start FOLDER: starts them and writes FOLDER/env for `source`; services.sh stop FOLDER.
# They listen on free ports of 127.0.0.1, keep their data in the folder, and are stopped by their ids.
set -euo pipefail
cache=${CACHE:-$HOME/.cache/medallion-workbench}
venv=${MEDALLION_VENV:-$cache/venv}
azurite=${AZURITE:-$cache/azurite/node_modules/.bin/azurite-blob}
weed=${WEED:-$venv/bin/weed}

free_ports() { # N: ports nobody listens on; those 10000 above, where SeaweedFS speaks too, are free as well
    python3 - "$1" <<'PYTHON'
import random, socket, sys
found = []
while len(found) < int(sys.argv[1]):
    port = random.randrange(20000, 30000)
    try:
        for number in (port, port + 10000):
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", number))
    except OSError:
        continue
    if port not in found:
        found.append(port)
print(*found)
PYTHON
}

answers() { # URL SECONDS: whether anything answers, whatever it says
    python3 - "$1" "$2" <<'PYTHON'
import sys, time, urllib.error, urllib.request
end = time.monotonic() + float(sys.argv[2])
while time.monotonic() < end:
    try:
        urllib.request.urlopen(sys.argv[1], timeout=2)
        sys.exit(0)
    except urllib.error.HTTPError:
        sys.exit(0)
    except Exception:
        time.sleep(0.2)
sys.exit(1)
PYTHON
}

start() {
    local folder=$1 ports
    mkdir -p "$folder/weed"
    [ -x "$weed" ] && [ -x "$azurite" ] || { echo "services: SeaweedFS or Azurite is missing: scripts/setup.sh stores" >&2; return 1; }
    read -ra ports < <(free_ports 6)
    cat >"$folder/s3.json" <<'JSON'
{"identities": [
  {"name": "lake", "credentials": [{"accessKey": "lakekey", "secretKey": "lakesecret"}], "actions": ["Admin", "Read", "Write", "List", "Tagging"]},
  {"name": "reader", "credentials": [{"accessKey": "readkey", "secretKey": "readsecret"}], "actions": ["Read", "List"]}
]}
JSON
    "$weed" server -dir="$folder/weed" -ip=127.0.0.1 -ip.bind=127.0.0.1 -master.port="${ports[0]}" \
        -volume.port="${ports[1]}" -filer -filer.port="${ports[2]}" -s3 -s3.port="${ports[3]}" \
        -s3.port.iceberg=0 -s3.config="$folder/s3.json" -s3.iam=false -master.telemetry=false -metricsPort="${ports[5]}" \
        -master.volumeSizeLimitMB=64 -volume.max=0 >"$folder/weed.log" 2>&1 &
    echo $! >"$folder/weed.pid"
    # Not in memory: there each blob is an extent of its own, and the collection of garbage that starts
    # after ten minutes answers nobody for minutes. In files many blobs share an extent.
    "$azurite" --blobHost 127.0.0.1 --blobPort "${ports[4]}" --location "$folder/azurite" --skipApiVersionCheck \
        --disableTelemetry --silent >"$folder/azurite.log" 2>&1 &
    echo $! >"$folder/azurite.pid"
    cat >"$folder/env" <<ENV
export MEDALLION_TEST_S3=http://127.0.0.1:${ports[3]}
# The files of S3 as plain files of the web.
export MEDALLION_TEST_WEB=http://127.0.0.1:${ports[2]}/buckets
export MEDALLION_TEST_AZURE=http://127.0.0.1:${ports[4]}/devstoreaccount1
ENV
    if ! answers "http://127.0.0.1:${ports[3]}/healthz" 90 || ! answers "http://127.0.0.1:${ports[4]}/" 60; then
        echo "services: they did not start" >&2
        tail -n 5 "$folder"/*.log >&2
        stop "$folder"
        return 1
    fi
    python3 "$(dirname "$0")/service_places.py" "http://127.0.0.1:${ports[2]}" "http://127.0.0.1:${ports[4]}/devstoreaccount1"
}

stop() {
    local folder=$1 pid
    for pid in "$folder"/*.pid; do
        # SeaweedFS takes half a minute to end politely, and its data is ours to throw away.
        [ -e "$pid" ] && kill -9 "$(cat "$pid")" 2>/dev/null || true
        rm -f "$pid"
    done
}

case "${1:-}" in
start) start "$2" ;;
stop) stop "$2" ;;
run)
    shift
    folder=$(mktemp -d)
    trap 'stop "$folder"; rm -rf "$folder"' EXIT
    start "$folder"
    # shellcheck source=/dev/null
    source "$folder/env"
    "$@"
    ;;
*)
    sed -n '2,4p' "$0" >&2
    exit 2
    ;;
esac
