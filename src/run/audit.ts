import { sh } from '../host/command.ts';
import type { Host } from '../host/host.ts';
import { AUDIT_FILE, LOG_DIRECTORY } from '../spec/layout.ts';

/** One line of the audit log that every host keeps of what pgscale did to it. Never holds a secret. */
export interface AuditEntry {
  at: string;
  by: string;
  command: string;
  planDigest?: string;
  changes: readonly string[];
  result: 'ok' | 'failed' | 'interrupted';
  error?: string;
  durationMs: number;
}

/** Appends to the audit log of a host. */
export async function appendAudit(host: Host, entry: AuditEntry): Promise<void> {
  await host.run(sh`umask 027; mkdir -p ${LOG_DIRECTORY} && cat >>${AUDIT_FILE}`, {
    stdin: `${JSON.stringify(entry)}\n`,
  });
}
