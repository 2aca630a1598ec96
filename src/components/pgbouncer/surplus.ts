import { cmd, sh } from '../../host/command.ts';
import { resource, type Resource } from '../../resources/resource.ts';
import { PGBOUNCER } from '../../spec/layout.ts';

/** Ends the processes that a spec with fewer of them leaves over. */
export function noSurplusProcesses(count: number): Resource {
  return resource<number[]>({
    id: 'pgbouncer:surplus-processes',
    read: async (reader) => {
      const answer = await reader.read(
        sh`systemctl list-units --all --plain --no-legend ${'pgscale-pgbouncer@*.service'}; ls ${'/etc/systemd/system/multi-user.target.wants/'}`,
      );
      return processNumbers(answer.stdout).filter((each) => each > count);
    },
    diff: (surplus) =>
      surplus.length === 0
        ? undefined
        : {
            action: 'remove',
            summary: `stop ${surplus.map(PGBOUNCER.unit).join(', ')}`,
            interruption: 'clients of these poolers are disconnected',
          },
    apply: async (host, surplus) => {
      await host.run(cmd('systemctl', 'disable', '--now', ...surplus.map(PGBOUNCER.unit)), { deadlineMs: 90_000 });
      await host.run(cmd('rm', '-f', '--', ...surplus.map(processFile)));
      await host.run(cmd('systemctl', 'reset-failed', ...surplus.map(PGBOUNCER.unit)), { okStatuses: 'any' });
    },
  });
}

/** The settings file of one process. */
export function processFile(id: number): string {
  return `${PGBOUNCER.configDirectory}/process-${id}.ini`;
}

/** The numbers of the poolers named in a list of units, each once. Pure. */
export function processNumbers(listing: string): number[] {
  const numbers = [...listing.matchAll(/pgscale-pgbouncer@(\d+)\.service/gu)].map((match) => Number(match[1]));
  return [...new Set(numbers)].sort((a, b) => a - b);
}
