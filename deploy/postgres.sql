-- The bot's role and database. Run it once, as a superuser, with psql and the password in a file:
--     PASSWORD_FILE=/path/to/it psql --file postgres.sql
-- The bot makes its tables itself, at its first start.
\set ON_ERROR_STOP on
\set password `cat "${PASSWORD_FILE:-/run/secrets/database-password}"`
set log_statement = 'none';  -- a server that logs statements would log the password
set log_min_error_statement = 'panic';
create role session_bot login nosuperuser nocreatedb nocreaterole noreplication password :'password';
create database session_bot owner session_bot template template0 encoding 'UTF8';
revoke all on database session_bot from public;
\connect session_bot
alter schema public owner to session_bot;
revoke all on schema public from public;
