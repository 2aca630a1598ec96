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

  async run(): Promise<{ labs: LabStatus[] }> {
    const { findLabs, labStatus } = await import('../../lab/inventory.ts');
    const { requireRoot } = await import('../../lab/requirements.ts');
    const { requireLab } = await import('../../lab/document.ts');
    const { table } = await import('../../ui/table.ts');
    requireRoot();
    const found = await findLabs();
    const names = this.flags.all ? found : [requireLab(this.flags.name, found)];
    const labs = await Promise.all(names.map(labStatus));
    if (labs.length === 0) this.log('There is no lab on this machine.');
    for (const lab of labs) {
      const half = lab.documented ? '' : ', half made: end it with `pgscale lab down`';
      this.log(`lab ${lab.name} (object store ${lab.objectStore}${half})`);
      this.log(`${table(['HOST', 'ADDRESS', 'ZONE', 'STATE', 'UP'], lab.hosts.map(row))}\n`);
    }
    return { labs };
  }
}

const row = ({ name, address, zone, state, uptimeSeconds }: HostStatus): string[] => [
  name,
  address ?? '-',
  zone ?? '-',
  state,
  uptimeSeconds === undefined ? '-' : prettyMs(uptimeSeconds * 1000, { secondsDecimalDigits: 0 }),
];
