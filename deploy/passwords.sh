#!/bin/sh
# Runs once in the database's container, after roles.sql: each role gets the password of its variable.
set -eu
for role in owner public office worker; do
    password=$(printenv "LINLI_PASSWORD_$(echo "$role" | tr a-z A-Z)")
    psql -v ON_ERROR_STOP=1 -v role="linli_$role" -v password="$password" --username postgres --dbname postgres <<'SQL'
ALTER ROLE :"role" PASSWORD :'password';
SQL
done
