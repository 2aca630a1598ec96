import { Flags } from '@oclif/core';

import { BaseCommand } from '../base-command.ts';
import type { Destruction } from '../operations/destroy.ts';

export default class Destroy extends BaseCommand<typeof Destroy> {
  static override summary = 'Undo what `apply` made: services, configuration and the data of the cluster.';
  static override description = 'Asks for the name of the cluster to be typed. Packages stay installed.';
  static override examples = [
    '<%= config.bin %> destroy',
    '<%= config.bin %> destroy --yes --cluster orders',
    '<%= config.bin %> destroy --keep-data',
  ];
  static override flags = {
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask; needs --cluster.', dependsOn: ['cluster'] }),
    cluster: Flags.string({ summary: 'The name of the cluster to destroy.', helpValue: 'NAME' }),
    'keep-data': Flags.boolean({ summary: 'Leave the data directories of PostgreSQL where they are.' }),
    'lock-wait': Flags.string({ summary: 'How long to wait for another run to end.', default: '0s', helpValue: '10m' }),
  };

  async run(): Promise<Destruction> {
    const [{ destroy }, { interruptible }, { parseDurationMs }, { progressStyle }] = await Promise.all([
      import('../operations/destroy.ts'),
      import('../run/signals.ts'),
      import('../spec/duration.ts'),
      import('../run/task-list.ts'),
    ]);
    using interrupt = interruptible(() => process.stderr.write('\nstopping; press Ctrl-C again to end at once\n'));
    const result = await destroy({
      specPath: this.flags.config,
      keepData: this.flags['keep-data'],
      lockWaitMs: parseDurationMs(this.flags['lock-wait']),
      confirm: (what) => this.confirm(what),
      run: { style: progressStyle(this.jsonEnabled()), signal: interrupt.signal },
    });
    this.log(`Cluster ${result.cluster} is gone from ${result.hosts.join(', ') || 'no host (none had it)'}.`);
    return result;
  }

  private async confirm({ cluster, hosts, dataDirectory }: Destruction): Promise<void> {
    const data =
      dataDirectory === undefined ? 'The data stays.' : `All data in ${dataDirectory} on these hosts is deleted.`;
    process.stderr.write(`This removes cluster ${cluster} from ${hosts.join(', ')}. ${data}\n`);
    const { confirmedByName } = await import('../ui/prompts.ts');
    await confirmedByName(this.flags, cluster);
  }
}
