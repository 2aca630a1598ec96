/** An option of initdb as Patroni's config has it: a name, or a name with its value. */
export type InitdbOption = string | Readonly<Record<string, string>>;

/**
 * How a new data directory is made. `C.UTF-8` comes with PostgreSQL itself and sorts alike on every system for ever; any
 * other locale is ICU's, which hosts have without locale-gen. initdb's own pg_hba.conf lets nobody in from outside: ours
 * stands in for it.
 * https://www.postgresql.org/docs/18/app-initdb.html, https://www.postgresql.org/docs/18/locale.html#LOCALE-PROVIDERS
 */
export function initdbOptions(locale: string): InitdbOption[] {
  const isBuiltin = /^(?:C|C\.UTF-?8|PG_UNICODE_FAST)$/iu.test(locale);
  const collation = isBuiltin
    ? [{ 'locale-provider': 'builtin' }, { 'builtin-locale': locale.replace(/^C\.utf-?8$/iu, 'C.UTF-8') }]
    : [{ 'locale-provider': 'icu' }, { 'icu-locale': locale.replace(/\..*$/u, '').replace('_', '-') }];
  return [
    'data-checksums',
    { encoding: 'UTF8' },
    ...collation,
    { locale: 'C.UTF-8' },
    { 'auth-local': 'peer' },
    { 'auth-host': 'reject' },
  ];
}
