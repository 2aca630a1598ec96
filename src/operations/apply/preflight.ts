import type { CheckFinding } from '../../checks/check.ts';
import { runChecks } from '../../checks/index.ts';
import { PgscaleError } from '../../errors/pgscale-error.ts';
import type { RunOptions } from '../../run/run-stages.ts';
import { tell } from '../../run/task-list.ts';
import type { Survey } from '../survey.ts';

/**
 * What would make a step fail half-way is found before the first one, and what could only be better is told.
 * @throws PgscaleError PGS_CHECK_FAILED with all errors
 */
export async function preflight(survey: Survey, run: RunOptions): Promise<void> {
  const hosts = survey.hosts.map(({ host, target }) => ({ reader: host, target }));
  judge(await runChecks(hosts, false), run);
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
