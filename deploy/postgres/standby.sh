#!/bin/sh
# A standby of PRIMARY: copies it when its own data directory is empty, then follows it. It waits for no standby of its
# own, so that it can be written to once it is promoted.
set -eu
data=${PGDATA:-/var/lib/postgresql/18/docker}
PGPASSWORD=$(cat "$PASSWORD_FILE")
export PGPASSWORD
if [ ! -s "$data/PG_VERSION" ]; then
    rm -rf "$data" "$data.new"
    mkdir -p "$(dirname "$data")"
    pg_basebackup --host "$PRIMARY" --username postgres --pgdata "$data.new" --write-recovery-conf \
        --wal-method=stream --checkpoint=fast
    chmod 0700 "$data.new"
    mv "$data.new" "$data"
fi
exec postgres -D "$data" -c synchronous_standby_names=
