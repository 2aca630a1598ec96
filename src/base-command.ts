import { Command, Flags, type Interfaces } from '@oclif/core';
import { ExitError } from '@oclif/core/errors';
import chalk, { chalkStderr } from 'chalk';

import { EXIT_STATUS, type ExitName } from './errors/exit-status.ts';
import { normalise } from './errors/normalise.ts';
import { PgscaleErrors } from './errors/pgscale-error.ts';
import { errorJson, renderError } from './errors/render.ts';
import { envelope } from './ui/json.ts';

type FlagsOf<T extends typeof Command> = Interfaces.InferredFlags<(typeof BaseCommand)['baseFlags'] & T['flags']>;
type ArgsOf<T extends typeof Command> = Interfaces.InferredArgs<T['args']>;

/**
 * What every command has in common: `--config`, `--json`, `--no-color`, parsed `flags` and `args`, and errors that tell
 * what to do next. A command returns what `--json` prints, which makes exactly one document on stdout; everything else
 * (progress, prose) goes to stderr or through `this.log`, which is silent under `--json`.
 *
 * Import what is heavy (ssh2, pg, listr2, prompts, and the operations that need them) with `await import()` in `run`.
 *
 * @example class Plan extends BaseCommand<typeof Plan> { async run() { return plan(this.flags.config); } }
 */
export abstract class BaseCommand<T extends typeof Command> extends Command {
  static override enableJsonFlag = true;

  static override baseFlags = {
    config: Flags.string({
      char: 'c',
      summary: 'The spec of the cluster.',
      env: 'PGSCALE_CONFIG',
      default: './pgscale.yaml',
      helpGroup: 'GLOBAL',
    }),
    'no-color': Flags.boolean({
      summary: 'No colours; NO_COLOR in the environment does the same.',
      helpGroup: 'GLOBAL',
    }),
  };

  protected flags!: FlagsOf<T>;
  protected args!: ArgsOf<T>;

  /** Parses the command line into `flags` and `args`. */
  override async init(): Promise<void> {
    await super.init();
    if (this.argv.includes('--no-color')) process.env.NO_COLOR = '1';
    if (process.env.NO_COLOR) chalk.level = chalkStderr.level = 0;
    const { args, flags } = await this.parse({
      flags: this.ctor.flags,
      baseFlags: BaseCommand.baseFlags,
      enableJsonFlag: this.ctor.enableJsonFlag,
      args: this.ctor.args,
      strict: this.ctor.strict,
    });
    this.flags = flags as FlagsOf<T>;
    this.args = args as ArgsOf<T>;
  }

  /** Ends the command, when it is through, with a status other than 0 that is no error: degraded, changes pending. */
  protected exitWith(name: ExitName): void {
    process.exitCode = EXIT_STATUS[name].status;
  }

  /** Prints an error for a person (stderr) or a program (stdout), and sees to the exit status. */
  override async catch(thrown: Error): Promise<void> {
    if (thrown instanceof ExitError) throw thrown;
    const errors = normalise(thrown, (this.id ?? '').replaceAll(':', ' '));
    const [first] = errors;
    process.exitCode = first.exitCode;
    if (this.jsonEnabled()) {
      this.logJson(envelope(errorJson(errors)));
      return;
    }
    process.stderr.write(`${errors.map(renderError).join('\n\n')}\n`);
    if (process.env.DEBUG) process.stderr.write(`${thrown.stack ?? ''}\n`);
    const error = errors.length === 1 ? first : new PgscaleErrors(errors);
    error.skipOclifErrorHandling = true;
    throw error;
  }

  protected override toSuccessJson(result: unknown): unknown {
    return envelope(result);
  }
}
