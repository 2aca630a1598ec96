import { Flags } from '@oclif/core';

import { BaseCommand } from '../base-command.ts';
import { PgscaleError } from '../errors/pgscale-error.ts';
import type { Initialised } from '../operations/init.ts';
import type { SpecDraft } from '../spec/written.ts';

/** `pgscale init`. */
export default class Init extends BaseCommand<typeof Init> {
  static override summary = 'Write the spec and the secrets of a new cluster, by questions or by flags.';
  static override description = `Asks on a terminal, unless --cluster and --host are given; without one it asks nothing.
Writes the spec (--config), the secrets beside it (0600) and a line in .gitignore. Never overwrites a file, and contacts
no host but to test the SSH connection when asked to.`;
  static override examples = [
    '<%= config.bin %> init',
    '<%= config.bin %> init --cluster orders --user ops --host pg1=10.20.0.11,zone=a --host pg2=10.20.0.12,zone=b --host pg3=10.20.0.13,zone=c --database app',
    '<%= config.bin %> init --cluster orders --host pg1=10.20.0.11 --vip primary=10.20.0.10 --backup type=s3,bucket=orders,endpoint=s3.example --secret repository.accessKey=env:KEY --secret repository.secretKey=file:secret.txt',
  ];

  static override flags = {
    cluster: Flags.string({ summary: 'Name of the cluster.' }),
    host: Flags.string({
      summary: 'A host: NAME=ADDRESS[,zone=Z][,roles=database+dcs+proxy][,sshAddress=A].',
      multiple: true,
    }),
    user: Flags.string({ summary: 'SSH user: root, or one with sudo without a password.' }),
    'ssh-port': Flags.integer({ summary: 'SSH port.' }),
    identity: Flags.string({ summary: 'SSH private key.' }),
    'known-hosts': Flags.string({ summary: 'File of known host keys.' }),
    'proxy-jump': Flags.string({ summary: '[USER@]HOST[:PORT] of a jump host.' }),
    synchronous: Flags.integer({ summary: 'How many standbys confirm a commit.', min: 0 }),
    vip: Flags.string({ summary: 'Floating address of an endpoint: primary=A, replica=A, pool=A.', multiple: true }),
    'endpoint-host': Flags.string({ summary: 'Name of an endpoint for clients: primary=NAME …', multiple: true }),
    'endpoint-port': Flags.string({ summary: 'Port of an endpoint: primary=PORT …', multiple: true }),
    database: Flags.string({ summary: 'A database to make.' }),
    owner: Flags.string({ summary: 'The role that owns it; default: named like the database.' }),
    profile: Flags.option({
      summary: 'How fast a failure is noticed.',
      options: ['fast', 'normal', 'wan'] as const,
    })(),
    backup: Flags.string({
      summary: 'Backup repository, as KEY=VALUE[,KEY=VALUE]: type=s3,bucket=B,endpoint=E,region=R,uriStyle=path …',
      multiple: true,
    }),
    secret: Flags.string({
      summary:
        'Where a secret is: NAME=env:VAR, NAME=file:PATH or NAME=cmd:COMMAND, as in repository.accessKey=env:KEY.',
      multiple: true,
    }),
  };

  async run(): Promise<Initialised> {
    const [{ init, requireNew }, { draftFromFlags, missingFlags, secretsFromFlags }] = await Promise.all([
      import('../operations/init.ts'),
      import('../operations/init/flags.ts'),
    ]);
    const specPath = this.flags.config;
    await requireNew(specPath);
    const missing = missingFlags(this.flags);
    const known = { draft: draftFromFlags(this.flags), secrets: secretsFromFlags(this.flags) };
    const answers = missing.length === 0 ? known : await this.ask(known.draft, missing);
    const written = await init({ specPath, ...answers });
    this.log(summary(written));
    return written;
  }

  private async ask(known: SpecDraft, missing: readonly string[]) {
    const { canAsk } = await import('../ui/prompts.ts');
    if (this.jsonEnabled() || !canAsk()) {
      throw new PgscaleError('PGS_USAGE', {
        what: `missing: ${missing.join(', ')}`,
        why: 'There is no terminal to ask on, so the flags have to say it.',
        next: ['pgscale init --help'],
      });
    }
    const { askInit, askWhetherToWrite } = await import('../ui/init/questions.ts');
    const { initText } = await import('../operations/init.ts');
    const { tryDraft } = await import('../operations/try-connection.ts');
    const answers = await askInit(known, tryDraft);
    const text = initText(this.flags.config, answers.draft);
    if (await askWhetherToWrite(this.flags.config, text)) return answers;
    throw new PgscaleError('PGS_NOT_CONFIRMED', { what: 'nothing was written', next: ['pgscale init'] });
  }
}

function summary({ spec, secrets, missingSecrets }: Initialised): string {
  const lines = [`${spec} and ${secrets} are written; the secrets are yours alone (0600) and git ignores them.`];
  if (missingSecrets.length > 0)
    lines.push(`Put into ${secrets} what nobody can make up: ${missingSecrets.join(', ')}.`);
  lines.push('Next: pgscale check, then pgscale apply.');
  return lines.join('\n');
}
