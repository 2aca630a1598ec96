import type { ExitName } from '../exit-status.ts';

/** What `pgscale explain CODE` says about an error, and the exit status that the error gives. */
export interface CatalogueEntry {
  readonly exit: ExitName;
  /** One line: what happened. */
  readonly title: string;
  /** Why it happens, for somebody who has never seen it. */
  readonly why: string;
  /** What to do about it, with commands to type. */
  readonly fix: string;
}
