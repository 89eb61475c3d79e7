#!/bin/sh
# Bring Temporal's two databases to the schema of this version; safe to repeat. Reads SQL_* from the environment.
set -eu
schema=/etc/temporal/schema/postgresql/v12
for pair in temporal=temporal temporal_visibility=visibility; do
  database=${pair%%=*}
  temporal-sql-tool --database "$database" setup-schema --version 0.0
  temporal-sql-tool --database "$database" update-schema --schema-dir "$schema/${pair#*=}/versioned"
done
