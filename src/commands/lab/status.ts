import { Flags } from '@oclif/core';
import prettyMs from 'pretty-ms';

import type { HostStatus, LabStatus } from '../../lab/inventory.ts';
import { LabCommand } from '../../lab-command.ts';

/** `pgscale lab status`. */
export default class LabStatusCommand extends LabCommand<typeof LabStatusCommand> {
  static override summary = 'Show the hosts of a lab: running, cut off the network, or down.';
  static override flags = {
    ...LabCommand.flags,
    all: Flags.boolean({ summary: 'Show every lab on this machine.', exclusive: ['name'] }),
  };

  async run(): Promise<unknown> {
    const { findLabs, labStatus } = await import('../../lab/inventory.ts');
    const { requireRoot } = await import('../../lab/requirements.ts');
    const { requireLab } = await import('../../lab/document.ts');
    const { table } = await import('../../ui/table.ts');
    requireRoot();
    const found = await findLabs();
    const names = this.flags.all ? found : [requireLab(this.flags.name, found)];
    const labs = await Promise.all(names.map(labStatus));
    if (labs.length === 0) this.log('There is no lab on this machine.');
    for (const { name, document, hosts, storeState } of labs) {
      const half = document === undefined ? ', half made: end it with `pgscale lab down`' : '';
      this.log(`lab ${name} (object store ${storeState}${half})`);
      this.log(`${table(['HOST', 'ADDRESS', 'ZONE', 'STATE', 'UP'], hosts.map(row))}\n`);
    }
    return this.flags.all ? { labs: labs.map(json) } : labs.map(json)[0];
  }
}

/** The lab's document, with the state of each host beside its address. */
const json = ({ name, document, hosts, storeState }: LabStatus): Record<string, unknown> => ({
  ...document,
  name,
  halfMade: document === undefined,
  storeState,
  hosts: hosts.map((host) => ({ ...document?.hosts.find((other) => other.name === host.name), ...host })),
});

const row = ({ name, address, zone, state, uptimeSeconds }: HostStatus): string[] => [
  name,
  address ?? '-',
  zone ?? '-',
  state,
  uptimeSeconds === undefined ? '-' : prettyMs(uptimeSeconds * 1000, { secondsDecimalDigits: 0 }),
];
