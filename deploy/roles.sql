-- Once, as the database's superuser, before the first `linli db migrate`:  psql -v ON_ERROR_STOP=1 -f deploy/roles.sql postgres
-- Who may log in as which role is pg_hba.conf's to say (docs/operate/roles.md); no password stands here.
CREATE ROLE linli_owner LOGIN;   -- migrates and grants; no process that serves anybody runs as it
CREATE ROLE linli_public LOGIN;  -- the public site
CREATE ROLE linli_office LOGIN;  -- the officers' site
CREATE ROLE linli_worker LOGIN;  -- background jobs

-- A page never waits long, and a stuck one ends by itself. Jobs and migrations take the time they need.
ALTER ROLE linli_public SET statement_timeout = '15s';
ALTER ROLE linli_public SET lock_timeout = '5s';
ALTER ROLE linli_public SET idle_in_transaction_session_timeout = '30s';
ALTER ROLE linli_office SET statement_timeout = '120s';
ALTER ROLE linli_office SET idle_in_transaction_session_timeout = '180s';
ALTER ROLE linli_public CONNECTION LIMIT 60;

CREATE DATABASE linli OWNER linli_owner ENCODING 'UTF8' TEMPLATE template0 LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8';
REVOKE ALL ON DATABASE linli FROM PUBLIC;
GRANT CONNECT ON DATABASE linli TO linli_public, linli_office, linli_worker;
GRANT TEMPORARY ON DATABASE linli TO linli_office, linli_worker;  -- imports and screenings stage their rows
