import { z } from 'zod';

import { sh } from '../host/command.ts';
import type { Host, Reader } from '../host/host.ts';
import { parseJson } from '../host/parse-json.ts';
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

const pastSchema = z.object({ at: z.iso.datetime(), changes: z.array(z.string()), result: z.string() });

/** When a host was changed so, and it went well: the times (ISO 8601) of the entries that have this change. */
export async function timesOfChange(reader: Reader, change: string): Promise<string[]> {
  const found = await reader.read(sh`grep -aF -- ${JSON.stringify(change)} ${AUDIT_FILE}`);
  return found.stdout.split('\n').flatMap((line) => {
    const entry = parseJson(pastSchema, line);
    return entry?.result === 'ok' && entry.changes.includes(change) ? [entry.at] : [];
  });
}
