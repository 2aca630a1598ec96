import type { Step } from '../../run/step.ts';
import type { HostSurvey, Survey } from '../survey.ts';

/** Where the data of a cluster that has none yet comes from, when not from initdb. */
export interface FirstData {
  /** Before anything but packages is there, one after the other: what has to be sure before there is a cluster. */
  readonly prove: (place: HostSurvey) => readonly Step[];
  /** Makes the data directory, one after the other; nothing else has started PostgreSQL yet. */
  readonly make: (survey: Survey, place: HostSurvey) => readonly Step[];
}

/** The host on which the first data directory is made; undefined when there is data already. Pure. */
export function firstDataPlace(survey: Survey): HostSurvey | undefined {
  const members = survey.hosts.filter((each) => each.member !== undefined);
  const isEmpty = survey.primary === undefined && members.every((each) => each.member?.data !== 'whole');
  return isEmpty ? members[0] : undefined;
}
