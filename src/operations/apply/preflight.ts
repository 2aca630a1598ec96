import type { CheckFinding } from '../../checks/check.ts';
import { runChecks } from '../../checks/index.ts';
import { PgscaleError } from '../../errors/pgscale-error.ts';
import type { RunOptions } from '../../run/run-stages.ts';
import { tell } from '../../run/task-list.ts';
import type { Survey } from '../survey.ts';
import { standbysToStart } from './standby.ts';

/**
 * What would make a step fail half-way is found before the first one, and what could only be better is told.
 * @throws PgscaleError PGS_CHECK_FAILED with all errors
 */
export async function preflight(survey: Survey, run: RunOptions): Promise<void> {
  const hosts = survey.hosts.map(({ host, target }) => ({ reader: host, target }));
  judge([...pausedFindings(survey), ...(await runChecks(hosts, false))], run);
}

/**
 * A paused Patroni starts no PostgreSQL: a new standby would be copied, and then nothing would come of it. Pure.
 * https://patroni.readthedocs.io/en/latest/pause.html
 */
export function pausedFindings(survey: Survey): CheckFinding[] {
  const isPaused = survey.hosts.some(({ member }) => member?.isPaused === true);
  if (!isPaused) return [];
  const finding = {
    id: 'patroni-paused',
    severity: 'error',
    remedy: '`pgscale resume`, then run the same again.',
  } as const;
  const stopped = survey.primary === undefined ? survey.hosts.filter(({ member }) => member !== undefined) : [];
  return [...new Set([...stopped, ...standbysToStart(survey)])].map(({ target }) => ({
    ...finding,
    host: target.host.name,
    what: 'Patroni is paused, and does not start PostgreSQL here',
  }));
}

/** @throws PgscaleError PGS_CHECK_FAILED */
export function judge(findings: readonly CheckFinding[], run: RunOptions): void {
  for (const { severity, ...finding } of findings) {
    if (severity === 'warning') tell({ event: 'warning', ...finding }, run);
  }
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return;
  throw new PgscaleError('PGS_CHECK_FAILED', {
    what: `${errors.length} ${errors.length === 1 ? 'check' : 'checks'} failed, nothing was changed`,
    why: errors.map(({ host, what }) => `${host}: ${what}`).join('\n'),
    next: [...new Set(errors.map(({ remedy }) => remedy))],
    details: { findings: errors },
  });
}
