#!/bin/sh
# Runs once, when the server's data directory is new: the department's database, its owner and its application role.
set -eu
OWNER_PASSWORD=$(cat "$OWNER_PASSWORD_FILE") APP_PASSWORD=$(cat "$APP_PASSWORD_FILE")
export OWNER_PASSWORD APP_PASSWORD
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set name="$DEPARTMENT" --set owner="${DEPARTMENT}_owner" <<'SQL'
\getenv owner_password OWNER_PASSWORD
\getenv app_password APP_PASSWORD
create role :"owner" login password :'owner_password';
create role :"name" login password :'app_password';
create database :"name" owner :"owner" template template0 encoding 'UTF8' locale_provider builtin builtin_locale 'C.UTF-8' locale 'C';
revoke all on database :"name" from public;
grant connect, temporary on database :"name" to :"name";
SQL
