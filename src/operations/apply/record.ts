import { dirname } from 'node:path';

import { appliedRecord } from '../../cluster/applied.ts';
import { sh } from '../../host/command.ts';
import { APPLIED_FILE, PKI } from '../../spec/layout.ts';
import type { HostSurvey, Survey } from '../survey.ts';

/** `cert rotate` makes these anew, and `status` tells their expiry. */
const NOT_RECORDED = dirname(PKI.ca);

/** At the end of a run: leaves on every host what it wrote there, where that is not said already. */
export async function recordApplied(survey: Survey): Promise<void> {
  await Promise.all(survey.hosts.map((each) => recordOn(survey, each)));
}

async function recordOn({ session }: Survey, { host, layers, applied }: HostSurvey): Promise<void> {
  const files = layers.flatMap(({ resources }) => resources.flatMap(({ rendered }) => rendered ?? []));
  const recorded = files.filter(({ path }) => dirname(path) !== NOT_RECORDED);
  const record = appliedRecord(session.spec, recorded);
  if (applied === record) return;
  await host.run(sh`install -d -m 0755 ${dirname(APPLIED_FILE)}`);
  await host.writeFile(APPLIED_FILE, record, { owner: 'root', group: 'root', mode: '0600' });
}
