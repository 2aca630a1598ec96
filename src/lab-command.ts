import { type Command, Flags } from '@oclif/core';

import { BaseCommand } from './base-command.ts';

/** What the `lab` commands have in common: which lab, and progress on stderr. */
export abstract class LabCommand<T extends typeof Command> extends BaseCommand<T> {
  static override flags = {
    name: Flags.string({ char: 'n', summary: 'The name of the lab.', default: 'lab', env: 'PGSCALE_LAB' }),
  };

  /** Tells the person who waits what is being done; on stderr, so that `--json` stays one document. */
  protected readonly progress = (line: string): void => {
    process.stderr.write(`${line}\n`);
  };
}
