import type { Command } from '@oclif/core';

import { BaseCommand } from './base-command.ts';

/** A command whose steps are lines of JSON under `--json`, as they happen (`eventRun`). */
export abstract class EventCommand<T extends typeof Command> extends BaseCommand<T> {
  /** The result is one more line, after those of the steps. */
  override logJson(json: unknown): void {
    process.stdout.write(`${JSON.stringify(json)}\n`);
  }
}
