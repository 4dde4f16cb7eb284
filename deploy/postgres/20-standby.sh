#!/bin/sh
# Runs once, when the server's data directory is new: a standby may copy it and follow, and nothing counts as stored that
# the standby has not got.
set -eu
echo "host replication postgres all scram-sha-256" >> "$PGDATA/pg_hba.conf"
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
alter system set max_slot_wal_keep_size = '4GB';
alter system set synchronous_standby_names = '*';
SQL
