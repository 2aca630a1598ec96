import { PgscaleError } from '../../errors/pgscale-error.ts';
import { chosenHosts } from '../chosen-hosts.ts';
import type { HostSurvey, Survey } from '../survey.ts';
import { firstDataPlace } from './first-data.ts';

/** The members without data, which a run copies it to. Pure. */
export function withoutData(survey: Survey): HostSurvey[] {
  const first = firstDataPlace(survey);
  return survey.hosts.filter((each) => each.member !== undefined && each.member.data !== 'whole' && each !== first);
}

/**
 * Whether new standbys can be copied from the member that was asked for; before anything is done.
 * @throws PgscaleError PGS_MEMBER_UNKNOWN, PGS_SEED_SOURCE
 */
export function refuseSource(survey: Survey, source: string | undefined): void {
  if (source === undefined) return;
  chosenHosts(survey.session.spec, { names: [source], role: 'database' });
  if (withoutData(survey).length === 0) return;
  const why = sourceProblem(survey, source);
  if (why === undefined) return;
  const members = survey.hosts.map(({ target }) => target.host.name);
  const able = members.filter((name) => sourceProblem(survey, name) === undefined);
  throw new PgscaleError('PGS_SEED_SOURCE', {
    what: `new standbys cannot be copied from ${source}; nothing was changed`,
    host: source,
    why,
    next: [
      ...(able.length === 0 ? [] : [`choose another source: ${able.join(', ')}`]),
      'or leave the source out: then it is the primary',
    ],
  });
}

/** Why a database host cannot be copied from; undefined when it can. Pure. */
export function sourceProblem(survey: Survey, source: string): string | undefined {
  const found = survey.hosts.find(({ target }) => target.host.name === source);
  if (found === undefined) return `${source} cannot be reached`;
  if (found.member === undefined) return `${source} is no database host`;
  if (withoutData(survey).includes(found)) return `${source} is to be copied to itself`;
  // Before there is a primary nobody streams; who has the data by then will.
  if (survey.primary === undefined || found.member.isLeader || found.member.isStreaming) return undefined;
  return `it neither leads nor streams from the primary: ${found.member.state ?? 'its Patroni does not answer'}`;
}
