import type { Spec } from '../spec/schema.ts';
import { specDigest } from './applied.ts';
import type { Reports } from './members.ts';
import type { Drift, Problem } from './picture.ts';

/** So many files of a host are named. */
const FILES_NAMED = 3;

/** What the hosts that answer have that the last `apply` did not leave there. Pure. */
export function driftOf(spec: Spec, reports: Reports): Drift {
  const digest = specDigest(spec);
  const answered = [...reports.values()].flatMap(({ host, applied }) =>
    applied === undefined ? [] : { host, ...applied },
  );
  return {
    hostsBehind: answered.filter(({ specDigest: applied }) => applied !== digest).map(({ host }) => host),
    changedFiles: answered.flatMap(({ host, changedFiles }) => changedFiles.map((path) => ({ host, path }))),
  };
}

/** Drift breaks nothing by itself, so it is worth knowing and no more. Pure. */
export function driftProblems({ hostsBehind, changedFiles }: Drift): Problem[] {
  const behind: Problem[] =
    hostsBehind.length === 0
      ? []
      : [
          {
            id: 'spec-not-applied',
            severity: 'notice',
            text: `the spec has changed since the last \`apply\` came to its end on ${hostsBehind.join(', ')}; \`pgscale plan\` shows what differs`,
          },
        ];
  const hosts = [...new Set(changedFiles.map(({ host }) => host))];
  return [
    ...behind,
    ...hosts.map((host): Problem => {
      const paths = changedFiles.filter((each) => each.host === host).map(({ path }) => path);
      const more = paths.length > FILES_NAMED ? ` and ${paths.length - FILES_NAMED} more` : '';
      const named = `${paths.slice(0, FILES_NAMED).join(', ')}${more}`;
      return {
        id: 'file-changed',
        severity: 'notice',
        host,
        text: `${named}: changed since the last \`apply\`; \`pgscale plan\` shows the difference`,
      };
    }),
  ];
}
