#!/bin/sh
# Makes the two roles and the database: the owner migrates, the app reads and writes rows (docs/operating.md).
# Runs as the superuser, once: by docker-compose's postgres when its volume is new, or by hand:
#   PGHOST=... PGUSER=postgres OWNER_PASSWORD=... APP_PASSWORD=... sh docs/roles.sh
set -eu
psql --quiet --variable ON_ERROR_STOP=1 --dbname postgres --username "${POSTGRES_USER:-${PGUSER:-postgres}}" \
    --variable owner_password="$OWNER_PASSWORD" --variable app_password="$APP_PASSWORD" <<'SQL'
CREATE ROLE leadqual_owner LOGIN NOSUPERUSER NOCREATEROLE CREATEDB PASSWORD :'owner_password';
CREATE ROLE leadqual_app LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB PASSWORD :'app_password';
CREATE DATABASE leadqual OWNER leadqual_owner TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8';
REVOKE CONNECT ON DATABASE leadqual FROM PUBLIC;
GRANT CONNECT ON DATABASE leadqual TO leadqual_app;
SQL
