import { sh } from '../host/command.ts';
import { markedCluster } from '../resources/cluster-marker.ts';
import { MARKER_FILE } from '../spec/layout.ts';
import { dataDirectory } from '../spec/topology.ts';
import { error, type Check, type Verdict } from './check.ts';

const UNITS = [
  'postgresql.service',
  'postgresql@*.service',
  'patroni.service',
  'patroni@*.service',
  'etcd.service',
  'pgbouncer.service',
];

/** No PostgreSQL, Patroni or etcd of somebody else is on the host. */
export const foreign: Check = {
  id: 'foreign',
  title: 'Nothing of somebody else is in the way',
  run: async (reader, target) => {
    const directory = dataDirectory(target.spec);
    const [marker, units, listing] = await Promise.all([
      reader.readFile(MARKER_FILE),
      reader.read(
        sh`systemctl list-units --no-legend --plain --state=active,activating ${UNITS} | cut -d' ' -f1 | grep -v '^postgresql.service$'`,
      ),
      reader.read(sh`ls -A ${directory} 2>/dev/null | head -n 3 | tr '\n' ' '`),
    ]);
    if (marker !== undefined) return markerVerdicts(markedCluster(marker.content), target.spec.cluster);
    const running = units.stdout.split('\n').filter((unit) => unit !== '');
    return [
      ...running.map((unit) =>
        error(
          'foreign-service',
          `${unit} runs and was not set up by pgscale`,
          'Use another host, or stop and remove it if it is not needed.',
        ),
      ),
      ...(listing.stdout === ''
        ? []
        : [
            error(
              'foreign-data',
              `${directory} is not empty (${listing.stdout.trim()})`,
              'Move it away, or set `postgres.dataDirectory`.',
            ),
          ]),
    ];
  },
};

/** Whether the host is of another cluster of pgscale; pure. */
export function markerVerdicts(actual: string, wanted: string): Verdict[] {
  if (actual === wanted) return [];
  const remedy = `Use another host, or take it out of ${actual} first (\`pgscale destroy\` or \`pgscale replica remove\` with the spec of ${actual}).`;
  return [error('foreign-cluster', `belongs to the cluster ${actual} (${MARKER_FILE})`, remedy)];
}
