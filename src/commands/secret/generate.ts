import { BaseCommand } from '../../base-command.ts';

/** `pgscale secret generate`. */
export default class SecretGenerate extends BaseCommand<typeof SecretGenerate> {
  static override summary = 'Make the secrets that the spec needs and that are not in the secrets file yet.';
  static override description =
    'Leaves every secret that is there, and every comment, as it is. Shows names, never values.';

  async run(): Promise<unknown> {
    const [{ loadSpec }, { ensureSecrets }] = await Promise.all([
      import('../../spec/load.ts'),
      import('../../spec/secret/ensure.ts'),
    ]);
    const { path, generated, missing } = await ensureSecrets(this.flags.config, await loadSpec(this.flags.config));
    this.log(generated.length === 0 ? `${path}: nothing to make.` : `${path}: made ${generated.join(', ')}.`);
    if (missing.length > 0) this.log(`Put in yourself what nobody can make up: ${missing.join(', ')}.`);
    return { path, generated, missing };
  }
}
