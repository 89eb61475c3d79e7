#!/bin/sh
# Run once, by PostgreSQL's image, on an empty volume: one account and database for the books, one for Temporal.
set -eu
psql -v ON_ERROR_STOP=1 --username postgres --dbname postgres \
  -v dondoc="$DONDOC_DB_PASSWORD" -v temporal="$TEMPORAL_DB_PASSWORD" <<'SQL'
CREATE ROLE dondoc LOGIN PASSWORD :'dondoc';
CREATE ROLE temporal LOGIN PASSWORD :'temporal';
CREATE DATABASE dondoc OWNER dondoc;
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;
REVOKE CONNECT ON DATABASE dondoc FROM PUBLIC;
REVOKE CONNECT ON DATABASE temporal FROM PUBLIC;
REVOKE CONNECT ON DATABASE temporal_visibility FROM PUBLIC;
SQL
