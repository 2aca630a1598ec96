import chalk from 'chalk';

import { table } from './table.ts';

/** What is shown of an upgrade before it begins. */
export interface ShownUpgrade {
  readonly hosts: readonly {
    readonly host: string;
    readonly isPrimary: boolean;
    readonly packages: readonly { name: string; from: string; to: string }[];
    readonly restarts: readonly string[];
  }[];
  readonly hasSwitchover: boolean;
  readonly interruptions: readonly string[];
}

/** Hosts in their order, with what changes and what restarts. */
export function renderUpgrade({ hosts, hasSwitchover, interruptions }: ShownUpgrade): string {
  const rows = hosts.flatMap(({ host, isPrimary, packages, restarts }) => {
    const lines = packages.length === 0 ? [['–', '–', '–']] : packages.map(({ name, from, to }) => [name, from, to]);
    return lines.map((cells, index) =>
      index === 0 ? [isPrimary ? `${host} (primary)` : host, ...cells, restarts.join(', ')] : ['', ...cells, ''],
    );
  });
  return [
    table(['host', 'package', 'installed', 'candidate', 'restarts'], rows),
    ...(hasSwitchover ? ['The primary moves to an upgraded standby before its own turn.'] : []),
    ...interruptions.map((text) => `${chalk.yellow('⚠')} ${text}`),
  ].join('\n');
}
