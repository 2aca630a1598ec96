/** The Debian package, and the oldest version that has what pgscale uses. */
export const PGBACKREST_PACKAGE = { name: 'pgbackrest', floor: '2.55' } as const;
