#!/bin/bash
# databases.sh run COMMAND...: runs a command beside PostgreSQL and MariaDB, and stops them.
# databases.sh start FOLDER: starts them and writes FOLDER/env for `source`; databases.sh stop FOLDER.
# They listen on free ports of 127.0.0.1, keep their data in the folder, and are stopped by their ids.
# Servers refuse to run as root, so root hands them to the users `postgres` and `mysql`.
set -euo pipefail
postgres=${POSTGRES_BIN:-$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)}
mariadbd=$(command -v mariadbd || echo /usr/sbin/mariadbd)

as() { # USER COMMAND...
    local user=$1
    shift
    if [ "$(id -u)" = 0 ]; then runuser -u "$user" -- "$@"; else "$@"; fi
}
own() { # USER FOLDER
    mkdir -p "$2"
    if [ "$(id -u)" = 0 ]; then chown "$1" "$2"; fi
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

until_up() { # SECONDS COMMAND...
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        if [ "$SECONDS" -ge "$end" ]; then return 1; fi
        sleep 0.2
    done
}

start() {
    local folder=$1 port
    mkdir -p "$folder"
    chmod 755 "$folder"
    [ -x "$postgres/initdb" ] && [ -x "$mariadbd" ] || { echo "databases: PostgreSQL or MariaDB is missing: scripts/setup.sh databases" >&2; return 1; }
    own postgres "$folder/postgres"
    own mysql "$folder/mysql"

    port=$(free_port)
    echo readpass >"$folder/password"
    chmod 644 "$folder/password"
    as postgres "$postgres/initdb" -D "$folder/postgres/data" -U reader --auth=scram-sha-256 --pwfile="$folder/password" \
        --encoding=UTF8 --locale=C.UTF-8 --no-sync >"$folder/postgres.log" 2>&1
    as postgres "$postgres/postgres" -D "$folder/postgres/data" -c listen_addresses=127.0.0.1 -c port="$port" \
        -c unix_socket_directories="$folder/postgres" -c fsync=off >>"$folder/postgres.log" 2>&1 &
    echo "export MEDALLION_TEST_POSTGRES=postgres://reader:readpass@127.0.0.1:$port/postgres" >"$folder/env"
    until_up 60 "$postgres/pg_isready" -h 127.0.0.1 -p "$port" || { fail "$folder" postgres; return 1; }

    port=$(free_port)
    as mysql mariadb-install-db --no-defaults --datadir="$folder/mysql/data" --auth-root-authentication-method=normal \
        --skip-test-db >"$folder/mysql.log" 2>&1
    as mysql "$mariadbd" --no-defaults --datadir="$folder/mysql/data" --socket="$folder/mysql/s" --pid-file="$folder/mysql/pid" \
        --bind-address=127.0.0.1 --port="$port" --innodb-flush-log-at-trx-commit=0 >>"$folder/mysql.log" 2>&1 &
    echo "export MEDALLION_TEST_MARIADB=mysql://reader:readpass@127.0.0.1:$port/lake" >>"$folder/env"
    until_up 60 mariadb-admin --no-defaults -S "$folder/mysql/s" -u root ping || { fail "$folder" mysql; return 1; }
    mariadb --no-defaults -S "$folder/mysql/s" -u root -e "CREATE DATABASE lake CHARACTER SET utf8mb4; \
        CREATE USER reader@'127.0.0.1' IDENTIFIED BY 'readpass'; GRANT ALL ON lake.* TO reader@'127.0.0.1'; \
        CREATE USER reader@localhost IDENTIFIED BY 'readpass'; GRANT ALL ON lake.* TO reader@localhost"
}

fail() { # FOLDER NAME
    echo "databases: $2 did not start" >&2
    tail -n 5 "$1/$2.log" >&2
    stop "$1"
}

stop() {
    local folder=$1 file pid
    for file in "$folder/postgres/data/postmaster.pid" "$folder/mysql/pid"; do
        [ -e "$file" ] || continue
        pid=$(head -n 1 "$file")
        # At once and politely: shared memory is given back, unlike after -9.
        kill -QUIT "$pid" 2>/dev/null || true
        [ "$file" = "$folder/mysql/pid" ] && kill -TERM "$pid" 2>/dev/null || true
        for _ in $(seq 50); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
        kill -9 "$pid" 2>/dev/null || true
    done
}

case "${1:-}" in
start) start "$2" ;;
stop) stop "$2" ;;
run)
    shift
    # Below /tmp, where other users may look.
    folder=$(mktemp -d /tmp/medallion-databases.XXXXXX)
    trap 'stop "$folder"; rm -rf "$folder"' EXIT
    start "$folder"
    # shellcheck source=/dev/null
    source "$folder/env"
    "$@"
    ;;
*)
    sed -n '2,5p' "$0" >&2
    exit 2
    ;;
esac
