import { Flags } from '@oclif/core';

import type { LabDocument } from '../../lab/document.ts';
import { LabCommand } from '../../lab-command.ts';

/** `pgscale lab up`. */
export default class LabUp extends LabCommand<typeof LabUp> {
  static override summary = 'Boot throw-away Debian hosts on this machine, to try things on.';
  static override description = `Each host is a real Debian with systemd and sshd, at an address and in namespaces of its own, on one
private network per lab. The first run on a machine installs what the lab needs (mmdebstrap, systemd-container,
nftables) and builds a base image; later runs take seconds. A lab also has an S3 object store for backups.

It needs Linux and root. A lab that is there already is completed: hosts that are down are booted.`;
  static override examples = [
    '<%= config.bin %> lab up',
    '<%= config.bin %> lab up --name two --hosts 5',
    '<%= config.bin %> lab up --names db1,db2,db3 --zones a,a,b --json',
  ];
  static override flags = {
    ...LabCommand.flags,
    hosts: Flags.integer({ summary: 'How many hosts.', default: 3, min: 1, max: 9 }),
    names: Flags.string({ summary: 'Names of the hosts, in place of pg1 to pgN.', multiple: true, delimiter: ',' }),
    zones: Flags.string({ summary: 'Zones of the hosts, in place of a, b, c …', multiple: true, delimiter: ',' }),
    subnet: Flags.string({ summary: 'A private /24 for the lab, in place of a free one.', helpValue: '10.77.5.0/24' }),
    install: Flags.boolean({ summary: 'Install missing programs with apt-get.', default: true, allowNo: true }),
  };

  async run(): Promise<LabDocument> {
    const { up } = await import('../../lab/up.ts');
    const { name, hosts, names = [], zones = [], subnet, install } = this.flags;
    const lab = await up({ name, hostCount: hosts, names, zones, subnet, install }, this.progress);
    const { table } = await import('../../ui/table.ts');
    const rows = lab.hosts.map((host) => [host.name, host.address, host.zone, host.fqdn]);
    this.log(table(['HOST', 'ADDRESS', 'ZONE', 'NAME'], rows));
    this.log(`\nlogin        ${lab.ssh.user} (and root), both without a password`);
    this.log(`key          ${lab.ssh.identityFile}`);
    this.log(`known hosts  ${lab.ssh.knownHosts}`);
    this.log(`free for endpoints  ${Object.values(lab.vips).join(', ')}`);
    this.log(`object store ${lab.objectStore.endpoint} (bucket ${lab.objectStore.bucket})`);
    this.log(`everything   ${lab.document}`);
    return lab;
  }
}
