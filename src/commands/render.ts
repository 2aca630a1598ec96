import { Args, Flags } from '@oclif/core';

import { BaseCommand } from '../base-command.ts';

const GIB = 1024 ** 3;

export default class Render extends BaseCommand<typeof Render> {
  static override summary = 'Write every file that `apply` would put on the hosts, without touching a host.';
  static override description =
    'Sizes in postgresql.conf depend on the hardware; give it with the flags, since no host is asked. Files with secrets are written with mode 0600.';
  static override examples = ['<%= config.bin %> render out', '<%= config.bin %> render out --memory-gib 64 --cpus 16'];
  static override args = {
    directory: Args.string({ description: 'Where to write: DIRECTORY/HOST/PATH.', required: true }),
  };
  static override flags = {
    'memory-gib': Flags.integer({ summary: 'Memory of each host.', default: 16, min: 1 }),
    'disk-gib': Flags.integer({ summary: 'Disk of each host.', default: 200, min: 1 }),
    cpus: Flags.integer({ summary: 'Cores of each host.', default: 4, min: 1 }),
  };

  async run(): Promise<{ files: string[] }> {
    const { render } = await import('../operations/render.ts');
    const files = await render(this.flags.config, this.args.directory, {
      memoryBytes: this.flags['memory-gib'] * GIB,
      diskBytes: this.flags['disk-gib'] * GIB,
      cpuCount: this.flags.cpus,
    });
    this.log(files.join('\n'));
    return { files };
  }
}
