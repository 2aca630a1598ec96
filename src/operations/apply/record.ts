import { dirname } from 'node:path';

import { appliedRecord, type WrittenFile } from '../../cluster/applied.ts';
import { sh } from '../../host/command.ts';
import type { Finding } from '../../resources/converge.ts';
import { APPLIED_FILE, PKI } from '../../spec/layout.ts';
import type { HostSurvey, Survey } from '../survey.ts';

/** `cert rotate` makes these anew, and `status` tells their expiry. */
const NOT_RECORDED = dirname(PKI.ca);

/** At the end of a run: leaves on every host what it wrote there, or found there and kept, where that is not said already. */
export async function recordApplied(survey: Survey): Promise<void> {
  await Promise.all(survey.hosts.map((each) => recordOn(survey, each)));
}

async function recordOn({ session }: Survey, { host, layers, applied }: HostSurvey): Promise<void> {
  const files = layers.flatMap(({ findings }) => findings.flatMap(leftBy));
  const recorded = files.filter(({ path }) => dirname(path) !== NOT_RECORDED);
  const record = appliedRecord(session.spec, recorded);
  if (applied === record) return;
  await host.run(sh`install -d -m 0755 ${dirname(APPLIED_FILE)}`);
  await host.writeFile(APPLIED_FILE, record, { owner: 'root', group: 'root', mode: '0600' });
}

/** The file of a resource as a run leaves it, when there is one. Pure. */
export function leftBy({ resource, actual, change }: Finding): WrittenFile[] {
  const { rendered } = resource;
  if (rendered === undefined) return [];
  const kept = change === undefined ? resource.kept?.(actual) : undefined;
  return [{ path: rendered.path, content: kept ?? rendered.content }];
}
