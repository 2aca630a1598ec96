/** A full backup as `pgbackrest info` tells of it, with WAL of one segment of timeline 1. */
export function fullBackup(label: string, bytes: number): object {
  return {
    label,
    type: 'full',
    prior: null,
    backrest: { version: '2.60.0' },
    archive: { start: '000000010000000000000003', stop: '000000010000000000000003' },
    timestamp: { start: 1, stop: 2 },
    database: { id: 1 },
    info: { size: bytes, delta: bytes, repository: { delta: 1 } },
  };
}
