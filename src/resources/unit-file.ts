import { sh } from '../host/command.ts';
import { file } from './file.ts';
import { resource, type Notification, type Resource } from './resource.ts';

/**
 * One file per unit whose definition was written and which systemd has still to read, left before the write: when a run is
 * cut off in between, the next one finds it, and does not start the unit by its old definition. Gone with a reboot, after
 * which systemd has read everything anew.
 */
const UNREAD = '/run/pgscale/unread';

export interface UnitDefinition {
  /** `haproxy.service`, `pgscale-pgbouncer@.service`. */
  unit: string;
  content: string;
  notifies?: readonly Notification[];
  /** @see FileDefinition.interruption */
  interruption?: string;
}

interface UnitState {
  definition: unknown;
  isUnread: boolean;
}

/** A systemd unit of our own, in /etc/systemd/system. systemd is told of it at once. */
export function unitFile(definition: UnitDefinition): Resource {
  return reloadingSystemd({ ...definition, path: `/etc/systemd/system/${definition.unit}` });
}

/** Our settings over a unit that a package brings: /etc/systemd/system/UNIT.d/pgscale.conf. */
export function dropIn(definition: UnitDefinition): Resource {
  return reloadingSystemd({ ...definition, path: `/etc/systemd/system/${definition.unit}.d/pgscale.conf` });
}

function reloadingSystemd(definition: UnitDefinition & { path: string }): Resource {
  const inner = file(definition);
  const { unit, path } = definition;
  const mark = `${UNREAD}/${unit}`;
  return resource<UnitState | undefined>({
    ...inner,
    read: async (reader) => {
      const [found, left] = await Promise.all([inner.read(reader), reader.readFile(mark)]);
      return found === undefined && left === undefined
        ? undefined
        : { definition: found, isUnread: left !== undefined };
    },
    diff: (actual) =>
      inner.diff(actual?.definition) ??
      (actual?.isUnread === true
        ? { action: 'reload', summary: `have systemd read ${path}, which it has not done yet` }
        : undefined),
    apply: async (host, actual) => {
      await host.run(sh`mkdir -p ${UNREAD} ${path.replace(/\/[^/]+$/u, '')} && touch ${mark}`);
      await inner.apply(host, actual?.definition);
      await host.run(sh`systemctl daemon-reload && rm -f ${mark}`);
    },
    foreign: (actual) => inner.foreign?.(actual?.definition),
  });
}
