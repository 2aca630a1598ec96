import { sh } from '../host/command.ts';
import { ETCD, MARKER_FILE } from '../spec/layout.ts';
import { listenersOf, type Listener } from '../spec/listeners.ts';
import { dataDirectory } from '../spec/topology.ts';
import { error, warning, type Check, type Verdict } from './check.ts';

const LEFT_ALONE = 'Remove it if it is not needed; pgscale does not touch it.';
const OTHER_HOST = 'Use another host, or remove it if it is not needed';

/** What does not run now, a line each: what it is, and what there is to know of it, with tabs between. */
const LOOK = sh`if command -v pg_lsclusters >/dev/null; then
  boots=$(systemctl is-enabled postgresql.service 2>/dev/null)
  pg_lsclusters --no-header | while read -r version name port status owner data log; do
    case $status in online*) continue ;; esac
    start=$(grep -v '^[[:space:]]*#' "/etc/postgresql/$version/$name/start.conf" 2>/dev/null | grep -m 1 .)
    [ "$boots" = enabled ] || start=manual
    printf 'cluster\t%s\t%s\t%s\t%s\n' "$version/$name" "$port" "$start" "$data"
  done
fi
for file in /var/lib/postgresql/*/*/PG_VERSION; do [ ! -e "$file" ] || printf 'data\t%s\n' "$(dirname "$file")"; done
for file in /etc/patroni/*.yml; do
  case $file in */dcs.yml) continue ;; */config.yml) unit=patroni.service ;; *) unit=patroni@$(basename "$file" .yml).service ;; esac
  [ -e "$file" ] && ! systemctl is-active --quiet "$unit" || continue
  ports=$(grep -E '^[[:space:]]*listen:' "$file" | grep -oE '[0-9]+[^0-9]*$' | tr -dc '0-9\n' | tr '\n' ' ')
  printf 'patroni\t%s\t%s\t%s\n' "$file" "$(systemctl is-enabled "$unit" 2>/dev/null)" "$ports"
done
for unit in patroni.service etcd.service; do
  file=/etc/systemd/system/$unit
  [ -f "$file" ] && [ ! -L "$file" ] && ! systemctl is-active --quiet $unit || continue
  printf 'unit\t%s\n' "$file"
done
if ! systemctl is-active --quiet etcd.service; then
  for member in /var/lib/etcd/member /var/lib/etcd/*/member; do [ ! -d "$member" ] || printf 'etcd\t%s\n' "$(dirname "$member")"; done
fi`;

/** Where what is found would be in the way. */
interface Ours {
  readonly dataDirectory: string;
  readonly listeners: readonly Listener[];
}

/** No PostgreSQL, Patroni or etcd of somebody else is on the host that does not run now, but may at its next boot. */
export const foreignStopped: Check = {
  id: 'foreign-stopped',
  title: 'Nothing of somebody else waits to be started',
  run: async (reader, { spec, host }) => {
    const [marker, found] = await Promise.all([reader.readFile(MARKER_FILE), reader.read(LOOK)]);
    if (marker !== undefined) return [];
    return stoppedVerdicts(found.stdout, { dataDirectory: dataDirectory(spec), listeners: listenersOf(spec, host) });
  },
};

/** Reads what was found, and tells what is in the way from what is only there; pure. */
export function stoppedVerdicts(output: string, ours: Ours): Verdict[] {
  const rows = output.split('\n').map((line) => line.split('\t'));
  const clusterData = rows.flatMap(([kind, , , , data]) => (kind === 'cluster' ? (data ?? []) : []));
  return rows.flatMap(([kind = '', ...fields]) => {
    switch (kind) {
      case 'cluster':
        return clusterVerdict(fields, ours);
      case 'data':
        return [...clusterData, ours.dataDirectory].includes(fields[0] ?? '') ? [] : dataVerdict(fields);
      case 'patroni':
        return patroniVerdict(fields, ours);
      case 'unit':
        return unitVerdict(fields);
      case 'etcd':
        return etcdVerdict(fields);
      default:
        return [];
    }
  });
}

function clusterVerdict([name = '', port = '', start = '', data = '']: readonly string[], ours: Ours): Verdict {
  const what = `the PostgreSQL cluster ${name} (port ${port}, ${data}) is stopped and was not set up by pgscale`;
  const taken = start === 'auto' ? takenBy([port], ours) : undefined;
  const drop = `pg_dropcluster ${name.replace('/', ' ')}`;
  if (taken !== undefined) {
    const remedy = `${OTHER_HOST} (\`${drop}\`); or keep it from starting: \`manual\` in /etc/postgresql/${name}/start.conf.`;
    return error('foreign-stopped', `${what}; it starts with the host, and takes ${taken}`, remedy);
  }
  if (data === ours.dataDirectory) {
    return error('foreign-stopped', `${what}; its data is where that of the spec goes`, `${OTHER_HOST} (\`${drop}\`).`);
  }
  return warning('foreign-stopped', what, `Remove it if it is not needed (\`${drop}\`); pgscale does not touch it.`);
}

function dataVerdict([directory = '']: readonly string[]): Verdict {
  const what = `${directory} holds data of a PostgreSQL that was not set up by pgscale`;
  return warning('foreign-stopped', what, LEFT_ALONE);
}

function patroniVerdict([file = '', state = '', ports = '']: readonly string[], ours: Ours): Verdict {
  const what = `${file} is of a Patroni that is stopped and was not set up by pgscale`;
  const taken = state === 'enabled' ? takenBy(ports.split(' '), ours) : undefined;
  // pgscale's own Patroni is the unit of this file, and does not read it.
  if (taken === undefined || file.endsWith('/config.yml')) return warning('foreign-stopped', what, LEFT_ALONE);
  return error('foreign-stopped', `${what}; it starts with the host, and takes ${taken}`, `${OTHER_HOST}.`);
}

function unitVerdict([file = '']: readonly string[]): Verdict {
  const what = `${file} was not written by pgscale, and stands in for the unit of the package that pgscale uses`;
  return error('foreign-stopped', what, `${OTHER_HOST}: \`rm ${file} && systemctl daemon-reload\`.`);
}

function etcdVerdict([directory = '']: readonly string[]): Verdict {
  const what = `${directory} holds data of an etcd that was not set up by pgscale`;
  if (directory === ETCD.dataDirectory) return error('foreign-stopped', what, 'Move it away, or use another host.');
  return warning('foreign-stopped', what, LEFT_ALONE);
}

/** Which of our ports is among these, and whose. */
function takenBy(ports: readonly string[], { listeners }: Ours): string | undefined {
  const taken = listeners.find(({ port, on }) => on === undefined && ports.includes(String(port)));
  return taken === undefined ? undefined : `port ${taken.port}, which ${taken.what} needs`;
}
