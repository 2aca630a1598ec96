import { lastLine } from '../host/text.ts';
import type { CopyMeter } from './copy-meter.ts';

/** What pgBackRest's log of a backup or a restore is read for. */
interface FilesLog {
  /** Its last lines, at level `detail`: one for each file, with the share of all bytes that is there by then. */
  readonly log: string;
  /** Of all files; undefined when it is not known. */
  readonly totalBytes: number | undefined;
}

/** How far the files of a backup are, as `42 % of 1.2 GB, 310 MB/s, 2s left`; undefined when the last line is of no file. */
export function filesLine({ log, totalBytes }: FilesLog, meter: CopyMeter, atMs: number): string | undefined {
  const [, percent] = /(?:backup|restore) file .*\([^()]*, (\d+(?:\.\d+)?)%\)/u.exec(lastLine(log)) ?? [];
  if (percent === undefined) return undefined;
  if (totalBytes === undefined) return meter.shareLine(Number(percent), atMs);
  const streamedBytes = (totalBytes * Number(percent)) / 100;
  return meter.line({ phase: '0 %', totalBytes, streamedBytes }, atMs);
}
