import type { Removal } from '../operations/membership/remove.ts';
import { confirmedByName } from './prompts.ts';

/** Shows what goes, and has the cluster's name typed. @throws PgscaleError PGS_NOT_CONFIRMED */
export async function confirmedRemoval(flags: Parameters<typeof confirmedByName>[0], what: Removal): Promise<void> {
  process.stderr.write(`${removalText(what)}\n`);
  await confirmedByName(flags, what.cluster);
}

/** What goes, in words. Pure. */
export function removalText({ cluster, hosts, lost, dataDirectory, primary, plan }: Removal): string {
  const alive = hosts.filter((name) => !lost.includes(name));
  const data = dataDirectory === undefined ? 'The data stays.' : `All data in ${dataDirectory} there is deleted.`;
  return [
    `This takes ${hosts.join(', ')} out of cluster ${cluster}.`,
    ...(primary === undefined
      ? []
      : [
          `${primary} is the primary: another one is made that first, and clients of the pool endpoint wait meanwhile.`,
        ]),
    ...(alive.length === 0 ? [] : [`${alive.join(', ')}: everything of pgscale is removed. ${data}`]),
    ...(lost.length === 0 ? [] : [`${lost.join(', ')}: does not answer; nothing is changed there.`]),
    ...plan.hosts.flatMap(({ host, changes }) => (changes.length === 0 ? [] : [`${host}: ${changes.length} changes`])),
  ].join('\n');
}
