import { cmd } from '../host/command.ts';
import { file } from './file.ts';
import type { Notification, Resource } from './resource.ts';

export interface UnitDefinition {
  /** `haproxy.service`, `pgscale-pgbouncer@.service`. */
  unit: string;
  content: string;
  notifies?: readonly Notification[];
  /** @see FileDefinition.interruption */
  interruption?: string;
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
  return {
    ...inner,
    apply: async (host, actual) => {
      await host.run(cmd('mkdir', '-p', definition.path.replace(/\/[^/]+$/u, '')));
      await inner.apply(host, actual);
      await host.run(cmd('systemctl', 'daemon-reload'));
    },
  };
}
