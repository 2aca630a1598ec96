import { PgscaleError } from '../errors/pgscale-error.ts';
import { sh, type Command } from '../host/command.ts';
import type { Host } from '../host/host.ts';
import { journalTail } from '../host/unit.ts';
import { resource, type Notification, type Resource } from './resource.ts';

/**
 * One file per running unit that has still to hear of a change, written before the change is made: when a run is cut off
 * in between, the next one finds it. Gone with a reboot, which starts every unit anew.
 */
const DIRECTORY = '/run/pgscale/notices';

type How = Notification['how'];

/** From the least to the most. */
const STRENGTH: readonly How[] = ['reload', 'replace', 'restart'];

/** How long a unit may take to stop and to be ready again. */
const TELL_DEADLINE_MS = 120_000;

/** One notification per unit, the strongest. The order of first mention is kept; pure. */
export function mergeNotifications(notifications: readonly Notification[]): Notification[] {
  const byUnit = new Map<string, Notification>();
  for (const each of notifications) {
    const known = byUnit.get(each.unit);
    if (known === undefined || STRENGTH.indexOf(known.how) < STRENGTH.indexOf(each.how)) byUnit.set(each.unit, each);
  }
  return [...byUnit.values()];
}

/**
 * Notes which units will have to hear of a change. One that does not run reads the new files when it starts. A name may be
 * a pattern, of which one unit has to run: systemctl gives a line for each, with empty ones between.
 */
export async function leaveNotices(host: Host, notifications: readonly Notification[]): Promise<void> {
  if (notifications.length === 0) return;
  const lines = notifications.map(({ unit, how }) => {
    const stronger = STRENGTH.slice(STRENGTH.indexOf(how) + 1);
    return sh`case " $(systemctl show -P ActiveState ${unit} | tr '\n' ' ') " in *' active '*|*' activating '*|*' reloading '*)
grep -qsxF ${stronger.flatMap((each) => ['-e', each])} -e ${how} ${pathOf(unit)} || echo ${how} >${pathOf(unit)};; esac`;
  });
  await host.run({ script: [`mkdir -p ${DIRECTORY}`, ...lines.map(({ script }) => script)].join('\n') });
}

/** That a unit has heard of every change. */
export function notice(unit: string): Resource {
  return resource<How | undefined>({
    id: `notice:${unit}`,
    read: async (reader) => {
      const found = await reader.readFile(pathOf(unit));
      return STRENGTH.find((how) => how === found?.content.trim());
    },
    diff: (how) =>
      how === undefined
        ? undefined
        : {
            action: how === 'reload' ? 'reload' : 'restart',
            summary: `${how} ${unit}, which has not heard of a change yet`,
          },
    apply: async (host, how) => {
      if (how !== undefined) await tell(host, unit, how);
    },
  });
}

async function tell(host: Host, unit: string, how: How): Promise<void> {
  const told = sh`set -e
${COMMANDS[how](unit)}
rm -f ${pathOf(unit)}`;
  const { exitCode, stderr } = await host.run(told, { deadlineMs: TELL_DEADLINE_MS, okStatuses: 'any' });
  if (exitCode === 0) return;
  throw new PgscaleError('PGS_UNIT_FAILED', {
    what: `${how} of ${unit} on ${host.name} failed`,
    host: host.name,
    why: `${stderr}\n${await journalTail(host, unit)}`.trim(),
    next: [`pgscale exec ${host.name} -- journalctl -u ${unit} -n 100`],
  });
}

/**
 * A unit that has stopped meanwhile is left alone. The reload after a replacement is for what went on beside it: a new Patroni
 * finds PostgreSQL at work, and does not tell it to read pg_hba.conf again.
 */
const COMMANDS: Readonly<Record<How, (unit: string) => Command>> = {
  reload: (unit) => sh`systemctl try-reload-or-restart ${unit}`,
  restart: (unit) => sh`systemctl try-restart ${unit}`,
  replace: (unit) => sh`before=$(systemctl show -P MainPID ${unit})
if [ "$before" != 0 ]; then
systemctl kill --kill-whom=main --signal=KILL ${unit}
until [ "$(systemctl show -P MainPID ${unit})" != "$before" ] && systemctl is-active --quiet ${unit}; do sleep 0.1; done
systemctl reload ${unit}
fi`,
};

function pathOf(unit: string): string {
  return `${DIRECTORY}/${unit}`;
}
