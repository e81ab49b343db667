#!/bin/bash
# ui.sh build|check|test|e2e: the front end's own tasks. `build` does nothing when nothing changed.
set -euo pipefail
cd "$(dirname "$0")/../ui"

# Packages are installed again only when the lock file changed.
install() {
    if ! cmp -s package-lock.json node_modules/.installed-lock; then
        npm ci --no-audit --no-fund --loglevel=error
        cp package-lock.json node_modules/.installed-lock
    fi
}

# Everything that goes into the bundle, in one number.
state() {
    find . -path ./node_modules -prune -o -path ./dist -prune -o -path ./e2e -prune -o -type f -print0 |
        LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1
}

install
case "$1" in
build)
    state=$(state)
    if [ -f dist/index.html ] && [ "$(cat node_modules/.built-state 2>/dev/null)" = "$state" ]; then
        echo "   ui/dist is fresh"
    else
        npm run --silent build
        echo "$state" >node_modules/.built-state
    fi
    ;;
check | test | e2e) npm run --silent "$1" ;;
*)
    echo "usage: ui.sh build|check|test|e2e" >&2
    exit 2
    ;;
esac
