import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { Observation } from './decide.ts';
import { isPostgresOf, postmasterPid, processState } from '../postgres-processes.ts';

/** Watches the postmaster of a data directory. */
export class PostmasterProbe {
  readonly #dataDirectory: string;
  /** The last one that was seen running: a pid file of before the boot says nothing. */
  #seen: number | undefined;

  constructor(dataDirectory: string) {
    this.#dataDirectory = dataDirectory;
  }

  /** Costs a few reads of /proc. */
  read(): Observation['postmaster'] {
    const pid = postmasterPid(this.#dataDirectory);
    if (pid === undefined) return 'stopped';
    if (processState(pid) !== undefined && isPostgresOf(pid, this.#dataDirectory)) {
      this.#seen = pid;
      return 'running';
    }
    return pid === this.#seen ? 'crashed' : 'stopped';
  }

  isStandby(): boolean {
    return existsSync(join(this.#dataDirectory, 'standby.signal'));
  }
}
