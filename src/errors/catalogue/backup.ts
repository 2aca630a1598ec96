import type { CatalogueEntry } from './entry.ts';

export const BACKUP_ERRORS = {
  PGS_NO_BACKUP: {
    exit: 'usage',
    title: 'The spec says nothing of backups.',
    why: 'Without `backup` in the spec there is no repository, and nothing is archived.',
    fix: 'Add `backup` to the spec (`pgscale schema`, docs/guide/backup.md) and run `pgscale apply`.',
  },
  PGS_REPOSITORY: {
    exit: 'checkFailed',
    title: 'The backup repository cannot be used.',
    why: 'It does not answer, refuses the login, shows a certificate of another authority, or holds the archive of another cluster under this name. The message has what pgBackRest says.',
    fix: 'Correct what the message names (`backup.repository` in the spec, the keys in the secrets file, the store itself), then `pgscale apply` and `pgscale backup check`.',
  },
  PGS_BACKUP_FAILED: {
    exit: 'unexpected',
    title: 'A backup, or looking after the backups, failed.',
    why: 'The message has what pgBackRest says. A backup that failed is no backup; what it has copied is used by the next one.',
    fix: 'Solve what the message names and run the same command again; `pgscale backup check` tests the way to the repository.',
  },
  PGS_RESTORE_TARGET: {
    exit: 'checkFailed',
    title: 'The repository does not lead to the moment that was asked for.',
    why: 'It is in the future, before the end of the first backup, behind the end of the archive, or a segment of WAL is missing on the way there. Nothing was changed.',
    fix: '`pgscale backup list` shows the windows in which every second can be restored; choose a moment in one of them.',
  },
  PGS_RESTORE_SPACE: {
    exit: 'checkFailed',
    title: 'The host has no room for the restore.',
    why: 'The data of the backup and the WAL to be replayed have to fit beside the data of the cluster.',
    fix: 'Choose another host with `--host`, drop a side restore that is not needed (`pgscale restore list`), or free some space.',
  },
  PGS_RESTORE_VERSION: {
    exit: 'checkFailed',
    title: 'The host has an older pgBackRest than the one that made the backup.',
    why: 'pgBackRest reads what older versions have written, not what newer ones have. Nothing was changed.',
    fix: 'Choose another host with `--host`, or install the version that the others have; `pgscale check` compares them.',
  },
  PGS_RESTORE_EXISTS: {
    exit: 'usage',
    title: 'There is a side restore of this name.',
    why: 'A side restore stays until it is dropped; it is never replaced by another one.',
    fix: '`pgscale restore drop NAME`, or choose another name with `--as NAME`.',
  },
  PGS_RESTORE_POINT_EXISTS: {
    exit: 'usage',
    title: 'There is a restore point of this name.',
    why: 'A restore to a name goes to the first one that it meets in the WAL; a second one of the same name could not be reached.',
    fix: 'Choose another name.',
  },
  PGS_RESTORE_NEW: {
    exit: 'usage',
    title: 'This cluster cannot be made by a restore.',
    why: 'Its spec names a host of the cluster that is restored, or the same archive, or one of its hosts has data already. Nothing was changed.',
    fix: 'Write a spec for other hosts, under another cluster name or with another `backup.repository.path`: `pgscale init --config new.yaml`.',
  },
  PGS_RESTORE_FAILED: {
    exit: 'unexpected',
    title: 'The restore in place cannot go on.',
    why: 'The message says what is in the way. There is a whole copy of the data on the disk in any case: that of before, or the restored one.',
    fix: 'Solve what the message names and run the same restore again; before the copy is in place `pgscale restore drop in-place` goes back.',
  },
  PGS_RESTORE_UNKNOWN: {
    exit: 'usage',
    title: 'There is no side restore of this name.',
    why: 'It was dropped, has another name, or its host does not answer.',
    fix: '`pgscale restore list` shows those that are there.',
  },
} as const satisfies Record<string, CatalogueEntry>;
