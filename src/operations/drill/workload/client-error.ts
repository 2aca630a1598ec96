import { messageOf } from '../../../errors/message.ts';

/** What a client was told instead of an answer: when (ms since 1970), and which kind of error it was. */
export interface ClientError {
  readonly atMs: number;
  readonly kind: string;
}

const LONGEST_KIND = 90;

/** A kind groups errors that differ only in numbers and addresses: SQLSTATE or system error code, then the message. Pure. */
export function errorKind(error: unknown): string {
  const message = messageOf(error);
  const code = (error as { code?: unknown } | null)?.code;
  const text = message
    .replaceAll(/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/gu, '<address>')
    .replaceAll(/\d+/gu, 'N')
    .replace(/\n.*/su, '')
    .slice(0, LONGEST_KIND);
  return typeof code === 'string' && !message.includes(code) ? `${code} ${text}` : text;
}

/** How often each kind came, the most frequent first. Pure. */
export function countKinds(errors: readonly ClientError[]): { kind: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const { kind } of errors) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => ({ kind, count })).sort((a, b) => b.count - a.count);
}
