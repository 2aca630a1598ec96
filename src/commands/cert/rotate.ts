import { Flags } from '@oclif/core';

import { BaseCommand } from '../../base-command.ts';
import type { Rotated } from '../../operations/certificates/rotate.ts';

/** `pgscale cert rotate`. */
export default class CertRotate extends BaseCommand<typeof CertRotate> {
  static override summary =
    'Give every host a new key and certificate; nothing is restarted and no client sees an error.';
  static override description =
    'One host after the other; goes on when every process of a host was seen with the new certificate. May be cut off and run again.';
  static override examples = ['<%= config.bin %> cert rotate', '<%= config.bin %> cert rotate --yes --json'];
  static override flags = {
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
    'lock-wait': Flags.string({ summary: 'How long to wait for another run to end.', default: '0s', helpValue: '10m' }),
  };

  async run(): Promise<Rotated> {
    const [{ withLockedCluster }, { rotateCertificates }, { interruptible }, { parseDurationMs }, { progressStyle }] =
      await Promise.all([
        import('../../operations/locked-cluster.ts'),
        import('../../operations/certificates/rotate.ts'),
        import('../../run/signals.ts'),
        import('../../spec/duration.ts'),
        import('../../run/task-list.ts'),
      ]);
    const [{ confirmed }, { duration }] = await Promise.all([
      import('../../ui/prompts.ts'),
      import('../../ui/time.ts'),
    ]);
    using interrupt = interruptible(() => process.stderr.write('\nstopping; press Ctrl-C again to end at once\n'));
    const lock = {
      specPath: this.flags.config,
      command: 'cert rotate',
      lockWaitMs: parseDurationMs(this.flags['lock-wait']),
    };
    const result = await withLockedCluster(lock, (session) =>
      rotateCertificates(session, {
        confirm: (hosts) => confirmed(this.flags.yes, `Issue the certificates of ${hosts.join(', ')} again?`),
        run: { style: progressStyle(this.jsonEnabled()), signal: interrupt.signal },
      }),
    );
    this.log(
      `New certificates on ${result.hosts.join(', ')}, held by every process, in ${duration(result.durationMs)}.`,
    );
    return result;
  }
}
