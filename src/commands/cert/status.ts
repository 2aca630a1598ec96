import { BaseCommand } from '../../base-command.ts';
import type { CertificateStatus } from '../../operations/certificates/status.ts';

/** A host that is gone must not hold up the picture of the others. */
const LOGIN_MS = 4000;

/** `pgscale cert status`. */
export default class CertStatus extends BaseCommand<typeof CertStatus> {
  static override summary =
    'Show every certificate, how long it is good for, and whether the running processes hold it.';
  static override description =
    'Each process is asked by a TLS handshake (HAProxy on its socket), so that a file that nobody has read yet does not pass for done. Exit status 3 when a certificate ends within 30 days, is of another CA or is not held.';
  static override examples = ['<%= config.bin %> cert status', '<%= config.bin %> cert status --json'];

  async run(): Promise<CertificateStatus> {
    const { openCluster } = await import('../../operations/cluster-session.ts');
    const { readCertificateStatus } = await import('../../operations/certificates/status.ts');
    const { renderCertificates } = await import('../../ui/certificates.ts');
    const session = { specPath: this.flags.config, tolerate: true, connectDeadlineMs: LOGIN_MS };
    await using cluster = await openCluster(session);
    const status = await readCertificateStatus(cluster);
    this.log(renderCertificates(status));
    if (status.problems.length > 0) this.exitWith('degraded');
    return status;
  }
}
