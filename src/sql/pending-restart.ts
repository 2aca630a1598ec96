/**
 * A query for the names of the parameters in the file that wait for a restart. Patroni writes `recovery_target…` for a standby
 * and takes it out again when that is promoted, which PostgreSQL calls a change; a primary has no use for them, and Patroni
 * does not count them either.
 * https://www.postgresql.org/docs/18/runtime-config-wal.html#RUNTIME-CONFIG-WAL-RECOVERY-TARGET
 */
export const PENDING_RESTART = `select name from pg_settings where pending_restart and name not like 'recovery\\_target%'`;
