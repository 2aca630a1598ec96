import { createHash } from 'node:crypto';

import { sh } from '../host/command.ts';
import type { Reader } from '../host/host.ts';
import { APPLIED_FILE } from '../spec/layout.ts';
import type { Spec } from '../spec/schema.ts';

/** A file as pgscale wrote it. */
export interface WrittenFile {
  readonly path: string;
  readonly content: string;
}

/** What has become of what the last run wrote on a host. */
export interface AppliedReport {
  /** Of the spec that was applied; undefined when no run has come to its end here. */
  readonly specDigest: string | undefined;
  /** Files that are gone or have another content than the last run gave them. */
  readonly changedFiles: readonly string[];
}

const SPEC_LINE = /^# spec ([0-9a-f]{64})$/mu;
const FAILED_LINE = /^(.+): FAILED(?: open or read)?$/u;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Of what a spec means: comments and the order of its keys do not count. Pure. */
export function specDigest(spec: Spec): string {
  return sha256(JSON.stringify(spec, sortedKeys));
}

function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * What the end of a run leaves on a host, so that `status` can tell what has changed since without making all files anew:
 * the digest of the spec, and of each file in the format of sha256sum(1). Pure.
 */
export function appliedRecord(spec: Spec, files: readonly WrittenFile[]): string {
  const lines = files.map(({ path, content }) => `${sha256(content)}  ${path}`).toSorted();
  return [`# spec ${specDigest(spec)}`, ...lines, ''].join('\n');
}

/** The record as it is on a host; undefined where there is none. */
export async function readAppliedRecord(reader: Reader): Promise<string | undefined> {
  return (await reader.readFile(APPLIED_FILE))?.content;
}

/** Compares the files of a host with its record, on the host. */
export async function readApplied(reader: Reader): Promise<AppliedReport> {
  // sha256sum skips lines that begin with # and complains of others on stderr; its exit status says only that some differ.
  const answer = await reader.read(
    sh`head -n 1 ${APPLIED_FILE} 2>/dev/null && sha256sum --check --quiet ${APPLIED_FILE} 2>/dev/null; true`,
  );
  return appliedReport(answer.stdout);
}

/** Pure. @param answer first line of the record, then what sha256sum has to say */
export function appliedReport(answer: string): AppliedReport {
  const changedFiles = answer.split('\n').flatMap((line) => FAILED_LINE.exec(line)?.[1] ?? []);
  return { specDigest: SPEC_LINE.exec(answer)?.[1], changedFiles };
}
