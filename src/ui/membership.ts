import type { Removal } from '../operations/membership/remove.ts';

/** What goes, in words, before somebody confirms it. Pure. */
export function removalText({ cluster, hosts, lost, dataDirectory, plan }: Removal): string {
  const alive = hosts.filter((name) => !lost.includes(name));
  const data = dataDirectory === undefined ? 'The data stays.' : `All data in ${dataDirectory} there is deleted.`;
  return [
    `This takes ${hosts.join(', ')} out of cluster ${cluster}.`,
    ...(alive.length === 0 ? [] : [`${alive.join(', ')}: everything of pgscale is removed. ${data}`]),
    ...(lost.length === 0 ? [] : [`${lost.join(', ')}: does not answer; nothing is changed there.`]),
    ...plan.hosts.flatMap(({ host, changes }) => (changes.length === 0 ? [] : [`${host}: ${changes.length} changes`])),
  ].join('\n');
}
